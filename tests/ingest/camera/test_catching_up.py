"""Frames that stay late are left out until one can begin again."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from ingest.camera.catching_up import LATE_SEC, PATIENCE_SEC, WITHOUT_KEY_SEC, CatchingUp, Verdict

LATE = LATE_SEC + 1


def left_out(at_sec: float = 0.0) -> CatchingUp:
    """It has just begun to leave frames out."""
    catching_up = CatchingUp()
    assert catching_up.judge(LATE, key=False, now_sec=at_sec - PATIENCE_SEC) == "go on"
    assert catching_up.judge(LATE, key=False, now_sec=at_sec) == "leave out"
    return catching_up


def test_frames_in_time_go_on_whatever_they_are() -> None:
    catching_up = CatchingUp()
    assert {catching_up.judge(0.3, key=key, now_sec=1.0) for key in (True, False)} == {"go on"}


def test_what_was_held_up_for_a_moment_is_decoded_as_it_comes() -> None:
    catching_up = CatchingUp()
    for moment in (0.0, 60.0):
        held_up = [catching_up.judge(LATE, key=False, now_sec=moment + each / 100) for each in range(100)]
        assert set(held_up) == {"go on"}
        assert catching_up.judge(0.1, key=False, now_sec=moment + 1.0) == "go on"


def test_once_frames_are_left_out_the_first_key_frame_in_time_begins_again() -> None:
    catching_up = left_out()
    assert catching_up.judge(0.1, key=False, now_sec=0.1) == "leave out"
    assert catching_up.judge(LATE, key=True, now_sec=0.2) == "leave out"
    assert catching_up.judge(0.1, key=True, now_sec=0.3) == "begin again"
    assert catching_up.judge(0.1, key=False, now_sec=0.4) == "go on"


def test_a_camera_that_stays_late_still_gives_a_key_frame_now_and_then() -> None:
    catching_up = left_out()
    frames = [(second, second % 2 == 0) for second in range(31)]
    given_at = [at for at, key in frames if catching_up.judge(LATE, key=key, now_sec=at) == "begin again"]
    assert given_at == [6, 12, 18, 24, 30]


def test_a_stream_without_key_frames_begins_again_once_it_is_in_time() -> None:
    catching_up = left_out()
    waits = [catching_up.judge(0.1, key=False, now_sec=at) for at in range(1, int(WITHOUT_KEY_SEC))]
    assert set(waits) == {"leave out"}
    assert catching_up.judge(0.1, key=False, now_sec=WITHOUT_KEY_SEC) == "begin again"
    assert catching_up.judge(0.1, key=False, now_sec=WITHOUT_KEY_SEC + 0.1) == "go on"


@given(st.lists(st.tuples(st.floats(0, 20), st.booleans(), st.floats(0, 3)), max_size=60))
def test_after_something_was_left_out_nothing_goes_on_before_it_began_again(
    frames: list[tuple[float, bool, float]],
) -> None:
    catching_up, now_sec = CatchingUp(), 0.0
    last: Verdict = "go on"
    for late_sec, key, after_sec in frames:
        now_sec += after_sec
        verdict = catching_up.judge(late_sec, key=key, now_sec=now_sec)
        assert not (last == "leave out" and verdict == "go on")
        assert verdict != "begin again" or key or late_sec <= LATE_SEC
        last = verdict
