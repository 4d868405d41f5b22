"""How the reader is trained: a YAML file in, one frozen object out; unknown keys are refused."""

from __future__ import annotations

from pathlib import Path

import msgspec

from contracts.errors import Stop
from triton_models.training.runs.bounds import Count, NotNegative, Positive, Seed, Share, Steps

DEFAULT_SHARES = {
    "drawn": 0.50,
    "india_plates": 0.15,
    "india_bikes_chars": 0.14,
    "india_plate_crops": 0.09,
    "india_trucks": 0.055,
    "india_plate_photos": 0.05,
    "india_riders": 0.015,
}


class CharacterTraining(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`minutes` of training time, or `steps` when given (the same weights every time on one machine)."""

    seed: Seed = 1
    steps: Steps | None = None
    minutes: Positive = 80.0
    batch: Count = 64
    threads: Count = 1
    device: str = "auto"
    """`auto` takes a GPU where one is; or `cpu`, `cuda`, `cuda:1`."""
    bf16: bool = True
    peak_rate: Positive = 1.5e-3
    last_rate: NotNegative = 2e-5
    warmup_steps: Count = 300
    weight_decay: NotNegative = 0.03
    smoothing: Share = 0.02
    early_weight: NotNegative = 0.3
    attention_weight: NotNegative = 0.4
    box_weight: NotNegative = 1.0
    average: Share = 0.998
    checkpoint_seconds: Positive = 180.0
    score_seconds: Positive = 300.0
    hold: NotNegative = 0.0
    """How strongly a training that began with other weights keeps reading real plates as those did."""
    drawn_pool: Count = 4096
    foreign: Share = 0.2
    """Of the drawn plates: other countries'. Who never saw any reads every plate as an Indian one."""
    relettered: Share = 0.5
    """Of the photographed plates: shown with some of their characters exchanged."""
    reshaped: Share = 0.5
    """Of all plates: shown as if lettered by another hand, slanted, uneven, thinner or thicker."""
    weather: Share = 0.35
    """Of all plates: in shade, glare or rain."""
    decorated: Share = 0.4
    """How likely a drawn plate of India has each thing that shops add: a larger number, an emblem, a word."""
    shares: dict[str, NotNegative] = msgspec.field(default_factory=lambda: dict(DEFAULT_SHARES))
    """Share of each source in a batch; `drawn` are rendered plates. Missing sources are left out."""


def read_config(path: Path) -> CharacterTraining:
    try:
        return msgspec.yaml.decode(path.read_bytes(), type=CharacterTraining)
    except (OSError, msgspec.DecodeError, ValueError) as error:
        raise Stop(f"{path}: {error}") from error
