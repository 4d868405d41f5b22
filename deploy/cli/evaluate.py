"""`platestream evaluate`: labelled pictures through the cascade of `platestream read`, held against truth."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from rich.console import Console
    from rich.progress import Progress

    from deploy.accuracy import Accuracy

_REPORT = Path("build/accuracy.json")


def evaluate(
    *,
    pictures: Annotated[
        Path, typer.Option(help="folder with annotations.jsonl", exists=True, file_okay=False)
    ],
    split: Annotated[str, typer.Option(help="train, val or test")] = "val",
    limit: Annotated[int | None, typer.Option(min=1, help="so many pictures, spread over sources")] = None,
    report: Annotated[Path, typer.Option("--json", help="where figures for machines go")] = _REPORT,
    models: Annotated[
        Path | None, typer.Option(help="another model repository", exists=True, file_okay=False)
    ] = None,
) -> None:
    """Say how much of labelled pictures is read exactly, per source, with how sure that is."""
    import asyncio
    import json

    from rich.console import Console
    from rich.progress import Progress

    from deploy.accuracy import Question, accuracy
    from deploy.reading.reader import REPOSITORY

    console = Console(width=None if sys.stdout.isatty() else 140)
    question = Question(pictures=pictures, split=split, limit=limit, repository=models or REPOSITORY)
    with Progress(console=console, transient=True, disable=not console.is_terminal) as progress:
        found = asyncio.run(accuracy(question, lambda total: _step(progress, total)))
    report.parent.mkdir(parents=True, exist_ok=True)
    report.write_text(json.dumps(found.figures, indent=1) + "\n")
    _show(console, found, report)
    if not found.evaluation.counts["all"].labelled:
        typer.echo(f"{pictures}: no plate with a known text in the split {split}", err=True)
        raise typer.Exit(1)


def _step(progress: Progress, total: int) -> Callable[[], None]:
    task = progress.add_task("reading", total=total)
    return lambda: progress.advance(task)


def _show(console: Console, found: Accuracy, report: Path) -> None:
    from rich.table import Table

    from triton_models.training.evaluate_report import HEADINGS, rows

    whole = Table(title="whole pictures, end to end (95 % intervals)", box=None, title_justify="left")
    for heading in HEADINGS:
        whole.add_column(heading, justify="left" if heading == HEADINGS[0] else "right")
    for row in rows(found.evaluation.counts):
        whole.add_row(*row)
    alone = Table(title="the reader alone, plates framed by labels", box=None, title_justify="left")
    for heading in ("plates of", "plates", "read exactly, %", "characters, %"):
        alone.add_column(heading, justify="left" if heading == "plates of" else "right")
    for name, row in found.figures["characters"].items():
        plates = row["plates"]
        share = f"{100 * plates['rate']:.1f} ({100 * plates['low']:.1f}–{100 * plates['high']:.1f})"
        alone.add_row(name, str(plates["of"]), share, f"{100 * row['characters']:.1f}")
    console.print(whole)
    console.print(alone)
    for item in found.evaluation.skipped[:10]:
        console.print(f"skipped {item.picture}: {item.why}", highlight=False, soft_wrap=True)
    console.print(f"{len(found.evaluation.skipped)} skipped; figures in {report}", highlight=False)
