"""Expected frames: what the camera should have given, to the frame, whatever happened to it."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.messages.coverage import GapReason
from ingest.camera.ledger import Ledger, Missing

BEGAN = datetime(2026, 3, 1, 6, 29, 30, tzinfo=UTC)


def at(seconds: float) -> datetime:
    return BEGAN + timedelta(seconds=seconds)


def by_reason(missing: list[Missing]) -> Counter[GapReason]:
    found: Counter[GapReason] = Counter()
    for _, reason, frames in missing:
        found[reason] += frames
    return found


def stream(ledger: Ledger, numbers: list[int], rate: float = 25) -> list[Missing]:
    return [missing for number in numbers for missing in ledger.frame(at(number / rate))]


def test_a_stream_without_a_gap_misses_nothing() -> None:
    assert stream(Ledger(BEGAN, rate=25), list(range(1000))) == []


@pytest.mark.parametrize("rate", [1 / 60, 0.5, 12.5, 15.0, 29.97, 60.0])
def test_frames_lost_on_the_way_are_counted_at_any_rate(rate: float) -> None:
    ledger = Ledger(BEGAN, rate=5)
    numbers = [number for number in range(600) if number not in {300, 301, 302, 400}]
    assert by_reason(stream(ledger, numbers, rate)) == {"lost": 4}
    assert ledger.rate == pytest.approx(rate, rel=1e-3)


@pytest.mark.parametrize("order", [(0, 2, 1), (0, 4, 2, 1, 3), (0, 3, 1, 2)])
def test_frames_that_an_encoder_sends_in_another_order_are_no_lost_ones(order: tuple[int, ...]) -> None:
    """Each group begins with the frame that the ones between need: by time it is the last of them."""
    step = len(order) - 1
    sent = [0] + [first + place for first in range(0, 400, step) for place in order[1:]]
    lost = {100, 101, 203}
    ledger = Ledger(BEGAN, rate=5)
    missing = stream(ledger, [number for number in sent if number not in lost], 10)
    missing += ledger.away("stalled", at(max(sent) / 10))
    assert by_reason(missing) == {"lost": len(lost)}
    assert ledger.rate == pytest.approx(10)


def test_time_without_the_camera_is_told_minute_by_minute_with_its_reason() -> None:
    ledger = Ledger(BEGAN, rate=10, fixed=True)
    ledger.frame(at(0))
    missing = ledger.away("stalled", at(20)) + ledger.away("refused", at(100))
    assert missing == [
        (at(-30), "stalled", 200),
        (at(-30), "refused", 100),
        (at(30), "refused", 600),
        (at(90), "refused", 100),
    ]


def test_a_camera_that_comes_back_goes_on_without_counting_anything_twice() -> None:
    ledger = Ledger(BEGAN, rate=10, fixed=True)
    missing = stream(ledger, list(range(100)), 10)
    missing += ledger.away("stalled", at(15))
    missing += ledger.away("connecting", at(20))
    frames = list(range(205, 300))
    missing += stream(ledger, frames, 10)
    assert 100 + len(frames) + by_reason(missing).total() == pytest.approx(300, abs=1)


def test_after_its_clock_was_set_back_a_camera_is_expected_from_where_it_stands() -> None:
    ledger = Ledger(BEGAN, rate=10, fixed=True)
    stream(ledger, list(range(100, 200)), 10)
    ledger.frame(at(2))
    ledger.back_to(at(2))
    missing = stream(ledger, [21, 22, 25, 26], 10)
    missing += ledger.away("stalled", at(5))
    assert by_reason(missing) == {"lost": 2, "stalled": 24}


@given(
    jitter=st.lists(st.floats(-0.2, 0.2), min_size=200, max_size=200),
    lost=st.frozensets(st.integers(60, 190), max_size=30),
)
def test_jitter_makes_no_gaps_and_hides_hardly_any(jitter: list[float], lost: frozenset[int]) -> None:
    """Frames may come a fifth of a period early or late."""
    ledger = Ledger(BEGAN, rate=25, fixed=True)
    missing: list[Missing] = []
    for number in range(200):
        if number not in lost:
            missing += ledger.frame(at((number + jitter[number]) / 25))
    assert by_reason(missing).total() == pytest.approx(len(lost), abs=1)
