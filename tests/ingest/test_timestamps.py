"""Capture times: whose clock, never backwards, and back on the host's clock after a jump."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from ingest.timestamps import Timeline

OPENED = datetime(2026, 3, 1, 6, 30, tzinfo=UTC)


def seconds(value: float) -> timedelta:
    return timedelta(seconds=value)


def test_a_files_frames_are_placed_by_their_media_time_after_the_opening() -> None:
    timeline = Timeline(OPENED, live=False)
    assert timeline.capture_time(12.5, None, now=OPENED) == (OPENED + seconds(12.5), "container")


def test_a_believable_stamp_of_the_camera_wins() -> None:
    timeline = Timeline(OPENED, live=True)
    stamp = OPENED - seconds(0.4)
    assert timeline.capture_time(3.0, stamp, now=OPENED) == (stamp, "rtcp")


def test_a_camera_whose_clock_is_a_day_off_is_placed_by_the_hosts_clock() -> None:
    timeline = Timeline(OPENED, live=True)
    time, clock = timeline.capture_time(3.0, OPENED - timedelta(days=1), now=OPENED + seconds(1))
    assert (time, clock) == (OPENED + seconds(1), "host")


def test_a_live_stream_without_stamps_keeps_its_own_spacing() -> None:
    timeline = Timeline(OPENED, live=True)
    first, _ = timeline.capture_time(100.0, None, now=OPENED + seconds(1.0))
    second, _ = timeline.capture_time(100.2, None, now=OPENED + seconds(1.5))  # arrived late
    assert second - first == seconds(0.2)


def test_media_time_that_jumps_a_day_is_anchored_anew_and_counted() -> None:
    timeline = Timeline(OPENED, live=True)
    timeline.capture_time(5.0, None, now=OPENED + seconds(5))
    time, clock = timeline.capture_time(86_405.2, None, now=OPENED + seconds(5.2))
    assert (time, clock, timeline.jumps) == (OPENED + seconds(5.2), "host", 1)


@given(st.lists(st.one_of(st.none(), st.floats(-1e5, 1e5)), max_size=40), st.booleans())
def test_capture_times_always_move_forward(media_secs: list[float | None], live: bool) -> None:
    timeline = Timeline(OPENED, live=live)
    times = [
        timeline.capture_time(media_sec, None, now=OPENED + seconds(0.2 * number))[0]
        for number, media_sec in enumerate(media_secs)
    ]
    assert all(later > earlier for earlier, later in pairwise(times))
