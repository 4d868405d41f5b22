"""What Faust's consumer does in a rebalance, and what of it the engine takes for its partitions.

The consumer is Faust's own; aiokafka's side, which lives in a thread, is a stand-in.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, cast

import pytest
from faust.transport.drivers.aiokafka import Consumer as FaustConsumer
from faust.types import TP

from processors.engine import consumer as consumer_module
from processors.engine.app import Subscription, assigned, make_app
from processors.engine.logs import _FAUST_IN_OURS
from processors.engine.ordered import OrderedDriver
from tests.processors.engine.fakes import Broker, Settled, a_desk
from tests.processors.engine.visits import Visits

FIRST, SECOND = TP("in", 0), TP("in", 1)


class Aiokafka:
    """A group in which this worker has `ours`; `leaderless`: Kafka does not say where they begin and end."""

    def __init__(self) -> None:
        self.ours = {FIRST, SECOND}
        self.committed = 100
        self.ends = 100
        self.leaderless = False
        self.sought: dict[TP, int] = {}

    def assignment(self) -> set[TP]:
        return set(self.ours)

    async def getmany(self, _active: Any, **_options: float) -> Mapping[TP, Any]:
        await asyncio.sleep(0.05)
        return {}

    async def seek_to_committed(self) -> Mapping[TP, int]:
        return dict.fromkeys(self.ours, self.committed)

    def seek(self, tp: TP, offset: int) -> None:
        self.sought[tp] = offset

    async def call_thread(self, work: Callable[[], Awaitable[None]]) -> None:
        await work()

    async def earliest_offsets(self, *tps: TP) -> Mapping[TP, int]:
        if self.leaderless:
            await asyncio.Event().wait()
        return dict.fromkeys(tps, 10)

    async def highwaters(self, *tps: TP) -> Mapping[TP, int]:
        return dict.fromkeys(tps, self.ends)

    async def commit(self, _offsets: Mapping[TP, int]) -> bool:
        return True


class Group:
    """The engine's app and driver beside that group."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        async def nothing_more(_self: Any, _assigned: set[TP], _generation: int = 0) -> None:
            """Faust goes on to its agents and tables, of which none runs here."""

        monkeypatch.setattr(FaustConsumer, "on_partitions_assigned", nothing_more)
        desk = a_desk(Broker())
        self.stage = Visits()
        self.driver = OrderedDriver(self.stage, desk, Settled())
        subscription = Subscription(kafka="127.0.0.1:1", group="copy", topics=("in",))
        self.app = make_app(subscription, self.driver, desk.window)
        # Faust's types do not name what is asked of it here.
        self.consumer = cast("Any", self.app.consumer)
        self.kafka = self.consumer._thread = Aiokafka()
        self.consumer.flow_active = True

    async def gets(self, *ours: TP) -> None:
        self.kafka.ours = set(ours)
        await self.consumer.on_partitions_assigned(set(ours))
        await self.consumer.perform_seek()

    async def ticks(self) -> None:
        await self.driver.tick(assigned(self.app))
        await asyncio.sleep(0.01)

    @property
    def lanes(self) -> set[TP]:
        return {TP(*place) for place in self.driver._lanes}


@pytest.fixture
async def group(monkeypatch: pytest.MonkeyPatch) -> Group:
    return Group(monkeypatch)


async def fetched_while_nothing_is_to_be_read(consumer: Any) -> None:
    fetching = asyncio.create_task(fetched(consumer))
    await asyncio.sleep(0.01)
    consumer.stop_flow()
    await fetching


async def fetched(consumer: Any) -> None:
    async for _ in consumer.getmany(1.0):
        pass


async def test_partitions_that_were_given_up_are_not_ours_though_a_fetch_ends_before_there_are_others(
    group: Group,
) -> None:
    await group.gets(FIRST, SECOND)
    await group.ticks()
    assert group.lanes == {FIRST, SECOND}

    fetching = asyncio.create_task(fetched(group.consumer))
    await asyncio.sleep(0.01)
    await group.consumer.on_partitions_revoked({FIRST, SECOND})
    await fetching  # Faust seeks to what was committed, since nothing is to be read
    await group.ticks()
    assert group.lanes == set()

    await group.gets(FIRST)
    await group.ticks()
    assert group.lanes == {FIRST}


async def test_a_partition_that_comes_back_begins_anew(group: Group) -> None:
    await group.gets(FIRST, SECOND)
    await group.ticks()
    await group.consumer.on_partitions_revoked({FIRST, SECOND})
    await group.gets(FIRST)
    group.stage.settled_below = -1
    await group.consumer.on_partitions_revoked({FIRST})
    await group.gets(FIRST, SECOND)
    await group.ticks()
    assert group.stage.settled_below == 0  # told by `assigned`


async def test_partitions_are_read_from_what_is_committed_or_kept_whichever_is_later(group: Group) -> None:
    await group.gets(FIRST)
    assert group.consumer.begins == {("in", 0): 100}
    group.kafka.committed = 0
    await group.gets(FIRST)
    assert group.consumer.begins == {("in", 0): 10}


@pytest.mark.parametrize(("committed", "sought"), [(0, {FIRST: 10}), (100, {})])
async def test_what_a_fetch_threw_away_before_anything_was_committed_is_read(
    group: Group, committed: int, sought: dict[TP, int]
) -> None:
    """aiokafka seeks to committed offsets above 0 alone."""
    group.kafka.committed = committed
    await group.consumer.on_partitions_assigned({FIRST})
    group.kafka.ours = {FIRST}
    await fetched_while_nothing_is_to_be_read(group.consumer)
    assert group.kafka.sought == sought


async def test_a_log_that_ends_before_what_is_committed_is_read_from_its_beginning(group: Group) -> None:
    group.kafka.ends = 70
    await group.gets(FIRST)
    assert group.consumer.begins == {("in", 0): 10}
    assert group.kafka.sought == {FIRST: 10}
    assert group.consumer._read_offset[FIRST] is None


async def test_partitions_of_which_kafka_says_nothing_are_read_all_the_same(
    group: Group, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(consumer_module, "_ANSWER_WITHIN_SEC", 0.05)
    group.kafka.leaderless = True
    await asyncio.wait_for(group.gets(FIRST, SECOND), 5)
    assert group.consumer.begins == {("in", 0): 100, ("in", 1): 100}


async def test_fausts_own_lines_of_the_consumer_are_those_that_are_silenced(group: Group) -> None:
    assert group.consumer.logger.name == _FAUST_IN_OURS
