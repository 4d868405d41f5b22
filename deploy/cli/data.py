"""`platestream data`: what a folder of labelled pictures holds, and what in it looks wrong."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from rich.console import Console
    from rich.progress import Progress

    from deploy.accuracy.labelled_data import DataReport

_BUILD = Path("build")
_NAMED = 5


def data(
    pictures: Annotated[
        Path,
        typer.Argument(help="folder with annotations.jsonl and the pictures", exists=True, file_okay=False),
    ],
    *,
    report: Annotated[Path, typer.Option("--json", help="where figures for machines go")] = _BUILD
    / "data.json",
    sheet: Annotated[Path, typer.Option(help="where some pictures of each source go, with labels")] = _BUILD
    / "data.jpg",
    suspects: Annotated[
        Path | None,
        typer.Option(help="also list labels of train and val that the reader is sure are wrong, here"),
    ] = None,
    models: Annotated[
        Path | None, typer.Option(help="another model repository", exists=True, file_okay=False)
    ] = None,
) -> None:
    """Check labelled pictures: files, boxes, texts, copies across splits, and labels that look wrong."""
    from rich.console import Console

    from deploy.accuracy.labelled_data import write_sheet
    from deploy.cli.outputs import check_writable, writing

    console = Console(width=None if sys.stdout.isatty() else 140)
    check_writable(report, sheet, *([] if suspects is None else [suspects]))
    found = _looked(console, pictures, suspects, models)
    with writing(sheet):
        write_sheet(sheet, found.sheet)
    with writing(report):
        report.write_text(json.dumps(found.figures(), indent=1) + "\n")
    _show(console, found)
    console.print(f"figures in {report}, pictures in {sheet}", highlight=False, markup=False, soft_wrap=True)
    if suspects is not None:
        console.print(
            f"{len(found.suspects)} suspect labels in {suspects}",
            highlight=False,
            markup=False,
            soft_wrap=True,
        )


def _looked(console: Console, pictures: Path, suspects: Path | None, models: Path | None) -> DataReport:
    import asyncio

    from rich.progress import Progress

    from deploy.accuracy.labelled_data import looked_through, suspect_labels
    from deploy.cli.outputs import writing
    from deploy.reading.reader import REPOSITORY
    from triton_models.training.labels.suspects import write_suspects

    with Progress(console=console, transient=True, disable=not console.is_terminal) as progress:
        found = looked_through(pictures, lambda total: _step(progress, total))
        if suspects is not None:
            found.suspects = asyncio.run(suspect_labels(pictures, models or REPOSITORY))
            with writing(suspects):
                write_suspects(suspects, found.suspects)
    return found


def _step(progress: Progress, total: int) -> Callable[[], None]:
    task = progress.add_task("looking", total=total)
    return lambda: progress.advance(task)


def _show(console: Console, found: DataReport) -> None:
    from rich.markup import escape
    from rich.table import Table

    from triton_models.training.labels.checks import KINDS

    figures = found.figures()
    table = Table(title=f"{len(found.notes.pictures)} pictures", box=None, title_justify="left")
    for heading in ("source", "train", "val", "test", "plates", "with text", "two lines", "vehicles"):
        table.add_column(heading, justify="left" if heading == "source" else "right")
    for source, row in figures["sources"].items():
        splits = [str(row["pictures"].get(split, 0)) for split in ("train", "val", "test")]
        counts = [str(row[key]) for key in ("plates", "with_text", "two_lines", "vehicles")]
        table.add_row(escape(source), *splits, *counts)
    console.print(table)
    for line in found.notes.skipped[:_NAMED]:
        console.print(f"damaged: {line.picture}: {line.why}", highlight=False, markup=False, soft_wrap=True)
    for kind in KINDS:
        of_kind = [each for each in found.findings if each.kind == kind]
        console.print(f"{kind}: {len(of_kind)}", highlight=False)
        for each in of_kind[:_NAMED]:
            console.print(f"  {each.picture}: {each.what}", highlight=False, markup=False, soft_wrap=True)
