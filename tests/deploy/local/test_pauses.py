"""The pause before a restart."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from deploy.local.supervision.pauses import FIRST_SEC, GOOD_RUN_SEC, LONGEST_SEC, Pauses


def after(*runs_sec: float) -> list[float]:
    pauses, result = Pauses(), []
    for ran_sec in runs_sec:
        pauses = pauses.after_run(ran_sec)
        result.append(pauses.pause_sec)
    return result


def test_the_pause_doubles_while_a_process_keeps_dying() -> None:
    assert after(0.1, 0.1, 0.1, 0.1) == [0.5, 1.0, 2.0, 4.0]


def test_a_good_run_makes_the_next_pause_short_again() -> None:
    assert after(0.1, 0.1, 0.1, GOOD_RUN_SEC, 0.1) == [0.5, 1.0, 2.0, FIRST_SEC, 1.0]


@given(st.lists(st.floats(min_value=0, max_value=GOOD_RUN_SEC - 1), min_size=1, max_size=200))
def test_the_pause_never_shrinks_without_a_good_run_and_is_bounded(runs_sec: list[float]) -> None:
    pauses = after(*runs_sec)

    assert pauses == sorted(pauses)
    assert FIRST_SEC <= pauses[-1] <= LONGEST_SEC
