"""Capture times: whose clock and how wrong, never backwards, and back on the host's clock after a jump."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.camera.timestamps import (
    CONTAINER_ERROR_MS,
    HOST_ERROR_MS,
    RTCP_ERROR_MS,
    STEP_BACK_SEC,
    Moment,
    Timeline,
)

OPENED = datetime(2026, 3, 1, 6, 30, tzinfo=UTC)
DAY_SEC = 86_400.0


def seconds(value: float) -> timedelta:
    return timedelta(seconds=value)


def at_arrival(timeline: Timeline, media_sec: float | None, arrived_sec: float) -> float:
    """Capture time of a live frame in seconds after the opening."""
    moment = timeline.forward(timeline.observe(media_sec, None, now=OPENED + seconds(arrived_sec)))
    return (moment.at - OPENED).total_seconds()


def test_a_files_frames_are_placed_by_their_media_time_after_the_opening() -> None:
    timeline = Timeline(OPENED, live=False)
    moment = timeline.observe(12.5, None, now=OPENED)
    assert moment == Moment(OPENED + seconds(12.5), "container", None)


def test_a_recording_whose_beginning_is_known_says_how_wrong_that_may_be() -> None:
    timeline = Timeline(OPENED, live=False, recorded=True)
    assert timeline.observe(0.0, None, now=OPENED).error_ms == CONTAINER_ERROR_MS


def test_a_believable_stamp_of_the_camera_wins() -> None:
    timeline = Timeline(OPENED, live=True)
    stamp = OPENED - seconds(0.4)
    assert timeline.observe(3.0, stamp, now=OPENED) == Moment(stamp, "rtcp", RTCP_ERROR_MS)


def test_a_stamp_from_the_future_is_off_by_at_least_that_much() -> None:
    timeline = Timeline(OPENED, live=True)
    moment = timeline.observe(3.0, OPENED + seconds(4), now=OPENED)
    assert (moment.clock, moment.error_ms) == ("rtcp", 4000)


def test_a_camera_whose_clock_is_a_day_off_is_placed_by_the_hosts_clock() -> None:
    timeline = Timeline(OPENED, live=True)
    moment = timeline.observe(3.0, OPENED - timedelta(days=1), now=OPENED + seconds(1))
    assert (moment.at, moment.clock) == (OPENED + seconds(1), "host")


def test_a_clock_at_the_edge_of_what_is_believed_does_not_change_with_every_frame() -> None:
    timeline = Timeline(OPENED, live=True)
    clocks = []
    for number, off_sec in enumerate([29.9, 30.1, 29.9, 30.1, 25.0, 19.0, 29.0]):
        now = OPENED + seconds(number / 25)
        clocks.append(timeline.observe(number / 25, now - seconds(off_sec), now=now).clock)
    assert clocks == ["rtcp", "host", "host", "host", "host", "rtcp", "rtcp"]


def test_a_live_stream_without_stamps_keeps_its_own_spacing() -> None:
    timeline = Timeline(OPENED, live=True)
    first = at_arrival(timeline, 100.0, 1.0)
    second = at_arrival(timeline, 100.2, 1.5)  # arrived late
    assert second - first == pytest.approx(0.2)


def test_the_frame_with_the_least_delay_sets_the_clock_and_delays_count_as_error() -> None:
    timeline = Timeline(OPENED, live=True)
    at_arrival(timeline, 0.0, 1.3)
    assert at_arrival(timeline, 0.2, 1.21) == pytest.approx(1.300001)  # never backwards
    assert at_arrival(timeline, 0.4, 1.60) == pytest.approx(1.41)
    late = timeline.observe(0.6, None, now=OPENED + seconds(1.9))
    assert late.error_ms is not None
    assert late.error_ms > HOST_ERROR_MS


@pytest.mark.parametrize("jump_sec", [DAY_SEC, -DAY_SEC, -2.0, -(2**32) / 90_000, -(2**33) / 90_000])
def test_media_time_that_jumps_or_wraps_is_anchored_anew_and_counted(jump_sec: float) -> None:
    timeline = Timeline(OPENED, live=True)
    for number in range(25):
        at_arrival(timeline, number / 25, number / 25)
    after = [at_arrival(timeline, number / 25 + jump_sec, number / 25) for number in range(25, 50)]
    assert after == pytest.approx([number / 25 for number in range(25, 50)], abs=1e-3)
    assert timeline.jumps == 1


def test_a_stream_that_stamps_every_frame_alike_is_placed_by_the_hosts_clock() -> None:
    timeline = Timeline(OPENED, live=True)
    times = [at_arrival(timeline, 7.0, number / 25) for number in range(50)]
    assert times[-1] == pytest.approx(49 / 25)


def test_frames_in_another_order_are_no_jump() -> None:
    timeline = Timeline(OPENED, live=True)
    for number, media_sec in enumerate([0.0, 0.12, 0.04, 0.08, 0.16]):
        at_arrival(timeline, media_sec, number / 25)
    assert timeline.jumps == 0


def test_a_clock_that_is_set_back_is_followed_and_told_and_jitter_is_neither() -> None:
    timeline = Timeline(OPENED, live=True)
    told, times = [], []
    for off_sec in [0.0, 0.04, -0.9, 0.08, -12.0, -11.96]:
        moment = Moment(OPENED + seconds(off_sec), "rtcp", RTCP_ERROR_MS)
        told.append(timeline.stepped_back_sec(moment))
        times.append((timeline.forward(moment).at - OPENED).total_seconds())
    assert told == pytest.approx([0, 0, 0, 0, 12.08, 0])
    assert times == pytest.approx([0.0, 0.04, 0.040001, 0.08, -12.0, -11.96])


@given(st.lists(st.one_of(st.none(), st.floats(-1e5, 1e5)), max_size=40), st.booleans())
def test_capture_times_always_move_forward_but_where_the_clock_was_set_back(
    media_secs: list[float | None], live: bool
) -> None:
    timeline = Timeline(OPENED, live=live)
    epochs: list[list[datetime]] = [[]]
    for number, media_sec in enumerate(media_secs):
        moment = timeline.observe(media_sec, None, now=OPENED + seconds(0.2 * number))
        back_sec = timeline.stepped_back_sec(moment)
        if back_sec:
            assert epochs[-1][-1] - moment.at == seconds(back_sec) > seconds(STEP_BACK_SEC)
            epochs.append([])
        epochs[-1].append(timeline.forward(moment).at)
    assert all(later > earlier for times in epochs for earlier, later in pairwise(times))
