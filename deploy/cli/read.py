"""`platestream read`: plates in pictures, read in this process; no stack is needed."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray
    from rich.table import Table

    from deploy.reading.answers import PictureAnswer
    from deploy.reading.pictures import PictureFile
    from deploy.reading.reader import PictureReader

_PIPE_WIDTH = 160


def read(
    pictures: Annotated[list[Path], typer.Argument(help="pictures, or folders with pictures at any depth")],
    *,
    as_json: Annotated[bool, typer.Option("--json", help="one line of JSON a picture")] = False,
    draw: Annotated[
        Path | None, typer.Option(help="also write the pictures with what was read into this folder")
    ] = None,
    models: Annotated[
        Path | None, typer.Option(help="another model repository", exists=True, file_okay=False)
    ] = None,
) -> None:
    """Read number plates in pictures."""
    from deploy.reading.pictures import drawing_files, picture_files

    files = picture_files(pictures)
    if not files:
        typer.echo(f"{', '.join(map(str, pictures))}: no pictures there", err=True)
        raise typer.Exit(1)
    drawings = drawing_files(files, draw) if draw is not None else None
    import asyncio

    from deploy.reading.reader import REPOSITORY, PictureReader

    reader = PictureReader(models or REPOSITORY)
    if not asyncio.run(_read_all(reader, files, as_json=as_json, drawings=drawings)):
        raise typer.Exit(1)


async def _read_all(
    reader: PictureReader, files: list[PictureFile], *, as_json: bool, drawings: list[Path] | None
) -> bool:
    """Reads and shows every picture. `drawings`: the file of each one's. False when one was broken."""
    import msgspec
    from rich.console import Console
    from rich.progress import track
    from rich.text import Text

    console = Console(stderr=True)
    answers: list[PictureAnswer] = []
    shown = track(files, "reading", console=console, transient=True, disable=not console.is_terminal)
    for number, file in enumerate(shown):
        answer, picture = await reader.answer(file.path)
        answers.append(answer)
        if as_json:
            sys.stdout.write(msgspec.json.encode(answer).decode() + "\n")
            sys.stdout.flush()
        elif answer.error is not None:
            told = Text(f"{answer.picture}: {answer.error}", style="red")
            console.print(told, soft_wrap=True)
        if drawings is not None and picture is not None:
            _write_drawing(drawings[number], picture, answer)
    await reader.close()
    if not as_json and any(answer.error is None for answer in answers):
        # A file or a pipe has no width of its own.
        Console(width=None if sys.stdout.isatty() else _PIPE_WIDTH).print(_table(answers))
    return all(answer.error is None for answer in answers)


def _write_drawing(target: Path, picture: NDArray[np.uint8], answer: PictureAnswer) -> None:
    from PIL import Image

    from deploy.reading.drawing import drawn

    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(drawn(picture, answer)).save(target, quality=90)
    except OSError as error:
        typer.echo(f"{target}: {error.strerror or error}", err=True)
        raise typer.Exit(1) from error


def _table(answers: list[PictureAnswer]) -> Table:
    from rich.markup import escape
    from rich.table import Table

    table = Table(box=None, pad_edge=False)
    for heading in ("picture", "plate", "confidence", "accepted", "colour", "lines", "format", "vehicle"):
        table.add_column(heading, justify="right" if heading == "confidence" else "left", overflow="fold")
    for answer in answers:
        name = escape(Path(answer.picture).name)
        if answer.error is None and not answer.plates:
            table.add_row(name, "[dim]no plate found[/dim]")
        for plate in answer.plates:
            series = plate.format.series if plate.format.valid else "[dim]irregular[/dim]"
            table.add_row(
                name,
                f"[bold]{plate.text or '-'}[/bold]",
                f"{plate.confidence:.2f}",
                "[green]yes[/green]" if plate.accepted else "[yellow]no[/yellow]",
                plate.colour,
                str(plate.lines),
                series,
                plate.vehicle.kind if plate.vehicle else "[dim]-[/dim]",
            )
            name = ""
    return table
