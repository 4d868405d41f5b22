"""`python -m triton_models.rendering`: films of street cameras, contact sheets of plates and scenes.

Comes in: the command line. Goes out: files, a progress bar, exit status 2 with one line when something
of the installation is missing.
"""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path
from typing import Annotated

import cv2
import numpy as np
import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeRemainingColumn

from contracts.errors import Stop
from triton_models.rendering.demo import demo_cameras
from triton_models.rendering.filming import render_films
from triton_models.rendering.trials import trial_cameras

STREETS = {"demo": demo_cameras, "trials": trial_cameras}

app = typer.Typer(
    add_completion=False, no_args_is_help=True, help="Drawn plates and rendered street cameras."
)


@app.command()
def films(
    out: Annotated[Path, typer.Option(help="Folder; <camera>.mp4 and <camera>.json with the truth")],
    seed: Annotated[int, typer.Option(min=0)] = 1,
    seconds: Annotated[float, typer.Option(min=5)] = 180.0,
    fps: Annotated[float, typer.Option(min=1, max=60)] = 10.0,
    workers: Annotated[int, typer.Option(min=0, help="0: one a core, at most one a film")] = 0,
    streets: Annotated[str, typer.Option(help=f"one of {', '.join(STREETS)}")] = "demo",
) -> None:
    """Render four street cameras, the demo's or harder ones; films that are there already are kept."""
    if streets not in STREETS:
        raise typer.BadParameter(f"--streets {streets}: it can be {' or '.join(STREETS)}")
    cameras = STREETS[streets]()
    workers = min(workers or os.cpu_count() or 1, len(cameras))
    console = Console(stderr=True)
    began = time.monotonic()
    columns = (
        TextColumn("{task.description:<20}"),
        BarColumn(),
        TextColumn("{task.percentage:3.0f} %"),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=console, transient=True) as progress:
        bars: dict[str, TaskID] = {
            camera.id: progress.add_task(camera.place, total=int(np.ceil(seconds * fps)))
            for camera in cameras
        }
        made = render_films(
            cameras, out, seed=seed, seconds=seconds, fps=fps, workers=workers,
            report=lambda camera, frames: progress.update(bars[camera], completed=frames),
        )  # fmt: skip
    fresh = sum(made.values())
    console.print(
        f"{fresh} films rendered in {time.monotonic() - began:.0f} s, {len(made) - fresh} were there: {out}"
    )


@app.command()
def sheet(out: Path, seed: int = 1, rows: int = 12) -> None:
    """A contact sheet of drawn plates as one picture."""
    from triton_models.rendering.sheets import plate_sheet

    _write(out, plate_sheet(np.random.default_rng(seed), rows))


@app.command()
def scenes(out: Path, seed: int = 1, count: int = 12) -> None:
    """A contact sheet of training scenes with their truth drawn in."""
    from triton_models.rendering.sheets import scene_sheet

    _write(out, scene_sheet(np.random.default_rng(seed), count))


def _write(path: Path, picture: np.ndarray[tuple[int, ...], np.dtype[np.uint8]]) -> None:
    if not cv2.imwrite(str(path), np.ascontiguousarray(picture[..., ::-1])):
        raise Stop(f"cannot write {path}")


def main() -> None:
    try:
        app()
    except (Stop, OSError) as error:
        sys.stderr.write(f"{error}\n")
        sys.exit(2)


if __name__ == "__main__":
    main()
