"""When an ordered stage may take it for silence that nothing comes."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import pytest

from processors.engine.drivers.ordered import OrderedDriver
from tests.processors.engine.drivers.visits import Visits
from tests.processors.engine.fakes import TOPIC, Broker, Log, Settled, a_desk, a_message

PLACE = (TOPIC, 0)
NOON = datetime(2026, 11, 30, 12, tzinfo=UTC)


@dataclass
class Clocked:
    """A driver whose clock says what it is told, and which has read the first message of its partition."""

    log: Log = field(default_factory=lambda: Log({PLACE: 1}))
    shown_sec: float = 0.0

    def __post_init__(self) -> None:
        self.broker, self.stage = Broker(), Visits()
        self.desk = a_desk(self.broker, log=self.log)
        self.driver = OrderedDriver(self.stage, self.desk, Settled(), now=self._now)

    def _now(self) -> datetime:
        return NOON + timedelta(seconds=self.shown_sec)

    async def reads(self, offset: int, value: bytes) -> None:
        await self.driver.put(a_message(offset, value=value))
        assert await self.desk.window.settle(within_sec=5)

    async def is_silent_at(self, shown_sec: float) -> bool:
        """Whether the stage is told of silence by this second's tick."""
        self.shown_sec, self.stage.at_next_tick = shown_sec, ("silence",)
        await self.driver.tick({PLACE})
        await asyncio.sleep(0.01)
        return not self.stage.at_next_tick


@pytest.fixture
async def clocked() -> Clocked:
    clocked = Clocked()
    await clocked.reads(0, b"a+")
    return clocked


async def test_after_it_stood_still_silence_is_thought_of_only_once_it_has_read_what_came(
    clocked: Clocked,
) -> None:
    assert [await clocked.is_silent_at(second) for second in (0.0, 1.0)] == [True, True]
    clocked.log.at[PLACE] = 3

    assert not await clocked.is_silent_at(13.6)
    await clocked.reads(1, b"b+")
    assert [await clocked.is_silent_at(13.6 + second) for second in range(1, 90)] == [False] * 89
    await clocked.reads(2, b"b-")
    assert await clocked.is_silent_at(104.0)
    assert clocked.log.asked == 1


async def test_what_is_written_after_it_woke_is_not_waited_for(clocked: Clocked) -> None:
    """Of a busy partition the end is never reached."""
    assert await clocked.is_silent_at(0.0)
    assert not await clocked.is_silent_at(13.6)
    for second in range(1, 12):
        clocked.log.at[PLACE] = 1 + 100 * second
        silent = await clocked.is_silent_at(13.6 + second)
    assert silent


async def test_until_it_can_have_heard_that_its_partitions_are_others_it_says_nothing(
    clocked: Clocked,
) -> None:
    seconds = (0.0, 13.6, *(13.6 + second for second in range(1, 12)))
    silent = [second for second in seconds if await clocked.is_silent_at(second)]
    assert silent == [0.0, 23.6, 24.6]


async def test_while_kafka_does_not_say_what_came_there_is_no_silence_for_a_minute(clocked: Clocked) -> None:
    assert await clocked.is_silent_at(0.0)
    clocked.log.away = True
    assert [await clocked.is_silent_at(13.0 + second) for second in range(0, 32, 4)] == [False] * 8
    clocked.log.away = False
    assert await clocked.is_silent_at(44.0)

    clocked.log.away = True
    assert [await clocked.is_silent_at(60.0 + second) for second in range(0, 64, 4)] == [False] * 15 + [True]


async def test_an_answer_during_which_it_stood_still_again_is_too_old(clocked: Clocked) -> None:
    def stands_still() -> None:
        clocked.shown_sec += 12.0
        clocked.log.at[PLACE] = 2

    assert await clocked.is_silent_at(0.0)
    clocked.log.meanwhile = stands_still
    assert not await clocked.is_silent_at(13.6)
    clocked.log.meanwhile = lambda: None
    assert [await clocked.is_silent_at(second) for second in (26.6, 30.0, 34.0)] == [False] * 3
    await clocked.reads(1, b"a-")
    assert await clocked.is_silent_at(37.0)


async def test_a_clock_that_goes_wrong_and_is_put_right_holds_silence_up_for_seconds_alone(
    clocked: Clocked,
) -> None:
    shown = (0.0, 3601.0, *(2.0 + second for second in range(11)))
    assert [second for second in shown if await clocked.is_silent_at(second)] == [0.0, 12.0]


async def test_a_partition_that_is_not_read_to_its_end_does_not_hold_up_the_others(clocked: Clocked) -> None:
    other = (TOPIC, 1)
    await clocked.driver.put(a_message(0, partition=1, value=b"x+"))
    assert await clocked.desk.window.settle(within_sec=5)
    clocked.log.at |= {PLACE: 1, other: 7}
    for shown_sec in (0.0, 13.6, 16.0, 20.0):
        assert await clocked.is_silent_at(shown_sec) is (shown_sec == 0.0)
    assert await clocked.is_silent_at(24.0)


async def test_of_a_partition_that_is_being_given_up_silence_says_nothing(clocked: Clocked) -> None:
    clocked.stage.at_next_tick = ("silence",)
    await clocked.driver.tick(())
    await asyncio.sleep(0.01)
    assert clocked.broker.values == []
    assert await clocked.is_silent_at(1.0)


async def test_who_has_read_nothing_yet_has_nothing_to_ask() -> None:
    clocked = Clocked()
    assert [await clocked.is_silent_at(second) for second in (0.0, 13.6, 17.0, 21.0)] == [True] + [False] * 3
    assert await clocked.is_silent_at(24.0)
    assert clocked.log.asked == 0


async def test_a_partition_of_which_kafka_does_not_say_what_came_keeps_no_other_one_unheard(
    clocked: Clocked,
) -> None:
    yard = (TOPIC, 1)
    await clocked.driver.put(a_message(0, partition=1, value=b"b+"))
    assert await clocked.desk.window.settle(within_sec=5)
    assert await clocked.is_silent_at(0.0)
    clocked.log.at[PLACE], clocked.log.leaderless = 1, {yard}

    silent = [await clocked.is_silent_at(13.0 + second) for second in range(0, 16, 4)]
    assert silent == [False, False, False, True]
    hearing = clocked.driver._hearing
    assert not hearing.is_silence(yard, 1)
    clocked.log.leaderless, clocked.log.at[yard] = set(), 2
    await clocked.is_silent_at(29.0)
    assert not hearing.is_silence(yard, 1)
    assert hearing.is_silence(yard, 2)
