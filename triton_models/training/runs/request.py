"""What `platestream train` asks of a model's training; each model's package has a `train(request)`."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import msgspec

Settings = TypeVar("Settings", bound=msgspec.Struct)


@dataclass(frozen=True, kw_only=True)
class TrainingRequest:
    pictures: Path
    """Folder with `annotations.jsonl`, perhaps `teacher.jsonl`, and the pictures they name."""
    work: Path
    """Where checkpoints and the curve are kept."""
    output: Path
    """The model's folder in a repository: gets `1/model.onnx`, `start.pt`, `card.json` and `CARD.md`; a
    `config.pbtxt` that is there is told the new file's checksum."""
    config: Path | None = None
    """YAML of the model's frozen settings; None takes its defaults."""
    minutes: float | None = None
    """Ends by the clock instead of what the settings say; 0: no step is taken."""
    resume: bool = False
    without: tuple[str, ...] = ()
    """Sources that nothing is learned from, to see what a model makes of pictures unlike its own."""
    leave_out: Path | None = None
    """List of labels that are wrong (`platestream data --suspects`)."""
    start: tuple[Path, ...] = ()
    """Small checkpoints; the training begins with the mean of their weights."""


def lasting(config: Settings, minutes: float | None) -> Settings:
    """The settings with `minutes` instead of what they say; of no steps for 0; unchanged for None."""
    if minutes is None:
        return config
    if minutes == 0:
        return msgspec.structs.replace(config, steps=0)
    return msgspec.structs.replace(config, minutes=minutes, steps=None)
