"""`python -m triton_models.training`: trains one model from a folder of labelled pictures.

Runs in the environment that has PyTorch; `platestream train` starts it there.
"""

from __future__ import annotations

import importlib
import logging
import sys
from pathlib import Path
from typing import Annotated

import typer

from contracts.errors import PlatestreamError, Stop
from triton_models.training.labels.sources import check_without
from triton_models.training.runs.request import TrainingRequest

TRAININGS = {
    "characters": "triton_models.training.characters.run",
    "vehicles": "triton_models.training.vehicles.run",
    "plates": "triton_models.training.plates.run",
    "lines": "triton_models.training.lines.run",
}
READERS = ("characters", "lines")


def train(
    model: str,
    *,
    pictures: Annotated[Path, typer.Option()],
    work: Annotated[Path, typer.Option()],
    output: Annotated[Path, typer.Option()],
    config: Annotated[Path | None, typer.Option()] = None,
    minutes: Annotated[float | None, typer.Option()] = None,
    resume: Annotated[bool, typer.Option()] = False,
    start: Annotated[list[Path] | None, typer.Option()] = None,
    without: Annotated[list[str] | None, typer.Option()] = None,
    leave_out: Annotated[Path | None, typer.Option()] = None,
) -> None:
    logging.basicConfig(level=logging.WARNING, format="%(message)s")
    request = TrainingRequest(
        pictures=pictures,
        work=work,
        output=output,
        config=config,
        minutes=minutes,
        resume=resume,
        start=tuple(start or ()),
        without=tuple(without or ()),
        leave_out=leave_out,
    )
    try:
        if leave_out is not None and model not in READERS:
            raise Stop(f"--leave-out names texts that are wrong: {model} learn no texts")
        check_without(pictures, request.without)
        importlib.import_module(TRAININGS[model]).train(request)
    except PlatestreamError as error:
        print(error, file=sys.stderr)
        raise SystemExit(2) from error
    except KeyboardInterrupt:
        print("stopped; go on with --resume", file=sys.stderr)
        raise SystemExit(130) from None


if __name__ == "__main__":
    typer.run(train)
