from __future__ import annotations

from dataclasses import dataclass

import pytest

from triton_models.training.runs.rates import rate_at


@dataclass(frozen=True)
class Some:
    peak_rate: float = 1.0
    last_rate: float = 0.1
    warmup_steps: int = 10


@pytest.mark.parametrize(
    ("step", "done", "rate"),
    [(0, 0.0, 0.1), (4, 0.0, 0.5), (9, 0.0, 1.0), (500, 0.5, 0.55), (1000, 1.0, 0.1), (1001, 1.2, 0.1)],
)
def test_a_rate_rises_to_its_peak_and_falls_to_the_last(step: int, done: float, rate: float) -> None:
    assert rate_at(Some(), step=step, done=done) == pytest.approx(rate)
