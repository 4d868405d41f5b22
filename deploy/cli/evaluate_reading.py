"""A measurement that reads every picture of a folder in several ways, with its progress shown."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Protocol, TypeVar

import typer
from rich.console import Console
from rich.progress import Progress

from deploy.reading.reader import PictureReader


class _Figures(Protocol):
    @property
    def plates(self) -> int: ...


Figures = TypeVar("Figures", bound=_Figures)
Begin = Callable[[int], Callable[[], None]]
"""Told the number of pictures, gives what is called after each."""
Measure = Callable[[Path, str, int | None, PictureReader, Begin], Awaitable[list[Figures]]]


def measured(
    console: Console, folder: Path, *, split: str, limit: int | None, repository: Path, how: Measure[Figures]
) -> list[Figures]:
    """Raises:
    typer.Exit: there is no plate with a known text.
    """
    figures = asyncio.run(_with_reader(console, folder, split, limit, repository, how))
    if not figures[0].plates:
        typer.echo(f"{folder}: no plate with a known text in the split {split}", err=True)
        raise typer.Exit(1)
    return figures


async def _with_reader(
    console: Console, folder: Path, split: str, limit: int | None, repository: Path, how: Measure[Figures]
) -> list[Figures]:
    reader = PictureReader(repository)
    with Progress(console=console, transient=True, disable=not console.is_terminal) as progress:
        task = progress.add_task("reading", total=None)

        def step() -> None:
            progress.advance(task)

        def begin(total: int) -> Callable[[], None]:
            progress.update(task, total=total)
            return step

        try:
            return await how(folder, split, limit, reader, begin)
        finally:
            await reader.close()
