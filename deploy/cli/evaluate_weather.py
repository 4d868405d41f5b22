"""`platestream evaluate --weather`: how much is still read in shade, glare and rain, and from afar."""

from __future__ import annotations

from pathlib import Path

import msgspec
from rich.console import Console
from rich.table import Table

from deploy.accuracy.weather import WeatherFigures, accuracy_of_weather
from deploy.cli.evaluate_reading import measured
from deploy.cli.outputs import writing
from triton_models.training.evaluation.intervals import Rate

WEATHER_REPORT = Path("build/weather.json")


def evaluate_weather(
    console: Console, folder: Path, *, split: str, limit: int | None, repository: Path
) -> None:
    """Print a table and write the figures. Raises as `evaluate_jpeg` does."""
    figures = measured(
        console, folder, split=split, limit=limit, repository=repository, how=accuracy_of_weather
    )
    found = {"split": split, "conditions": figures}
    with writing(WEATHER_REPORT):
        WEATHER_REPORT.write_bytes(msgspec.json.format(msgspec.json.encode(found), indent=1) + b"\n")
    console.print(_table(figures))
    console.print(f"figures in {WEATHER_REPORT}", highlight=False, soft_wrap=True)


def _table(figures: list[WeatherFigures]) -> Table:
    table = Table(
        title=f"drawn over {figures[0].plates} plates (95 % intervals)", box=None, title_justify="left"
    )
    for heading in ("", "found", "read exactly", "accepted", "of these right"):
        table.add_column(heading, justify="right" if heading else "left")
    for each in figures:
        table.add_row(
            each.condition,
            Rate(each.found, each.plates).text(),
            Rate(each.exact, each.plates).text(),
            str(each.accepted),
            Rate(each.accepted_right, each.accepted).text(),
        )
    return table
