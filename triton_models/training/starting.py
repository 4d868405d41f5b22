"""The small checkpoint that travels with a model: averaged weights in half precision and how they came to be.

A training may start from it; the optimiser and the plan of rates begin anew.
"""

from __future__ import annotations

import pickle
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor

from contracts.errors import Stop
from triton_models.training.checkpoint import write_whole

FILE = "start.pt"


@dataclass(frozen=True)
class Start:
    """`steps` and `seconds` of all trainings before."""

    weights: dict[str, Tensor]
    steps: int
    seconds: float


def write_start(path: Path, weights: Mapping[str, Tensor], *, steps: int, seconds: float) -> None:
    halves = {name: value.half() if value.is_floating_point() else value for name, value in weights.items()}
    write_whole(path, {"averaged": halves, "steps": steps, "seconds": round(seconds, 1)})


def read_start(path: Path) -> Start:
    """Reads what `write_start` wrote.

    Raises:
        Stop: the file is missing or holds something else.
    """
    try:
        kept = torch.load(path, map_location="cpu", weights_only=True)
        weights = {name: value.float() if value.is_floating_point() else value
                   for name, value in kept["averaged"].items()}  # fmt: skip
        return Start(weights, int(kept["steps"]), float(kept["seconds"]))
    except (OSError, pickle.UnpicklingError, KeyError, TypeError, RuntimeError, ValueError) as error:
        raise Stop(f"{path}: no checkpoint to start from ({type(error).__name__})") from error
