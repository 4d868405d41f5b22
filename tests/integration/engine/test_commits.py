"""What a worker's group has committed on a real broker: out of order, at a stop, after a bug in the loop.

Faust by itself commits past unfinished messages, and goes on behind one over which its agent raised.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from typing import Any

import pytest
from aiokafka import AIOKafkaConsumer
from aiokafka.consumer.fetcher import Fetcher

from contracts.errors import Stop
from processors.engine import health, process
from processors.engine.drivers.independent import IndependentDriver
from processors.engine.process import run
from processors.engine.stage import Incoming
from processors.engine.window import Place
from tests.integration.engine.holding import Group, Holding, until

HELD = 2
"""Offset of the message that takes long."""


class Stumbling(IndependentDriver):
    """Has a bug where no stage is asked: the engine's loop itself meets it."""

    async def put(self, message: Incoming) -> None:
        if message.value == b"stone":
            raise RuntimeError("stumbled")
        await super().put(message)


class LettingGo(IndependentDriver):
    """Takes its time over that."""

    async def forget(self, places: set[Place], *, grace_sec: float) -> None:
        await super().forget(places, grace_sec=grace_sec)
        await asyncio.sleep(0.3)


@pytest.fixture
def group(kafka: str, fresh_topic: Callable[..., str]) -> Group:
    return Group(kafka, fresh_topic("commits", partitions=2))


async def all_but_one_finished(group: Group, stage: Holding, stop: asyncio.Event) -> asyncio.Task[None]:
    """A worker that has one message in work, everything behind it finished, and committed since then."""
    group.send([b"held" if offset == HELD else b"quick" for offset in range(10)])
    running = asyncio.create_task(run((group.worker(stage),), stop=stop))

    async def others_finished() -> bool:
        return len(stage.finished) == 9

    async def other_partition_committed() -> bool:
        return await group.committed(partition=1) == 1

    await until(others_finished)
    group.send([b"quick"], partition=1)
    await until(other_partition_committed)
    return running


async def test_what_finished_behind_an_unfinished_message_is_committed_with_it_and_at_a_stop(
    group: Group,
) -> None:
    stage, stop = Holding(), asyncio.Event()
    running = await all_but_one_finished(group, stage, stop)
    assert await group.committed() == HELD

    stop.set()
    stage.let_go.set()
    await asyncio.wait_for(running, 30)

    assert await group.committed() == 10


async def test_a_message_over_which_a_worker_ends_at_a_standstill_is_the_next_worker_s_first(
    group: Group, monkeypatch: pytest.MonkeyPatch
) -> None:
    """While others are finished around it, and more wait to be taken than are by then."""
    monkeypatch.setattr(health, "_STUCK_AFTER_SEC", 0.5)
    group.send([b"held" if offset == HELD else b"quick" for offset in range(20_000)])
    stage = Holding()

    with pytest.raises(Stop, match="nothing becomes of them any more"):
        await asyncio.wait_for(run((group.worker(stage, LettingGo, standstill_sec=0.5),)), 60)

    assert HELD < len(stage.finished) < 19_999
    assert await group.committed() <= HELD


async def test_a_message_that_is_unfinished_at_a_stop_is_the_next_worker_s_first(
    group: Group, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(process, "_PUT_DOWN_SEC", 0.2)
    stage, stop = Holding(), asyncio.Event()
    running = await all_but_one_finished(group, stage, stop)

    stop.set()
    await asyncio.wait_for(running, 30)

    assert await group.committed() == HELD
    assert sorted(await read_by_the_next(group)) == list(range(HELD, 10))


async def test_a_bug_in_the_loop_ends_the_worker_and_its_message_is_not_passed_over(group: Group) -> None:
    stage = Holding()
    group.send([b"quick"] * 3)
    running = asyncio.create_task(run((group.worker(stage, Stumbling),)))

    async def committed_so_far() -> bool:
        return await group.committed() == 3

    await until(committed_so_far)
    group.send([b"stone", *[b"quick"] * 6])
    with pytest.raises(RuntimeError, match="stumbled"):
        await asyncio.wait_for(running, 30)

    assert stage.finished == [0, 1, 2]
    assert await group.committed() == 3
    assert sorted(await read_by_the_next(group)) == list(range(3, 10))


async def test_where_reading_begins_is_set_in_the_thread_that_fetches(
    group: Group, monkeypatch: pytest.MonkeyPatch
) -> None:
    """aiokafka is not thread-safe: a seek from outside, as it hands out messages, ends it."""
    stage, stop = Holding(), asyncio.Event()
    seeking, fetching, seek = set[int](), set[int](), AIOKafkaConsumer.seek
    fetched = Fetcher.fetched_records

    def noted_seek(consumer: Any, *where: Any) -> None:
        seeking.add(threading.get_ident())
        seek(consumer, *where)

    async def noted_fetch(fetcher: Any, *what: Any, **how: Any) -> Any:
        fetching.add(threading.get_ident())
        return await fetched(fetcher, *what, **how)

    monkeypatch.setattr(AIOKafkaConsumer, "seek", noted_seek)
    monkeypatch.setattr(Fetcher, "fetched_records", noted_fetch)
    group.send([b"quick"])
    running = asyncio.create_task(run((group.worker(stage),), stop=stop))

    async def read() -> bool:
        return stage.finished == [0]

    await until(read)
    stop.set()
    await asyncio.wait_for(running, 30)

    assert seeking == fetching
    assert threading.get_ident() not in seeking


async def read_by_the_next(group: Group) -> list[int]:
    """Offsets that the next worker of the group takes until the partition's end is committed."""
    stage, stop = Holding(), asyncio.Event()
    stage.let_go.set()
    running = asyncio.create_task(run((group.worker(stage),), stop=stop))

    async def all_committed() -> bool:
        return await group.committed() == 10

    await until(all_committed)
    stop.set()
    await asyncio.wait_for(running, 30)
    return stage.finished
