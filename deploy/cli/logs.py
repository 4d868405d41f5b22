"""`platestream logs STAGE`: the last lines of a process's log, and those that follow."""

from __future__ import annotations

import codecs
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import typer

from contracts.errors import Stop
from deploy.cli.environment import state_here

LOOK_EVERY_SEC = 0.2


def logs(
    stage: Annotated[str, typer.Argument(help="kafka, triton, postgres, supervisor, a stage …")],
    follow: Annotated[bool, typer.Option("-f", "--follow", help="Go on until Ctrl-C.")] = False,
    lines: Annotated[int, typer.Option("-n", min=0, help="So many of the last lines.")] = 100,
) -> None:
    """Print the log of one process."""
    folder = state_here().logs
    path = folder / f"{stage}.log"
    if not path.is_file():
        names = ", ".join(sorted(found.stem for found in folder.glob("*.log")))
        raise Stop(f"there is no log of {stage}; there are {names or 'none: no stack was started'}")
    written = path.read_bytes()
    text = written.decode(errors="replace").splitlines()
    for line in text[-lines:] if lines else []:
        typer.echo(line)
    if follow:
        try:
            for news in new_text(path, len(written)):
                typer.echo(news, nl=False)
        except KeyboardInterrupt:
            return


def new_text(path: Path, place: int) -> Iterator[str]:
    """What is written after that place; a log that was emptied is read from its beginning."""
    decoder = codecs.getincrementaldecoder("utf-8")("replace")  # a letter's bytes may come one by one
    while True:
        size = path.stat().st_size
        if size < place:
            place = 0
        if size > place:
            with path.open("rb") as handle:
                handle.seek(place)
                found = handle.read()
            place += len(found)
            yield decoder.decode(found)
        else:
            time.sleep(LOOK_EVERY_SEC)
