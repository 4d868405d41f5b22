"""The small checkpoint that travels with a model: averaged weights in half precision and how they came to be.

A training may start from it; the optimiser and the plan of rates begin anew.
"""

from __future__ import annotations

import io
import pickle
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Protocol

import torch
from torch import Tensor, nn

from contracts.errors import Stop
from triton_models.training.runs.request import TrainingRequest
from triton_models.training.runs.resuming import check_same_weights

FILE = "start.pt"


@dataclass(frozen=True)
class Start:
    """`steps` and `seconds` of all trainings before."""

    weights: dict[str, Tensor]
    steps: int
    seconds: float
    whose: str = "the first weights"


@dataclass
class Spent:
    """How far a training has come; `earlier`: in those whose weights it began with."""

    step: int = 0
    seconds: float = 0.0
    done: float = 0.0
    earlier_steps: int = 0
    earlier_seconds: float = 0.0

    @property
    def all_steps(self) -> int:
        return self.earlier_steps + self.step

    @property
    def all_seconds(self) -> float:
        return self.earlier_seconds + self.seconds

    def share_done(self, steps: int | None, minutes: float | None) -> float:
        """Of a training of so many steps, else of so many minutes. One of no steps is done: its weights are
        judged and served as they are."""
        if steps is not None:
            return self.step / steps if steps else 1.0
        return self.seconds / (60.0 * (minutes or 1.0))


class Starting(Protocol):
    """A trainer that has not taken a step yet."""

    def resume(self) -> bool: ...
    def start_from(self, start: Start) -> None: ...


def begun(
    trainer: Starting, request: TrainingRequest, first_weights: Callable[[], nn.Module] | None = None
) -> bool:
    """Goes on from the last checkpoint if that is asked for and there is one (True), else begins with the
    weights that were asked for, else with the model's first ones.

    Raises:
        Stop: what it should begin with is not there.
    """
    if request.resume and trainer.resume():
        return True
    if request.start:
        trainer.start_from(mean_of([read_start(path) for path in request.start]))
    elif first_weights is not None:
        trainer.start_from(Start(first_weights().state_dict(), steps=0, seconds=0.0))
    return False


def mean_of(starts: Sequence[Start]) -> Start:
    """The mean of at least one checkpoint's weights, of trainings that began with the same ones (Wortsman et
    al., "Model soups", 2022), with the steps and seconds of the longest.

    Raises:
        Stop: they are of different networks.
    """
    longest = max(starts, key=lambda start: start.steps)
    for start in starts:
        check_same_weights(longest.weights, start.weights, start.whose, of=longest.whose)
    weights = {
        name: torch.stack([start.weights[name] for start in starts]).mean(0)
        if value.is_floating_point() else value
        for name, value in longest.weights.items()
    }  # fmt: skip
    return replace(longest, weights=weights, whose=", ".join(start.whose for start in starts))


def write_start(path: Path, weights: Mapping[str, Tensor], *, steps: int, seconds: float) -> None:
    kept = {name: value.cpu() for name, value in weights.items()}
    halves = {name: value.half() if value.is_floating_point() else value for name, value in kept.items()}
    content = io.BytesIO()
    torch.save({"averaged": halves, "steps": steps, "seconds": round(seconds, 1)}, content)
    path.write_bytes(content.getvalue())


def read_start(path: Path) -> Start:
    """Reads what `write_start` wrote.

    Raises:
        Stop: the file is missing or holds something else.
    """
    try:
        kept = torch.load(path, map_location="cpu", weights_only=True)
        weights = {name: value.float() if value.is_floating_point() else value
                   for name, value in kept["averaged"].items()}  # fmt: skip
        return Start(weights, int(kept["steps"]), float(kept["seconds"]), str(path))
    except (OSError, pickle.UnpicklingError, KeyError, TypeError, RuntimeError, ValueError) as error:
        raise Stop(f"{path}: no checkpoint to start from ({type(error).__name__})") from error
