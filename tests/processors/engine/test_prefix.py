"""How far one partition may be acknowledged, in whatever order its messages are done."""

from __future__ import annotations

import random

from hypothesis import given
from hypothesis import strategies as st

from processors.engine.prefix import Prefix


@given(
    offsets=st.lists(st.integers(0, 500), min_size=1, max_size=60, unique=True).map(sorted),
    seed=st.integers(0, 2**32),
)
def test_a_prefix_reaches_exactly_to_its_smallest_unfinished_offset(offsets: list[int], seed: int) -> None:
    prefix, chance = Prefix(), random.Random(seed)
    waiting, begun = list(offsets), set[int]()
    while waiting or begun:
        if waiting and (not begun or chance.random() < 0.5):
            offset = waiting.pop(0)
            assert prefix.begin(offset, 0.0)
            begun.add(offset)
        else:
            offset = chance.choice(sorted(begun))
            assert prefix.finish(offset)
            begun.remove(offset)
        last_begun = offsets[len(offsets) - len(waiting) - 1]
        assert prefix.reached == (min(begun) if begun else last_begun + 1)
        assert prefix.unfinished == len(begun)


@given(again=st.integers(0, 9))
def test_an_offset_that_is_delivered_twice_runs_once(again: int) -> None:
    prefix = Prefix()
    for offset in range(10):
        assert prefix.begin(offset, 0.0)
    assert not prefix.begin(again, 0.0)
    assert prefix.finish(again)
    assert not prefix.finish(again)


@given(
    needed=st.lists(st.integers(0, 400), min_size=1, max_size=9).map(sorted),
    pause_sec=st.sampled_from([0.001, 0.3, 5.0]),
)
def test_when_a_needed_message_began_is_known_to_a_second_and_costs_a_place_a_second(
    needed: list[int], pause_sec: float
) -> None:
    prefix = Prefix()
    for offset in range(401):
        prefix.begin(offset, offset * pause_sec)
        prefix.finish(offset)
        prefix.needed_from = max((bound for bound in needed if bound <= offset), default=0)
        since_sec = prefix.unacknowledged_since_sec
        assert since_sec is not None
        assert since_sec <= prefix.needed_from * pause_sec < since_sec + 1.0
        assert len(prefix._marks) <= 2 + (offset - prefix.needed_from) * min(1.0, pause_sec)
