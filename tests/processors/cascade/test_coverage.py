"""Counters of a minute: what comes late of it is added to what was told before, not told as a new minute."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from contracts.codec import decode
from contracts.messages.coverage import Coverage
from processors.cascade.coverage import CoverageCounters

TEN = datetime(2026, 11, 23, 10, 0, tzinfo=UTC)
LONGEST_IN_KAFKA = timedelta(minutes=16)
"""Retention and open segment of the topic `frames`."""


def told(counters: CoverageCounters, now: datetime) -> list[tuple[str, int, int]]:
    """Camera, processed and shed of each report."""
    reports = [decode(Coverage, each.value) for each in counters.report(now)]
    return [(report.camera, report.processed, report.shed) for report in reports]


def ten_frames_at_ten() -> CoverageCounters:
    counters = CoverageCounters("worker-1")
    for second in range(10):
        counters.processed("gate", TEN + timedelta(seconds=second), TEN + timedelta(seconds=11), plates=0)
    assert told(counters, TEN + timedelta(seconds=12)) == [("gate", 10, 0)]
    return counters


def others_come_until(counters: CoverageCounters, end: datetime) -> None:
    """Frames of another camera, one before each report."""
    now = TEN + timedelta(seconds=12)
    while now < end:
        now += timedelta(seconds=5)
        counters.processed("yard", now, now, plates=0)
        assert [camera for camera, _, _ in told(counters, now)] == ["yard"]


@pytest.mark.parametrize("away", [timedelta(minutes=4), timedelta(hours=3)], ids=str)
def test_frames_shed_after_triton_was_away_are_added_to_their_minute(away: timedelta) -> None:
    counters = ten_frames_at_ten()
    for seconds in range(20, int(away.total_seconds()), 20):
        assert told(counters, TEN + timedelta(seconds=seconds)) == []

    back = TEN + away
    counters.shed("gate", TEN + timedelta(seconds=30), back)
    counters.shed("gate", TEN + timedelta(seconds=31), back)

    assert told(counters, back + timedelta(seconds=5)) == [("gate", 10, 2)]


def test_frames_that_were_shed_are_told_at_once_and_others_every_few_seconds() -> None:
    counters = ten_frames_at_ten()
    counters.processed("gate", TEN + timedelta(seconds=12), TEN + timedelta(seconds=13), plates=0)
    assert told(counters, TEN + timedelta(seconds=13)) == []
    counters.shed("gate", TEN + timedelta(seconds=12), TEN + timedelta(seconds=13))
    assert told(counters, TEN + timedelta(seconds=13)) == [("gate", 11, 1)]
    assert told(counters, TEN + timedelta(seconds=13.5)) == []


def test_frames_that_kafka_still_holds_are_added_to_their_minute_while_others_come() -> None:
    counters = ten_frames_at_ten()
    late = TEN + LONGEST_IN_KAFKA
    others_come_until(counters, late)

    counters.shed("gate", TEN + timedelta(seconds=30), late)

    assert ("gate", 10, 1) in told(counters, late + timedelta(seconds=10))


def test_a_minute_of_which_nothing_can_come_any_more_takes_no_memory() -> None:
    counters = ten_frames_at_ten()
    late = TEN + timedelta(minutes=30)
    others_come_until(counters, late)

    counters.shed("gate", TEN + timedelta(seconds=30), late)

    assert ("gate", 0, 1) in told(counters, late + timedelta(seconds=10))
