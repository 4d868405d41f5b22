"""`platestream down`: ends the local stack; nothing of it is left."""

from __future__ import annotations

import typer

from deploy.cli.environment import state_here


def down() -> None:
    """End everything, also what a killed supervisor left behind."""
    from deploy.local.stack import Stack

    ended = Stack(state_here()).down()
    if ended.was_running:
        typer.echo("the stack is down")
    elif ended.leftovers:
        typer.echo(f"the supervisor was gone already; {ended.leftovers} processes it had left were ended")
    else:
        typer.echo("no stack was running")
