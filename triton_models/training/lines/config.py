"""How the line reader is trained: a YAML file in, one frozen object out; unknown keys are refused."""

from __future__ import annotations

from pathlib import Path

import msgspec

from contracts.errors import Stop
from triton_models.training.runs.bounds import Count, NotNegative, Positive, Seed, Share, Steps
from triton_models.training.runs.request import lasting

DEFAULT_SHARES = {
    "drawn": 0.45,
    "india_plates": 0.17,
    "india_bikes_chars": 0.15,
    "india_plate_crops": 0.1,
    "india_trucks": 0.06,
    "india_plate_photos": 0.05,
    "india_riders": 0.02,
}


class LineTraining(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`minutes` of training time, or `steps` when given (the same weights every time on one machine)."""

    seed: Seed = 1
    steps: Steps | None = None
    minutes: Positive = 60.0
    batch: Count = 32
    threads: Count = 1
    device: str = "auto"
    """`auto` takes a GPU where one is; or `cpu`, `cuda`, `cuda:1`."""
    bf16: bool = True
    peak_rate: Positive = 4e-4
    last_rate: NotNegative = 1e-5
    warmup_steps: Count = 100
    weight_decay: NotNegative = 0.02
    average: Share = 0.998
    checkpoint_seconds: Positive = 300.0
    drawn_pool: Count = 6000
    foreign: Share = 0.1
    """Of the drawn plates: other countries'."""
    decorated: Share = 0.4
    """How likely a drawn plate of India has each thing that shops add."""
    relettered: Share = 0.5
    """Of the photographed plates: shown with some of their characters exchanged."""
    reshaped: Share = 0.5
    """Of all lines: shown as if lettered by another hand."""
    weather: Share = 0.35
    """Of all lines: in shade, glare or rain."""
    shares: dict[str, NotNegative] = msgspec.field(default_factory=lambda: dict(DEFAULT_SHARES))
    """Share of each source; `drawn` are rendered plates. Missing sources are left out."""


def read_config(path: Path | None, *, minutes: float | None) -> LineTraining:
    """`minutes` instead of what the file says; without a file the defaults.

    Raises:
        Stop: the file is missing, or a key or value is none of those above.
    """
    try:
        config = LineTraining() if path is None else msgspec.yaml.decode(path.read_bytes(), type=LineTraining)
    except (OSError, msgspec.DecodeError, ValueError) as error:
        raise Stop(f"{path}: {error}") from error
    return lasting(config, minutes)
