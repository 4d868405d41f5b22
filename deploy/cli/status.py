"""`platestream status`: how the processes of the local stack are."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from deploy.cli.environment import state_here

SOMETHING_DOWN, NOTHING_RUNS = 1, 3
_PIPE_WIDTH = 160


def status(json: Annotated[bool, typer.Option("--json", help="One JSON document.")] = False) -> None:
    """Show every process. Exit status 0: all ready, 1: not all, 3: no stack runs."""
    import msgspec
    from rich.console import Console

    from deploy.cli.progress import as_table
    from deploy.local.stack import Stack
    from deploy.local.supervision.identity import is_alive

    stack = Stack(state_here())
    found = stack.status()
    if json:
        typer.echo(msgspec.json.encode(found).decode())
    elif found is None or found.supervisor is None:
        processes = found.processes if found else []
        left = [each.name for each in processes if each.identity is not None and is_alive(each.identity)]
        gone = f"the supervisor is gone, and left {', '.join(left)}: `platestream down` ends them"
        typer.echo(gone if left else "no stack is running")
    else:
        # A pipe has no width of its own: a process stays on its line.
        Console(width=None if sys.stdout.isatty() else _PIPE_WIDTH).print(as_table(found))
        typer.echo(f"portal {stack.portal()}" if stack.portal() else "no portal in this stack")
    if found is None or found.supervisor is None:
        raise typer.Exit(NOTHING_RUNS)
    well = found.came_up and all(process.answers for process in found.processes)
    raise typer.Exit(0 if well else SOMETHING_DOWN)
