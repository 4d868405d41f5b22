"""`platestream up`: starts the local stack and returns when everything is ready."""

from __future__ import annotations

import signal
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from deploy.cli.environment import state_here
from deploy.local.options import EVERYTHING, INGEST, PORT_NAMES, PREFERRED_PORTAL_PORT, Options, parse_ports

if TYPE_CHECKING:
    from deploy.local.stack import Stack

PORT_HELP = f"NAME=NUMBER, NAME one of {', '.join(PORT_NAMES)}; ports that are not named are found free."
CAMERAS_HELP = "Camera file; cameras.yml when that is there."
LOOK_EVERY_SEC = 1.0
ONLY_HELP = f"Run only this one (may be repeated): {', '.join(EVERYTHING)}."


def up(
    port: Annotated[list[str] | None, typer.Option(help=PORT_HELP)] = None,
    cameras: Annotated[Path | None, typer.Option(help=CAMERAS_HELP)] = None,
    only: Annotated[list[str] | None, typer.Option(help=ONLY_HELP)] = None,
    foreground: Annotated[bool, typer.Option(help="Stay, and end the stack on Ctrl-C.")] = False,
) -> None:
    """Start everything and return when it is ready."""
    from deploy.cli.progress import show_start
    from deploy.local.stack import Stack

    options = Options(
        processes=tuple(only) if only else EVERYTHING,
        ports=parse_ports(port or ()),
        cameras=cameras,
        die_with_parent=foreground,
    )
    stack = Stack(state_here(), options)
    with show_start() as progress:
        status = stack.up(progress)
    if INGEST in options.processes and status.find(INGEST) is None:
        typer.echo("no camera is read: there is no camera file (cameras.yml, or --cameras FILE)")
    say_where(stack, options)
    if foreground:
        stay(stack)


def say_where(stack: Stack, options: Options) -> None:
    portal = stack.portal()
    if portal is None:
        return
    if not portal.endswith(f":{PREFERRED_PORTAL_PORT}") and options.wanted_port("webapp.http") is None:
        typer.echo(f"port {PREFERRED_PORTAL_PORT} is in use, so the portal took another")
    typer.echo(f"portal   {portal}")
    sign_in = stack.sign_in()
    if sign_in is not None:
        typer.echo(f"sign in  {sign_in.name} / {sign_in.password}")


def stay(stack: Stack) -> None:
    """Until Ctrl-C or SIGTERM; the stack is ended on the way out, whatever the reason.

    Raises:
        Stop: it was ended from outside.
    """
    waited = {signal.SIGINT, signal.SIGTERM}
    # Before it is said: who answers at once is heard as well.
    signal.pthread_sigmask(signal.SIG_BLOCK, waited)
    try:
        typer.echo("Ctrl-C ends the stack")
        while signal.sigtimedwait(waited, LOOK_EVERY_SEC) is None:
            stack.own_status()
    finally:
        signal.pthread_sigmask(signal.SIG_UNBLOCK, waited)
        stack.down()
