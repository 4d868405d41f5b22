"""`platestream evaluate --jpeg`: the smallest frames that are read as well as the pictures themselves."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path

import msgspec
import typer
from rich.console import Console
from rich.progress import Progress
from rich.table import Table

from deploy.accuracy_of_jpeg import MOST_COST, JpegFigures, accuracy_of_jpeg, smallest
from deploy.cli.outputs import writing
from deploy.reading.reader import PictureReader

JPEG_REPORT = Path("build/jpeg.json")


def evaluate_jpeg(console: Console, folder: Path, *, split: str, limit: int | None, repository: Path) -> None:
    """Print a table and write the figures.

    Raises:
        typer.Exit: there is no plate with a known text.
        Stop: the figures cannot be written.
    """
    figures = asyncio.run(_measured(console, folder, split=split, limit=limit, repository=repository))
    if not figures[0].plates:
        typer.echo(f"{folder}: no plate with a known text in the split {split}", err=True)
        raise typer.Exit(1)
    best = smallest(figures)
    found = {"split": split, "smallest": best, "qualities": figures}
    with writing(JPEG_REPORT):
        JPEG_REPORT.write_bytes(msgspec.json.format(msgspec.json.encode(found), indent=1) + b"\n")
    console.print(_table(figures))
    console.print(
        f"quality {best} is the lowest that costs less than {100 * MOST_COST:g} points;"
        f" figures in {JPEG_REPORT}",
        highlight=False,
        soft_wrap=True,
    )


async def _measured(
    console: Console, folder: Path, *, split: str, limit: int | None, repository: Path
) -> list[JpegFigures]:
    reader = PictureReader(repository)
    with Progress(console=console, transient=True, disable=not console.is_terminal) as progress:
        task = progress.add_task("reading", total=None)

        def step() -> None:
            progress.advance(task)

        def begin(total: int) -> Callable[[], None]:
            progress.update(task, total=total)
            return step

        try:
            return await accuracy_of_jpeg(folder, split, limit, reader, begin)
        finally:
            await reader.close()


def _table(figures: list[JpegFigures]) -> Table:
    table = Table(
        title=f"frames by JPEG quality, {figures[0].plates} looks at plates", box=None, title_justify="left"
    )
    for heading in ("quality", "bits a pixel", "read exactly", "lost", "gained", "accepted and wrong"):
        table.add_column(heading, justify="right")
    for each in figures:
        table.add_row(
            "as it is" if each.quality is None else str(each.quality),
            "–" if each.quality is None else f"{each.bits_per_pixel:.2f}",
            f"{100 * each.exact / each.plates:.2f} %",
            str(each.lost),
            str(each.gained),
            str(each.accepted_wrong),
        )
    return table
