"""The console script `platestream`: finds a command's file when it is called, tells errors in one line."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Callable, Mapping
from typing import Any, cast

import typer
from typer.core import TyperCommand, TyperGroup

from contracts.errors import PlatestreamError

COMMANDS: Mapping[str, str] = {
    "up": "deploy.cli.up",
    "down": "deploy.cli.down",
    "status": "deploy.cli.status",
    "logs": "deploy.cli.logs",
    "migrate": "deploy.cli.migrate",
    "topics": "deploy.cli.topics",
    "schema": "deploy.cli.schema",
    "users": "deploy.cli.users",
    "cameras": "deploy.cli.cameras",
    "verify": "deploy.cli.verify",
    "replay": "deploy.cli.replay",
    "read": "deploy.cli.read",
    "process": "deploy.cli.process",
    "data": "deploy.cli.data",
    "teach": "deploy.cli.teach",
    "train": "deploy.cli.train",
    "evaluate": "deploy.cli.evaluate",
}
"""Command -> the module that has a function (or a typer app, for several sub-commands) of that name."""


class Commands(TyperGroup):
    """Imports a command's module when it is needed, so that one command does not wait for all others."""

    def list_commands(self, ctx: Any) -> list[str]:  # noqa: ANN401, ARG002 (typer keeps the type to itself)
        return list(COMMANDS)

    def get_command(self, ctx: Any, cmd_name: str) -> TyperCommand | TyperGroup | None:  # noqa: ANN401, ARG002
        if cmd_name not in COMMANDS:
            return None
        found = getattr(importlib.import_module(COMMANDS[cmd_name]), cmd_name)
        command = typer.main.get_command(found if isinstance(found, typer.Typer) else alone(found))
        command.name = cmd_name
        return cast("TyperCommand | TyperGroup", command)


def alone(function: Callable[..., object]) -> typer.Typer:
    single = typer.Typer(add_completion=False)
    single.command()(function)
    return single


commands = typer.Typer(
    cls=Commands, no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False
)


@commands.callback()
def platestream() -> None:
    """Reads the number plates of a city: cameras to Kafka, Triton, the vehicle registry and a portal."""


def app() -> None:
    try:
        commands()
    except PlatestreamError as error:
        sys.exit(f"platestream: {error}")
    except OSError as error:
        if error.filename is None:
            raise
        sys.exit(f"platestream: {error.filename}: {error.strerror}")


if __name__ == "__main__":
    app()
