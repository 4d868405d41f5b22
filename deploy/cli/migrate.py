"""`platestream migrate`: brings a database to this version's schema."""

from __future__ import annotations

import os
from typing import Annotated

import typer

from contracts.errors import Stop
from deploy.cli.environment import state_here

URI_HELP = "PostgreSQL URI; without it PLATESTREAM_DATABASE, else the running local stack."


def migrate(uri: Annotated[str | None, typer.Option(help=URI_HELP)] = None) -> None:
    """Apply the migrations that are missing."""
    from deploy.local.stack import Stack
    from deploy.migrate import migrate as apply

    named = uri or os.environ.get("PLATESTREAM_DATABASE")
    wanted = named or Stack(state_here()).variables().get("PLATESTREAM_DATABASE")
    if not wanted:
        raise Stop("no database is named (--uri, PLATESTREAM_DATABASE) and no local stack has one")
    applied = apply(wanted)
    typer.echo("\n".join(applied) if applied else "nothing was missing")
