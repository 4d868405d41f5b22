"""How long a camera is left alone."""

from __future__ import annotations

from ingest.camera.pauses import GOOD_RUN_SEC, LONGEST_REFUSED_PAUSE_SEC, Pauses


def middle(low: float, high: float) -> float:
    return (low + high) / 2


def test_pauses_grow_to_their_limit_and_start_anew_after_a_good_run() -> None:
    pauses = Pauses(jitter=middle)
    assert [pauses.after(ran_sec=0.1, refused=False) for _ in range(5)] == [0.5, 1, 2, 3, 3]
    assert pauses.after(ran_sec=GOOD_RUN_SEC, refused=False) == 0.5


def test_a_refusal_waits_long_at_once_and_ever_longer() -> None:
    pauses = Pauses(jitter=middle)
    waited = [pauses.after(ran_sec=0.1, refused=True) for _ in range(7)]
    assert waited == [30, 60, 120, 240, 480, 600, LONGEST_REFUSED_PAUSE_SEC]


def test_two_cameras_of_one_broken_switch_do_not_come_back_in_step() -> None:
    waits = {Pauses().after(ran_sec=0.1, refused=False) for _ in range(20)}
    assert len(waits) == 20
    assert all(0.4 <= wait <= 0.6 for wait in waits)
