"""`platestream teach`: a folder of labelled pictures -> one with another model's vehicles as labels too."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from rich.progress import Progress


def teach(
    pictures: Annotated[
        Path,
        typer.Argument(help="folder with annotations.jsonl and the pictures", exists=True, file_okay=False),
    ],
    output: Annotated[Path, typer.Argument(help="the new folder; its pictures are links")],
    *,
    peers: Annotated[
        Path, typer.Option(help="folder with yolox_nano.onnx, which labels", exists=True, file_okay=False)
    ],
) -> None:
    """Label the vehicles of pictures whose source says nothing of them, to train the vehicle detector."""
    from rich.console import Console
    from rich.progress import Progress

    from triton_models.training.evaluation.peers import vehicle_teacher
    from triton_models.training.labels.annotations import told_of
    from triton_models.training.labels.teaching import teach as taught

    console = Console(width=None if sys.stdout.isatty() else 140)
    with Progress(console=console, transient=True, disable=not console.is_terminal) as progress:
        added, left_out = taught(
            pictures, output, vehicle_teacher(peers), lambda total: _step(progress, total)
        )
    told = f"{added} vehicles in {output / 'teacher.jsonl'}; {told_of(left_out)}"
    console.print(told, markup=False, soft_wrap=True)


def _step(progress: Progress, total: int) -> Callable[[], None]:
    task = progress.add_task("labelling", total=total)
    return lambda: progress.advance(task)
