from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from triton_models.training.evaluation.intervals import Rate


@given(st.integers(1, 5000).flatmap(lambda total: st.tuples(st.integers(0, total), st.just(total))))
def test_an_interval_holds_its_rate_and_stays_between_nothing_and_everything(counts: tuple[int, int]) -> None:
    rate = Rate(*counts)
    low, high = rate.interval
    assert rate.value is not None
    assert 0.0 <= low <= rate.value <= high <= 1.0


def test_the_interval_is_wilsons() -> None:
    low, high = Rate(81, 263).interval
    assert (low, high) == pytest.approx((0.2553, 0.3662), abs=5e-5)


def test_without_a_case_there_is_no_rate_and_anything_is_possible() -> None:
    assert Rate(0, 0).value is None
    assert Rate(0, 0).interval == (0.0, 1.0)
    assert Rate(0, 0).text() == "–"
