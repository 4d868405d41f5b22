"""`platestream train MODEL`: hands the work to the environment that has PyTorch, or says how to get it."""

from __future__ import annotations

import importlib.util
import subprocess
import sys
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

REPOSITORY = Path("triton_models/repository")
TRAINING_PYTHON = Path(".stack/train-env/bin/python")
WORK = Path(".state/training")
_MISSING = "the training parts (PyTorch) are not installed: run `make train-setup` once"


class Model(StrEnum):
    CHARACTERS = "characters"
    VEHICLES = "vehicles"
    PLATES = "plates"
    LINES = "lines"


_SERVED_AS = {
    Model.CHARACTERS: "characters",
    Model.VEHICLES: "vehicle",
    Model.PLATES: "plate",
    Model.LINES: "lines",
}


_Start = Annotated[
    list[Path] | None,
    typer.Option(
        help="begin with the weights of a checkpoint such as a model's start.pt; of several with their mean",
        exists=True,
    ),
]
_Without = Annotated[
    list[str] | None, typer.Option(help="a source that nothing is learned from; may be repeated")
]
_LeaveOut = Annotated[
    Path | None, typer.Option(help="list of wrong labels, from `platestream data --suspects`", exists=True)
]


def train(
    model: Model,
    *,
    pictures: Annotated[
        Path,
        typer.Option(help="folder with annotations.jsonl and the pictures", exists=True, file_okay=False),
    ],
    minutes: Annotated[
        float | None, typer.Option(min=0.0, help="ends by the clock; 0: weights are served as they begin")
    ] = None,
    resume: Annotated[bool, typer.Option(help="go on from the last checkpoint")] = False,
    start: _Start = None,
    without: _Without = None,
    leave_out: _LeaveOut = None,
    config: Annotated[Path | None, typer.Option(help="YAML of the model's settings", exists=True)] = None,
    output: Annotated[Path | None, typer.Option(help="the model's folder in a repository")] = None,
    work: Annotated[Path, typer.Option(help="where checkpoints are kept")] = WORK,
) -> None:
    """Train one of the models from labelled pictures and drawn ones."""
    python = training_python()
    if python is None:
        typer.echo(_MISSING, err=True)
        raise typer.Exit(2)
    command = [
        python, "-m", "triton_models.training", model.value,
        "--pictures", str(pictures),
        "--work", str(work / model.value),
        "--output", str(output or REPOSITORY / _SERVED_AS[model]),
    ]  # fmt: skip
    command += ["--minutes", str(minutes)] if minutes is not None else []
    command += ["--resume"] if resume else []
    command += [word for path in start or () for word in ("--start", str(path))]
    command += [word for source in without or () for word in ("--without", source)]
    command += ["--leave-out", str(leave_out)] if leave_out is not None else []
    command += ["--config", str(config)] if config is not None else []
    raise typer.Exit(subprocess.run(command, check=False).returncode)


def training_python() -> str | None:
    """The interpreter that trains: this one when it has PyTorch, else the one that set-up made for it."""
    if importlib.util.find_spec("torch") is not None:
        return sys.executable
    return str(TRAINING_PYTHON) if TRAINING_PYTHON.exists() else None
