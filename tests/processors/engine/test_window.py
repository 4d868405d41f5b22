"""The window never gives up a message that is not done, whatever the order and whatever happens between."""

from __future__ import annotations

import asyncio
import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from processors.engine.window import Place, Window

GATE: Place = ("frames", 0)
YARD: Place = ("frames", 1)


@settings(max_examples=40, deadline=None)
@given(
    messages=st.integers(1, 60),
    limit=st.integers(1, 12),
    seed=st.integers(0, 2**32),
    kills=st.lists(st.integers(1, 25), max_size=5),
)
def test_killed_at_any_moment_and_started_anew_no_message_is_lost(
    messages: int, limit: int, seed: int, kills: list[int]
) -> None:
    asyncio.run(_kill_and_restart(messages, limit, seed, kills))


async def _kill_and_restart(messages: int, limit: int, seed: int, kills: list[int]) -> None:
    lives = _Lives(messages, limit, random.Random(seed))
    for steps in kills:
        await lives.one(steps)
    await lives.one(None)
    assert lives.done == {(place, offset) for place in (GATE, YARD) for offset in range(messages)}
    assert lives.committed == {GATE: messages, YARD: messages}


class _Lives:
    """A worker that dies and begins again where it had committed."""

    def __init__(self, messages: int, limit: int, chance: random.Random) -> None:
        self._messages = messages
        self._limit = limit
        self._chance = chance
        self.done: set[tuple[Place, int]] = set()
        self.committed: dict[Place, int] = {GATE: 0, YARD: 0}

    async def one(self, steps: int | None) -> None:
        """Dies after so many turns of the loop; with None it works until nothing is left."""
        window = Window(self._limit)
        reading = asyncio.create_task(self._read(window))
        taken = 0
        while not reading.done() and (steps is None or taken < steps):
            await asyncio.sleep(0)
            taken += 1
            assert window.in_flight <= self._limit
            self.committed.update(window.committable())
            for place, offset in self.committed.items():
                assert all((place, before) in self.done for before in range(offset))
        reading.cancel()
        await asyncio.gather(reading, return_exceptions=True)
        self.committed.update(window.committable() if steps is None else {})
        await window.forget(window.places, grace_sec=0)

    async def _read(self, window: Window) -> None:
        left = {place: list(range(offset, self._messages)) for place, offset in self.committed.items()}
        while any(left.values()):
            place = self._chance.choice([place for place, offsets in left.items() if offsets])
            offset = left[place].pop(0)
            assert await window.enter(place, offset)
            window.spawn(place, self._work(window, place, offset))
        await window.settle(within_sec=5)

    async def _work(self, window: Window, place: Place, offset: int) -> None:
        for _ in range(self._chance.randrange(4)):
            await asyncio.sleep(0)
        self.done.add((place, offset))
        window.finish(place, offset)


async def test_a_full_window_makes_the_next_message_wait() -> None:
    window = Window(2)
    assert await window.enter(GATE, 0)
    assert await window.enter(GATE, 1)
    third = asyncio.create_task(window.enter(GATE, 2))
    await asyncio.sleep(0.01)
    assert not third.done()

    window.finish(GATE, 1)

    assert await third
    assert window.committable() == {GATE: 0}


async def test_what_a_stage_still_needs_is_not_acknowledged() -> None:
    window = Window(4)
    for offset in range(3):
        await window.enter(GATE, offset)
        window.finish(GATE, offset)
    window.need_from(GATE, 1)
    assert window.committable() == {GATE: 1}
    window.need_from(GATE, None)
    assert window.committable() == {GATE: 3}


async def test_the_oldest_message_that_is_not_acknowledged_is_one_in_work_or_one_that_is_needed() -> None:
    now = [100.0]
    window = Window(4, now_sec=lambda: now[0])
    assert window.oldest_unacknowledged_sec == 0.0
    for offset in range(600):
        await window.enter(GATE, offset)
        window.finish(GATE, offset)
        window.need_from(GATE, 120)
        now[0] += 0.5
    assert window.oldest_unchanged_sec == 0.0
    assert window.oldest_unacknowledged_sec == pytest.approx(480 * 0.5, abs=1.0)
    window.need_from(GATE, 500)
    assert window.oldest_unacknowledged_sec == pytest.approx(100 * 0.5, abs=1.0)
    window.need_from(GATE, None)
    assert window.oldest_unacknowledged_sec == 0.0

    await window.enter(YARD, 7)
    now[0] += 3.0
    assert window.oldest_unacknowledged_sec == window.oldest_unchanged_sec == 3.0


@settings(deadline=None)
@given(seed=st.integers(0, 2**32))
def test_how_long_a_message_has_been_the_oldest_of_all_partitions_is_known_at_any_time(seed: int) -> None:
    asyncio.run(_begin_finish_and_give_up(random.Random(seed)))


async def _begin_finish_and_give_up(chance: random.Random) -> None:
    now = [0.0]
    window = Window(99, now_sec=lambda: now[0])
    in_work: list[tuple[Place, int]] = []
    next_offset, oldest, since_sec = 0, None, 0.0
    for _ in range(60):
        now[0] += 1.0
        act = chance.random()
        if act < 0.5:
            in_work.append((chance.choice((GATE, YARD)), next_offset))
            await window.enter(*in_work[-1])
            next_offset += 1
        elif act < 0.9 and in_work:
            place, offset = in_work.pop(chance.randrange(len(in_work)))
            window.finish(place, offset)
        elif act > 0.95:
            gone = chance.choice((GATE, YARD))
            await window.forget({gone}, grace_sec=0)
            in_work = [message for message in in_work if message[0] != gone]
        if in_work[:1] != [oldest]:
            oldest, since_sec = next(iter(in_work), None), now[0]
        assert window.in_flight == len(in_work)
        assert window.oldest_unchanged_sec == (now[0] - since_sec if in_work else 0.0)


async def test_a_lost_partition_takes_its_work_with_it() -> None:
    window = Window(4)
    started = asyncio.Event()

    async def endless() -> None:
        started.set()
        await asyncio.sleep(1000)

    await window.enter(GATE, 5)
    await window.enter(YARD, 7)
    task = window.spawn(GATE, endless())
    await started.wait()

    await window.forget({GATE}, grace_sec=0.01)

    assert task.cancelled()
    assert window.committable() == {YARD: 7}
    assert window.in_flight == 1
    window.finish(GATE, 5)  # comes too late and changes nothing
    assert window.in_flight == 1


async def test_a_message_that_waited_for_room_while_its_partition_was_lost_is_dropped() -> None:
    window = Window(1)
    await window.enter(GATE, 0)
    waiting = asyncio.create_task(window.enter(GATE, 1))
    await asyncio.sleep(0)
    await window.forget({GATE}, grace_sec=0)
    assert await waiting is False
    assert window.committable() == {}


async def test_an_error_in_a_task_fails_the_window() -> None:
    window = Window(1)

    async def broken() -> None:
        raise ZeroDivisionError

    window.spawn(GATE, broken())
    with pytest.raises(ZeroDivisionError):
        await window.failed
