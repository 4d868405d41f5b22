"""Frames that are read too late are left out until one can begin again."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from ingest.catching_up import LATE_SEC, CatchingUp

LATE = LATE_SEC + 1


def test_frames_in_time_go_on_whatever_they_are() -> None:
    catching_up = CatchingUp()
    assert {catching_up.judge(0.3, key=key, now_sec=1.0) for key in (True, False)} == {"go on"}


def test_after_a_late_frame_the_first_key_frame_in_time_begins_again() -> None:
    catching_up = CatchingUp()
    assert catching_up.judge(LATE, key=False, now_sec=0.0) == "leave out"
    assert catching_up.judge(0.1, key=False, now_sec=0.1) == "leave out"
    assert catching_up.judge(LATE, key=True, now_sec=0.2) == "leave out"
    assert catching_up.judge(0.1, key=True, now_sec=0.3) == "begin again"
    assert catching_up.judge(0.1, key=False, now_sec=0.4) == "go on"


def test_a_camera_that_stays_late_still_gives_a_key_frame_now_and_then() -> None:
    catching_up = CatchingUp()
    frames = [(second, second % 2 == 0) for second in range(31)]
    given_at = [at for at, key in frames if catching_up.judge(LATE, key=key, now_sec=at) == "begin again"]
    assert given_at == [6, 12, 18, 24, 30]


@given(st.lists(st.tuples(st.floats(0, 20), st.booleans(), st.floats(0, 3)), max_size=60))
def test_nothing_is_decoded_that_builds_on_what_was_left_out(
    frames: list[tuple[float, bool, float]],
) -> None:
    catching_up, now_sec, broken = CatchingUp(), 0.0, False
    for late_sec, key, after_sec in frames:
        now_sec += after_sec
        verdict = catching_up.judge(late_sec, key=key, now_sec=now_sec)
        assert verdict != "begin again" or key
        assert verdict != "go on" or not broken
        broken = verdict == "leave out" or (broken and verdict == "go on")
