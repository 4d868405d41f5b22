"""Whether a training may go on from a checkpoint: only with the settings and labels that it was begun with.

What may change is how long it lasts, where it computes and how often it notes something: the rates follow
from the share that is done.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec
from torch import Tensor, nn

from contracts.errors import Stop
from triton_models.training.runs.request import TrainingRequest

MAY_CHANGE = frozenset(("minutes", "steps", "device", "threads", "checkpoint_seconds", "score_seconds"))
_NOT_A_SETTING = "not a setting"


def begun_with(config: msgspec.Struct, request: TrainingRequest) -> dict[str, Any]:
    """What must be the same when a training goes on, as a checkpoint keeps it."""
    labels = [request.pictures / name for name in ("annotations.jsonl", "teacher.jsonl")]
    settings = {name: value for name, value in msgspec.to_builtins(config).items() if name not in MAY_CHANGE}
    return {
        **settings,
        "labels": _digest(*labels),
        "without": sorted(request.without),
        "leave_out": _digest(request.leave_out) if request.leave_out is not None else None,
    }


def check_begun_with(path: Path, before: Mapping[str, Any] | None, now: Mapping[str, Any]) -> None:
    """Raises:
    Stop: the checkpoint at `path` was made with other settings.
    """
    if before is None:
        raise Stop(f"{path}: it does not say with which settings it was made; begin anew without --resume")
    for name in sorted({*before, *now}):
        was, is_now = before.get(name, _NOT_A_SETTING), now.get(name, _NOT_A_SETTING)
        if was != is_now:
            raise Stop(
                f"{path}: {name} was {was} when it was begun and is {is_now} now; go on with what it was,"
                " or begin anew without --resume"
            )


def take_weights(network: nn.Module, weights: Mapping[str, Tensor], whose: str) -> None:
    """Raises:
    Stop: they are another network's.
    """
    check_same_weights(network.state_dict(), weights, whose)
    network.load_state_dict(dict(weights))


def check_same_weights(
    mine: Mapping[str, Tensor], weights: Mapping[str, Tensor], whose: str, *, of: str = "here"
) -> None:
    """Raises:
    Stop: `weights` are another network's.
    """
    here = {name: tuple(value.shape) for name, value in mine.items()}
    there = {name: tuple(value.shape) for name, value in weights.items()}
    for name in [*here, *there]:
        if here.get(name) != there.get(name):
            raise Stop(
                f"{whose}: weights of another network: {name} is {_shape(there.get(name))} there and"
                f" {_shape(here.get(name))} {of if of == 'here' else f'in {of}'}"
            )


def _shape(shape: tuple[int, ...] | None) -> str:
    return "missing" if shape is None else " x ".join(map(str, shape)) or "a number"


def _digest(*paths: Path) -> str:
    digest = hashlib.sha256()
    for path in paths:
        digest.update(path.read_bytes() if path.is_file() else b"")
        digest.update(b"\0")
    return digest.hexdigest()[:12]
