"""`platestream topics`: the Kafka topics of the contract, and their settings."""

from __future__ import annotations

import os
from typing import Annotated

import typer

from contracts.errors import Stop, TryAgain
from deploy.cli.environment import state_here

KAFKA_HELP = "host:port; without it PLATESTREAM_KAFKA, else the running local stack."
UPDATE_HELP = (
    "Bring settings of topics that exist to the contract's, also those that were set otherwise by hand."
)


def topics(
    kafka: Annotated[str | None, typer.Option(help=KAFKA_HELP)] = None,
    replicas: Annotated[int, typer.Option(help="Copies of each partition.")] = 1,
    update: Annotated[bool, typer.Option("--update", help=UPDATE_HELP)] = False,
) -> None:
    """Create the topics that are missing, and say where the others have other settings than the contract."""
    from deploy.local.parts.topic_settings import update_settings
    from deploy.local.parts.topics import create_topics, differing_beside
    from deploy.local.stack import Stack

    named = kafka or os.environ.get("PLATESTREAM_KAFKA")
    wanted = named or Stack(state_here()).variables().get("PLATESTREAM_KAFKA")
    if not wanted:
        raise Stop("no broker is named (--kafka, PLATESTREAM_KAFKA) and no local stack has one")
    made = create_topics(wanted, replicas=replicas)
    typer.echo("\n".join(made) if made else "none was missing")
    try:
        differing = differing_beside(wanted, made)
    except (Stop, TryAgain) as error:
        if update:
            raise
        # Who may make topics need not be allowed to see settings.
        typer.echo(f"whether the others have the contract's settings is not known: {error}", err=True)
        return
    for each in update_settings(wanted, differing) if update else differing:
        typer.echo(f"{each}{'; changed' if update else ''}")
