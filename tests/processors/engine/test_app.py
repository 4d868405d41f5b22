"""Faust 0.15's known faults, each held off: what its consumer would acknowledge itself, the window decides.

Acknowledged messages that were skipped in a rebalance, offsets committed past an unfinished message, a
commit that goes ahead though what belongs to it could not be kept, and a worker without partitions that does
not look for some.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Collection
from typing import Any

import faust
import pytest
from faust.transport.drivers.aiokafka import Consumer as FaustConsumer
from faust.types import TP

from contracts.errors import TryAgain
from processors.engine.app import commit, make_app
from processors.engine.measures import Measures
from processors.engine.reading.subscription import Subscription
from processors.engine.stage import Incoming
from processors.engine.window import Place, Window

GATE: Place = ("in", 0)


class Idle:
    """A driver that does nothing; `away` tries to keep its state fail."""

    away = 0
    kept = 0

    async def put(self, message: Incoming) -> None: ...

    async def forget(self, places: set[Place], *, grace_sec: float) -> None: ...

    async def tick(self, ours: Collection[Place] = (), behind: Collection[Place] = ()) -> None: ...

    async def last_words(self) -> None: ...

    async def before_commit(self) -> None:
        if self.away:
            self.away -= 1
            raise TryAgain("kafka", "nobody listens")
        self.kept += 1


class Message:
    """As Faust hands it to its consumer."""

    tp = TP("in", 0)
    offset = 1
    acked = False


def an_app(driver: Idle, window: Window) -> faust.App:
    subscription = Subscription(kafka="127.0.0.1:1", group="copy", topics=("in",))
    return make_app(subscription, driver, window, Measures("copy"))


async def a_consumer(window: Window, driver: Idle) -> Any:
    """Of whose partitions `in[0]` is one."""
    consumer: Any = an_app(driver, window).consumer
    consumer.assignment = lambda: {TP("in", 0)}
    return consumer


async def test_nothing_is_ever_acknowledged_to_faust_itself() -> None:
    consumer = await a_consumer(Window(4), Idle())

    assert consumer.ack(Message()) is False
    assert consumer._filter_committable_offsets({TP("in", 0)}) == {}


async def test_offsets_are_those_of_the_window_never_past_an_unfinished_message() -> None:
    window = Window(4)
    consumer = await a_consumer(window, Idle())
    for offset in (7, 8, 9):
        assert await window.enter(GATE, offset)
    window.finish(GATE, 8)
    window.finish(GATE, 9)

    assert consumer._filter_committable_offsets({TP("in", 0)}) == {TP("in", 0): 7}
    window.finish(GATE, 7)
    assert consumer._filter_committable_offsets({TP("in", 0)}) == {TP("in", 0): 10}


async def test_what_a_stage_keeps_is_kept_before_its_offsets_and_a_commit_without_it_waits(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    committed: list[dict[TP, int]] = []
    driver = Idle()

    async def commit(_self: Any, offsets: dict[TP, int], _new: bool = True) -> bool:
        assert driver.kept == len(committed) + 1
        committed.append(dict(offsets))
        return True

    monkeypatch.setattr(FaustConsumer, "_commit_offsets", commit)
    driver.away = 1
    window = Window(4)
    consumer = await a_consumer(window, driver)
    assert await window.enter(GATE, 3)

    assert await consumer.commit() is False
    assert committed == []
    assert await consumer.commit() is True
    assert committed == [{TP("in", 0): 3}]


async def test_offsets_that_were_not_committed_are_committed_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """Faust takes them for committed whatever came of it."""
    tried: list[dict[TP, int]] = []

    async def commit(_self: Any, offsets: dict[TP, int], _new: bool = True) -> bool:
        tried.append(dict(offsets))
        return len(tried) > 1

    monkeypatch.setattr(FaustConsumer, "_commit_offsets", commit)
    window = Window(4)
    consumer = await a_consumer(window, Idle())
    assert await window.enter(GATE, 3)

    assert [await consumer.commit() for _ in range(3)] == [False, True, False]
    assert tried == [{TP("in", 0): 3}] * 2


async def test_offsets_of_a_partition_that_was_not_ours_just_then_are_committed_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Faust leaves them out and says that all are committed."""
    tried: list[dict[TP, int]] = []

    async def commit(consumer: Any, offsets: dict[TP, int], _new: bool = True) -> bool:
        tried.append(offsets)
        return True

    monkeypatch.setattr(FaustConsumer, "_commit_offsets", commit)
    window = Window(4)
    consumer = await a_consumer(window, Idle())
    for partition in (0, 1):
        assert await window.enter(("in", partition), 3)

    assert [await consumer.commit() for _ in range(2)] == [True, True]
    assert tried == [{TP("in", 0): 3, TP("in", 1): 3}, {TP("in", 1): 3}]


async def test_offsets_on_their_way_in_a_rebalance_are_not_noted_for_what_comes_back(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    tried: list[dict[TP, int]] = []

    async def commit(consumer: Any, offsets: dict[TP, int], _new: bool = True) -> bool:
        tried.append(offsets)
        if len(tried) == 1:
            consumer._rebalances += 1
        return True

    monkeypatch.setattr(FaustConsumer, "_commit_offsets", commit)
    window = Window(4)
    consumer = await a_consumer(window, Idle())
    assert await window.enter(GATE, 3)

    assert [await consumer.commit() for _ in range(3)] == [True, True, False]
    assert tried == [{TP("in", 0): 3}] * 2


async def test_that_offsets_wait_for_a_broker_that_is_away_is_said_once_until_it_is_back(
    caplog: pytest.LogCaptureFixture,
) -> None:
    driver = Idle()
    consumer = await a_consumer(Window(4), driver)
    with caplog.at_level(logging.WARNING, "processors.engine.reading.committing"):
        for _ in range(2):
            driver.away = 3
            for _ in range(4):
                await consumer.commit()

    assert [record.getMessage().partition(":")[0] for record in caplog.records] == [
        "offsets are committed later"
    ] * 2


async def test_what_a_stage_keeps_is_kept_too_when_no_offset_has_moved() -> None:
    driver = Idle()
    consumer = await a_consumer(Window(4), driver)

    assert await consumer.commit() is False
    assert driver.kept == 1


async def test_the_last_commit_is_not_that_of_a_round_that_had_begun_before(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    committed: list[dict[TP, int]] = []
    goes_on = asyncio.Event()

    class Slow(Idle):
        async def before_commit(self) -> None:
            await goes_on.wait()

    async def commit_offsets(_self: Any, offsets: dict[TP, int], _new: bool = True) -> bool:
        committed.append(dict(offsets))
        return True

    monkeypatch.setattr(FaustConsumer, "_commit_offsets", commit_offsets)
    window = Window(4)
    consumer = await a_consumer(window, Slow())
    assert await window.enter(GATE, 7)
    round_under_way = asyncio.create_task(consumer.commit())
    await asyncio.sleep(0.01)
    window.finish(GATE, 7)
    last = asyncio.create_task(commit(consumer))
    await asyncio.sleep(0.01)
    goes_on.set()
    await asyncio.gather(round_under_way, last)

    assert committed == [{TP("in", 0): 7}, {TP("in", 0): 8}]


async def test_a_worker_that_was_given_nothing_looks_for_partitions_again_within_seconds() -> None:
    """It joined while a broker that had just started knew none; Faust would let it idle for five minutes."""
    app = an_app(Idle(), Window(4))

    assert app.conf.consumer_metadata_max_age_ms <= 15_000
