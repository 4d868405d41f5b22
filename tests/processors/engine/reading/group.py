"""A group in which one worker takes part.

The consumer is Faust's own; aiokafka's side, which lives in a thread, is a stand-in.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Collection, Coroutine, Mapping
from typing import Any, cast

import pytest
from aiokafka import TopicPartition
from faust.transport.drivers.aiokafka import Consumer as FaustConsumer
from faust.types import TP

from processors.engine.app import assigned, behind, make_app
from processors.engine.drivers.ordered import OrderedDriver
from processors.engine.reading.subscription import Subscription
from tests.processors.engine.drivers.visits import Visits
from tests.processors.engine.fakes import Broker, Settled, a_desk

FIRST, SECOND = TP("in", 0), TP("in", 1)


class Aiokafka:
    """A group in which this worker has `ours`; `leaderless`: of these Kafka says nothing, and no fetch of
    them ends any more."""

    def __init__(self) -> None:
        self.ours = {FIRST, SECOND}
        self.committed_up_to = 100
        self.begins = 10
        self.ends = 100
        self.leaderless: set[TP] = set()
        self.says_what_is_committed = asyncio.Event()
        self.says_what_is_committed.set()
        self.paused: set[TP] = set()
        self.sought: dict[TP, int] = {}
        self.seen_ends: dict[TP, int] = {}
        self.hands: set[asyncio.Task[Any]] = set()
        self.meanwhile: Callable[[], Awaitable[None]] | None = None
        """Happens while Kafka is asked where partitions begin."""
        self.as_it_pauses: Callable[[], Awaitable[None]] | None = None
        """Happens while the thread is waited for that has paused partitions."""

    def assignment(self) -> set[TP]:
        return set(self.ours)

    async def getmany(self, _active: Any, **_options: float) -> Mapping[TP, Any]:
        await asyncio.sleep(0.05)
        return {}

    async def committed(self, _tp: TP) -> int | None:
        """Of a partition of which nothing is committed aiokafka says None."""
        await self.says_what_is_committed.wait()
        return self.committed_up_to or None

    def seek(self, tp: TP, offset: int) -> None:
        self.sought[tp] = offset

    async def call_thread(self, work: Callable[[], Coroutine[Any, Any, Any]]) -> Any:
        """Who waits for an answer no longer does not end the work in the thread by that."""
        task = asyncio.create_task(work())
        self.hands.add(task)
        task.add_done_callback(self.hands.discard)
        answer = await asyncio.shield(task)
        if self.paused and self.as_it_pauses is not None:
            happens, self.as_it_pauses = self.as_it_pauses, None
            await happens()
        return answer

    def _ensure_consumer(self) -> Aiokafka:
        return self

    async def beginning_offsets(self, tps: Collection[TP]) -> Mapping[TP, int]:
        if self.leaderless & set(tps):
            await asyncio.Event().wait()
        if self.meanwhile is not None:
            happens, self.meanwhile = self.meanwhile, None
            await happens()
        return dict.fromkeys(tps, self.begins)

    async def end_offsets(self, tps: Collection[TP]) -> Mapping[TP, int]:
        return dict.fromkeys(tps, self.ends)

    def highwater(self, tp: TP) -> int | None:
        """The end as the last fetch told it."""
        return self.seen_ends.get(tp)

    def last_poll_timestamp(self, tp: TP) -> float | None:
        """Of the last fetch that ended, in ms."""
        return 1000 * time.time() - (20_000 if tp in self.leaderless else 100)

    def pause(self, *partitions: TopicPartition) -> None:
        """aiokafka takes no other pairs for partitions here."""
        assert all(isinstance(each, TopicPartition) for each in partitions)
        self.paused |= {TP(*each) for each in partitions}

    def resume(self, *partitions: TopicPartition) -> None:
        assert all(isinstance(each, TopicPartition) for each in partitions)
        self.paused -= {TP(*each) for each in partitions}


class Group:
    """The engine's app and driver beside that group."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        async def nothing_more(_self: Any, _assigned: set[TP], _generation: int = 0) -> None:
            """Faust goes on to its agents and tables, of which none runs here."""

        monkeypatch.setattr(FaustConsumer, "on_partitions_assigned", nothing_more)
        desk = a_desk(Broker(), limit=3)
        self.window = desk.window
        self.stage = Visits()
        self.driver = OrderedDriver(self.stage, desk, Settled())
        subscription = Subscription(kafka="127.0.0.1:1", group="copy", topics=("in",))
        self.app = make_app(subscription, self.driver, self.window, desk.measures)
        # Faust's types do not name what is asked of it here.
        self.consumer = cast("Any", self.app.consumer)
        self.kafka = self.consumer._thread = Aiokafka()
        self.consumer.flow_active = True
        self.later_sec = 0.0

    async def gets(self, *ours: TP) -> None:
        self.kafka.ours = set(ours)
        await self.consumer.on_partitions_assigned(set(ours))
        await self.consumer.perform_seek()
        # To what is committed it seeks each time; what tests ask for is what is sought beside that.
        committed = self.kafka.committed_up_to
        self.kafka.sought = {tp: to for tp, to in self.kafka.sought.items() if to != committed}
        self.consumer.resume_flow()

    async def ticks(self, *, looks: bool = False) -> None:
        if looks:  # as it does every half a minute
            self.consumer._looked_sec = self.consumer._asked_to_open_sec = float("-inf")
        await self.consumer.keep_up(behind(self.app, self.window))
        await self.driver.tick(assigned(self.app), behind(self.app, self.window))
        await asyncio.sleep(0.01)

    def counted(self, name: str) -> float:
        """What the process's page says of a counter."""
        page = self.consumer.our_measures.page(in_flight=0, oldest_sec=0.0, lag=0).decode()
        (line,) = (line for line in page.splitlines() if line.startswith(f"{name}{{"))
        return float(line.rpartition(" ")[2])

    @property
    def lanes(self) -> set[TP]:
        return {TP(*place) for place in self.driver._lanes}
