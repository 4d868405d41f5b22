"""`platestream schema`: the topics' contracts as files, for readers in other languages."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def schema(
    folder: Annotated[Path | None, typer.Argument(help="Where to; without it contracts/schema.")] = None,
) -> None:
    """Write JSON Schema of every topic and an AsyncAPI document, made from the message types."""
    from contracts.published.files import FOLDER, write

    for path in write(folder or FOLDER):
        typer.echo(path)
