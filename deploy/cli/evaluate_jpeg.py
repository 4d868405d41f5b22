"""`platestream evaluate --jpeg`: the smallest frames that are read as well as the pictures themselves."""

from __future__ import annotations

from pathlib import Path

import msgspec
from rich.console import Console
from rich.table import Table

from deploy.accuracy.jpeg import MOST_COST, JpegFigures, accuracy_of_jpeg, smallest
from deploy.cli.evaluate_reading import measured
from deploy.cli.outputs import writing

JPEG_REPORT = Path("build/jpeg.json")


def evaluate_jpeg(console: Console, folder: Path, *, split: str, limit: int | None, repository: Path) -> None:
    """Print a table and write the figures.

    Raises:
        typer.Exit: there is no plate with a known text.
        Stop: the figures cannot be written.
    """
    figures = measured(console, folder, split=split, limit=limit, repository=repository, how=accuracy_of_jpeg)
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
