"""A measured figure, the table for people and `build/bench.json` for machines."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Literal

import msgspec
from rich.table import Table

Area = Literal["ingest", "stream", "store", "portal", "models", "passages", "workers"]
AREAS: tuple[Area, ...] = ("models", "ingest", "stream", "store", "portal", "workers", "passages")


class Figure(msgspec.Struct, frozen=True, kw_only=True):
    """`reference` is what the value was compared with, measured in the same run; `goal` says in words
    what is wanted and `holds` whether it was reached. Without a goal the figure is only told."""

    area: Area
    name: str
    value: float
    unit: str
    reference: float | None = None
    goal: str | None = None
    holds: bool | None = None


def at_most(limit: float, value: float) -> tuple[str, bool]:
    """Goal and verdict of a figure that should be small."""
    return f"<= {limit:g}", value <= limit


def at_least(limit: float, value: float) -> tuple[str, bool]:
    """Goal and verdict of a figure that should be large."""
    return f">= {limit:g}", value >= limit


def write_figures(path: Path, figures: Sequence[Figure]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(msgspec.json.format(msgspec.json.encode(list(figures)), indent=2) + b"\n")


def table_of(figures: Sequence[Figure]) -> Table:
    table = Table(title="Measured in this run", title_justify="left")
    for heading in ("area", "figure", "value", "reference", "goal", ""):
        table.add_column(heading, justify="right" if heading in ("value", "reference") else "left")
    for figure in figures:
        table.add_row(
            figure.area,
            figure.name,
            f"{readable(figure.value)} {figure.unit}",
            "" if figure.reference is None else readable(figure.reference),
            figure.goal or "",
            "" if figure.holds is None else ("reached" if figure.holds else "not reached"),
        )
    return table


def readable(value: float) -> str:
    """Three digits that say something, and no powers of ten."""
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"


def percentile(values: Sequence[float], share: float) -> float:
    """The value below which `share` of them lie, by the nearest rank."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]
