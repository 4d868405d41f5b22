"""`platestream topics`: creates the Kafka topics of the contract."""

from __future__ import annotations

import os
from typing import Annotated

import typer

from contracts.errors import Stop
from deploy.cli.environment import state_here

KAFKA_HELP = "host:port; without it PLATESTREAM_KAFKA, else the running local stack."


def topics(
    kafka: Annotated[str | None, typer.Option(help=KAFKA_HELP)] = None,
    replicas: Annotated[int, typer.Option(help="Copies of each partition.")] = 1,
) -> None:
    """Create the topics that are missing."""
    from deploy.local.stack import Stack
    from deploy.local.topics import create_topics

    named = kafka or os.environ.get("PLATESTREAM_KAFKA")
    wanted = named or Stack(state_here()).variables().get("PLATESTREAM_KAFKA")
    if not wanted:
        raise Stop("no broker is named (--kafka, PLATESTREAM_KAFKA) and no local stack has one")
    made = create_topics(wanted, replicas=replicas)
    typer.echo("\n".join(made) if made else "none was missing")
