"""How fast a training learns at each of its steps: slowly at first, then along half a cosine down to the last
rate (Loshchilov and Hutter, "SGDR", 2017, without restarts)."""

from __future__ import annotations

import math
from typing import Protocol


class Rates(Protocol):
    @property
    def peak_rate(self) -> float: ...
    @property
    def last_rate(self) -> float: ...
    @property
    def warmup_steps(self) -> int: ...


def rate_at(rates: Rates, *, step: int, done: float) -> float:
    """`done`: the share of the training, 0 to 1; beyond its end the last rate."""
    warm = min(1.0, (step + 1) / rates.warmup_steps)
    wave = 0.5 * (1.0 + math.cos(math.pi * min(1.0, done)))
    return warm * (rates.last_rate + (rates.peak_rate - rates.last_rate) * wave)
