"""`platestream cameras check`: what the cameras of a camera file send."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from contracts.errors import Stop

if TYPE_CHECKING:
    from rich.table import Table

    from ingest.examine import Examined

AT_ONCE = 8
_PIPE_WIDTH = 160
"""Where nobody sees an edge, reasons stay on one line."""

cameras = typer.Typer(no_args_is_help=True, help="The cameras of a camera file.")

CamerasFile = Annotated[
    Path | None, typer.Option("--cameras", help="Camera file; cameras.yml when that is there.")
]


@cameras.callback()
def _cameras() -> None:
    """The cameras of a camera file."""


@cameras.command()
def check(
    file: CamerasFile = None,
    only: Annotated[list[str] | None, typer.Option(help="A camera's id; may be given again.")] = None,
    seconds: Annotated[float, typer.Option(help="How long each camera is read.")] = 3.0,
    pictures: Annotated[Path | None, typer.Option(help="Folder for one picture of each.")] = None,
    json: Annotated[bool, typer.Option("--json", help="One JSON document.")] = False,
) -> None:
    """Connect to each camera: codec, size, rate, clock, a picture. Exit status 1 when one gives nothing."""
    from contracts.cameras import read_cameras
    from deploy.local.planning import default_cameras
    from ingest.camera.life import open_source
    from ingest.examine import examine

    path = file or default_cameras(os.environ)
    if path is None:
        raise Stop("there is no camera file (cameras.yml, or --cameras FILE)")
    listed = read_cameras(path, environment=os.environ)
    wanted = [camera for camera in listed if not only or camera.id in only]
    unknown = {*(only or [])} - {camera.id for camera in listed}
    if unknown:
        raise Stop(f"camera file {path} has no camera {', '.join(sorted(unknown))}")
    with ThreadPoolExecutor(AT_ONCE) as pool:
        found = list(pool.map(lambda each: examine(each, open_source(each), seconds=seconds), wanted))
    if pictures is not None:
        _write_pictures(pictures, found)
    _show(found, json=json)
    raise typer.Exit(1 if any(each.problem for each in found) else 0)


def _show(found: Sequence[Examined], *, json: bool) -> None:
    import msgspec
    from rich.console import Console

    if json:
        told = [{**msgspec.to_builtins(each), "picture": each.picture is not None} for each in found]
        typer.echo(msgspec.json.format(msgspec.json.encode(told)).decode())
    else:
        Console(width=None if sys.stdout.isatty() else _PIPE_WIDTH).print(_as_table(found))


def _write_pictures(folder: Path, found: Sequence[Examined]) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for each in found:
            if each.picture is not None:
                (folder / f"{each.camera}.jpg").write_bytes(each.picture)
    except OSError as error:
        raise Stop(f"pictures {folder}: {error.strerror}") from error


def _as_table(found: Sequence[Examined]) -> Table:
    from rich.markup import escape
    from rich.table import Table

    table = Table("camera", "source", "codec", "size", "frames/s", "clock", "opened", "")
    for each in found:
        size = f"{each.width} x {each.height}" if each.width else ""
        rate = "" if each.frames_per_second is None else f"{each.frames_per_second:.1f}"
        error = "" if each.clock_error_ms is None else f" ± {each.clock_error_ms} ms"
        opened = "" if each.opened_after_sec is None else f"{each.opened_after_sec:.1f} s"
        verdict = "[green]well[/green]" if each.problem is None else f"[red]{escape(each.problem)}[/red]"
        table.add_row(
            each.camera,
            escape(each.source),
            each.codec or "",
            size,
            rate,
            f"{each.clock or ''}{error}",
            opened,
            verdict,
        )
    return table
