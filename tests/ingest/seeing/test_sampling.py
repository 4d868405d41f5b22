"""Sampling: the wanted rate from any rate, evenly, without bursts after a gap."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.seeing.sampling import Sampler

START = datetime(2026, 3, 1, 6, 30, tzinfo=UTC)


def taken(frames_per_second: float, times_sec: list[float]) -> list[float]:
    sampler = Sampler(frames_per_second)
    return [time_sec for time_sec in times_sec if sampler.wants(START + timedelta(seconds=time_sec))]


@pytest.mark.parametrize(
    ("wanted", "given_rate", "expected"),
    [
        (5, 25, 50),  # every fifth
        (5, 15, 50),  # every third
        (4, 30, 40),  # no whole ratio
        (10, 10, 100),  # all
        (25, 10, 100),  # no more than there are
    ],
)
def test_ten_seconds_give_the_wanted_number_of_frames(wanted: int, given_rate: int, expected: int) -> None:
    times = [number / given_rate for number in range(10 * given_rate)]
    assert abs(len(taken(wanted, times)) - expected) <= 1


def test_jitter_of_a_tenth_of_a_period_costs_no_frame() -> None:
    times = [number / 5 + (0.02 if number % 2 else -0.02) for number in range(50)]
    assert len(taken(5, times)) == 50


def test_after_a_gap_there_is_no_burst() -> None:
    times = [0.0, 0.2, *(10.0 + number / 25 for number in range(25))]
    assert len([time for time in taken(5, times) if time >= 10]) == 5


@given(st.lists(st.floats(0.001, 3.0), min_size=1, max_size=200))
def test_never_more_than_the_wanted_rate(gaps_sec: list[float]) -> None:
    times = [sum(gaps_sec[: number + 1]) for number in range(len(gaps_sec))]
    assert len(taken(5, times)) <= 5 * (times[-1] - times[0]) * 1.18 + 2
