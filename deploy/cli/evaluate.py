"""`platestream evaluate`: labelled pictures through the cascade of `platestream read`, held against truth."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

if TYPE_CHECKING:
    from rich.console import Console
    from rich.progress import Progress
    from rich.table import Table

    from deploy.accuracy.pictures import Accuracy, Question

_REPORT = Path("build/accuracy.json")
_DRAWN = 60
"""Scenes drawn where there are no labelled pictures."""


_Page = Annotated[Path | None, typer.Option("--html", help="the page for people; else beside the figures")]
_Jpeg = Annotated[
    bool, typer.Option("--jpeg", help="instead, how much frames may be compressed (build/jpeg.json)")
]
_Weather = Annotated[
    bool, typer.Option("--weather", help="instead, what is read in drawn shade and rain (build/weather.json)")
]


def evaluate(
    *,
    pictures: Annotated[
        Path | None,
        typer.Option(
            help="folder with annotations.jsonl; drawn scenes without it", exists=True, file_okay=False
        ),
    ] = None,
    split: Annotated[Literal["train", "val", "test"], typer.Option()] = "val",
    limit: Annotated[int | None, typer.Option(min=1, help="so many pictures, spread over sources")] = None,
    report: Annotated[Path, typer.Option("--json", help="where figures for machines go")] = _REPORT,
    page: _Page = None,
    peers: Annotated[
        Path | None,
        typer.Option(help="folder with others' models, measured beside ours", exists=True, file_okay=False),
    ] = None,
    models: Annotated[
        Path | None, typer.Option(help="another model repository", exists=True, file_okay=False)
    ] = None,
    jpeg: _Jpeg = False,
    weather: _Weather = False,
) -> None:
    """Say how much of labelled pictures is read exactly, per source, with how sure that is."""
    from rich.console import Console

    from deploy.accuracy.pictures import Question
    from deploy.reading.reader import REPOSITORY

    console = Console(width=None if sys.stdout.isatty() else 140)
    page = page or report.with_suffix(".html")
    instead = _instead(jpeg=jpeg, weather=weather)
    _check_outputs(report, page, instead=instead and instead[0])
    folder = pictures or _drawn(console, limit or _DRAWN)
    repository = models or REPOSITORY
    if instead is not None:
        instead[1](console, folder, split=split, limit=limit, repository=repository)
        return
    question = Question(pictures=folder, split=split, limit=limit, repository=repository, peers=peers)
    _evaluate(console, question, report, page)


def _instead(*, jpeg: bool, weather: bool) -> tuple[Path, Callable[..., None]] | None:
    """What is measured instead of the shipped models' accuracy, and where its figures go."""
    from deploy.cli.evaluate_jpeg import JPEG_REPORT, evaluate_jpeg
    from deploy.cli.evaluate_weather import WEATHER_REPORT, evaluate_weather

    if jpeg and weather:
        raise typer.BadParameter("not together with --jpeg", param_hint="--weather")
    if jpeg:
        return JPEG_REPORT, evaluate_jpeg
    return (WEATHER_REPORT, evaluate_weather) if weather else None


def _check_outputs(report: Path, page: Path, *, instead: Path | None) -> None:
    """Measuring takes long, and what cannot be written then is lost."""
    from deploy.cli.outputs import check_writable

    if instead is None and report.absolute() == page.absolute():
        raise typer.BadParameter(f"{report} cannot hold the figures and the page", param_hint="--html")
    check_writable(*((instead,) if instead else (report, page)))


def _evaluate(console: Console, question: Question, report: Path, page: Path) -> None:
    from deploy.accuracy.page import write_page
    from deploy.cli.outputs import writing

    found = _measured(console, question)
    with writing(report):
        report.write_text(json.dumps(found.figures, indent=1) + "\n")
    with writing(page):
        write_page(page, found.figures, found.evaluation.outcomes, question.pictures)
    _show(console, found, report, page)
    sentence = f"{question.pictures}: no plate with a known text in the split {question.split}"
    _refuse_nothing(found, sentence)


def _refuse_nothing(found: Accuracy, sentence: str) -> None:
    if not found.evaluation.counts["all"].labelled:
        typer.echo(sentence, err=True)
        raise typer.Exit(1)


def _measured(console: Console, question: Question) -> Accuracy:
    import asyncio

    from rich.progress import Progress

    from deploy.accuracy.pictures import accuracy

    with Progress(console=console, transient=True, disable=not console.is_terminal) as progress:
        return asyncio.run(accuracy(question, lambda total: _step(progress, total)))


def _drawn(console: Console, count: int) -> Path:
    from rich.progress import Progress

    from deploy.accuracy.drawn import draw_pictures
    from deploy.cli.outputs import writing

    folder = _REPORT.parent / "pictures"
    with Progress(console=console, transient=True, disable=not console.is_terminal) as progress:
        task = progress.add_task("drawing scenes", total=count)
        with writing(folder):
            return draw_pictures(folder, count, lambda: progress.advance(task))


def _step(progress: Progress, total: int) -> Callable[[], None]:
    task = progress.add_task("reading", total=total)
    return lambda: progress.advance(task)


def _show(console: Console, found: Accuracy, report: Path, page: Path) -> None:
    from rich.table import Table

    from triton_models.training.evaluation.report import HEADINGS, rows

    whole = Table(title="whole pictures, end to end (95 % intervals)", box=None, title_justify="left")
    for heading in HEADINGS:
        whole.add_column(heading, justify="left" if heading == HEADINGS[0] else "right")
    for row in rows(found.evaluation.counts):
        whole.add_row(*row)
    console.print(whole)
    console.print(_goals(found.figures["goals"]))
    for model, by_source in found.figures["alone"].items():
        console.print(_alone(model, by_source))
    for item in found.evaluation.skipped[:10]:
        console.print(f"skipped {item.picture}: {item.why}", highlight=False, markup=False, soft_wrap=True)
    console.print(
        f"{len(found.evaluation.skipped)} skipped; figures in {report}, page in {page}",
        highlight=False,
        markup=False,
        soft_wrap=True,
    )


def _goals(goals: list[dict[str, Any]]) -> Table:
    from rich.table import Table

    table = Table(title="goals", box=None, title_justify="left")
    for heading in ("of", "aim, %", "found, %", ""):
        table.add_column(heading, justify="right" if heading.endswith("%") else "left")
    for goal in goals:
        value = "–" if goal["value"] is None else f"{100 * goal['value']:.1f}"
        table.add_row(
            goal["name"], f"{100 * goal['goal']:.1f}", value, "reached" if goal["holds"] else "not reached"
        )
    return table


def _alone(model: str, by_source: dict[str, dict[str, Any]]) -> Table:
    """One model by itself: its own measures as columns."""
    from rich.table import Table

    table = Table(title=f"{model} alone, one look", box=None, title_justify="left")
    columns = list(dict.fromkeys(key for row in by_source.values() for key in row))
    table.add_column("source or class")
    for column in columns:
        table.add_column(column.replace("_", " "), justify="right")
    for name, row in by_source.items():
        table.add_row(name, *(_cell(row.get(column)) for column in columns))
    return table


def _cell(value: Any) -> str:  # noqa: ANN401 (a figure of any kind)
    if not isinstance(value, dict):
        return "–" if value is None else str(value)
    if value["rate"] is None:
        return "–"
    share, low, high = (100 * value[key] for key in ("rate", "low", "high"))
    return f"{share:.1f} % ({low:.1f}–{high:.1f}) of {value['of']}"
