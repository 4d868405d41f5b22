"""From where workers read, and that nothing is passed over, neither in rebalances nor behind retention."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import pytest
from aiokafka import TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, RecordsToDelete
from confluent_kafka import Producer
from faust.transport.drivers.aiokafka import Consumer as FaustConsumer

from contracts.topics import LOSES_NOTHING
from processors.engine.drivers.desk import Desk, Driver
from processors.engine.drivers.independent import IndependentDriver
from processors.engine.measures import Measures
from processors.engine.process import Worker, run
from processors.engine.reading import asking, spans
from processors.engine.reading import consumer as consumer_module
from processors.engine.reading.consumer import WindowConsumer
from processors.engine.reading.subscription import Subscription
from processors.engine.stage import Incoming, Outgoing

PARTITIONS, MESSAGES = 6, 1000
JOIN_AFTER_SEC = (0.6, 3.6, 3.6)
"""A rebalance begins while the one before it is still looking from where to read."""
SLOW_SEC = 1.5

pytestmark = pytest.mark.timeout(180)


@dataclass
class Notes:
    """A stage that notes what it is given: partitions and offsets."""

    wanted: set[tuple[int, int]]
    seen: set[tuple[int, int]] = field(default_factory=set)
    begun: asyncio.Event = field(default_factory=asyncio.Event)
    had_all: asyncio.Event = field(default_factory=asyncio.Event)

    async def handle(self, message: Incoming) -> Sequence[Outgoing]:
        await asyncio.sleep(0.05)
        self.seen.add((message.position.partition, message.position.offset))
        self.begun.set()
        if self.wanted <= self.seen:
            self.had_all.set()
        return ()


async def test_nothing_is_passed_over_when_rebalances_overlap(
    kafka: str, fresh_topic: Callable[..., str], monkeypatch: pytest.MonkeyPatch
) -> None:
    topic = fresh_topic("seek", partitions=PARTITIONS)
    _fill(kafka, topic)
    seek = FaustConsumer.perform_seek

    async def slow(consumer: Any) -> None:
        await asyncio.sleep(SLOW_SEC)
        await seek(consumer)
        await asyncio.sleep(SLOW_SEC)

    monkeypatch.setattr(FaustConsumer, "perform_seek", slow)
    everything = {(each, offset) for each in range(PARTITIONS) for offset in range(MESSAGES)}
    notes, stop = Notes(everything), asyncio.Event()

    async def drive(desk: Desk) -> Driver:
        return IndependentDriver(notes, desk)

    subscription = Subscription(kafka=kafka, group=f"{topic}-group", topics=(topic,))

    def worker() -> asyncio.Task[None]:
        one = Worker(stage="notes", subscription=subscription, drive=drive, measures=Measures("notes"))
        return asyncio.create_task(run((one,), stop=stop))

    workers = [worker()]
    await asyncio.wait_for(notes.begun.wait(), 60)
    for wait_sec in JOIN_AFTER_SEC:
        await asyncio.sleep(wait_sec)
        workers.append(worker())
    try:
        await asyncio.wait_for(notes.had_all.wait(), 60)
    finally:
        stop.set()
        await asyncio.gather(*workers)


@pytest.mark.parametrize("kept_from", [[MESSAGES - 5], [700, 800, 900]])
async def test_what_retention_took_is_not_waited_for(
    kafka: str, fresh_topic: Callable[..., str], monkeypatch: pytest.MonkeyPatch, kept_from: list[int]
) -> None:
    """Also when it moves on each time that it is known and what is left is to be read again."""
    topic, stop = fresh_topic("gone", partitions=PARTITIONS), asyncio.Event()
    _fill(kafka, topic, size=10_000)  # more than is fetched at a time
    notes = Notes({(partition, MESSAGES - 1) for partition in range(PARTITIONS)})
    moves, spans = iter(kept_from), WindowConsumer._spans

    async def takes_more() -> None:
        if (kept := next(moves, None)) is not None:
            await _take_away(kafka, topic, below=kept)

    async def moving(consumer: Any, partitions: Any) -> Any:
        known = await spans(consumer, partitions)
        if notes.begun.is_set():
            await takes_more()
        return known

    async def drive(desk: Desk) -> Driver:
        return IndependentDriver(notes, desk)

    monkeypatch.setattr(WindowConsumer, "_spans", moving)
    subscription = Subscription(kafka=kafka, group=f"{topic}-group", topics=(topic,))
    worker = Worker(stage="notes", subscription=subscription, drive=drive, measures=Measures("notes"))
    working = asyncio.create_task(run((worker,), stop=stop))
    await asyncio.wait_for(notes.begun.wait(), 60)
    await takes_more()
    try:
        await asyncio.wait_for(notes.had_all.wait(), 100)
    finally:
        stop.set()
        await working
    assert len(notes.seen) < PARTITIONS * MESSAGES


async def test_partitions_of_which_kafka_does_not_say_at_first_where_they_begin_are_read_whole(
    kafka: str, fresh_topic: Callable[..., str], monkeypatch: pytest.MonkeyPatch
) -> None:
    topic, silent = fresh_topic("late", partitions=PARTITIONS), {1: 3, 4: 1}
    _fill(kafka, topic)
    span_of = spans.span_of

    async def says(consumer: Any, tp: Any) -> Any:
        if silent.get(tp.partition, 0) == 0:
            return await span_of(consumer, tp)
        silent[tp.partition] -= 1
        return None

    monkeypatch.setattr(asking, "span_of", says)
    monkeypatch.setattr(consumer_module, "_OPEN_EVERY_SEC", 0.5)
    everything = {(each, offset) for each in range(PARTITIONS) for offset in range(MESSAGES)}
    notes, stop = Notes(everything), asyncio.Event()

    async def drive(desk: Desk) -> Driver:
        return IndependentDriver(notes, desk)

    subscription = Subscription(kafka=kafka, group=f"{topic}-group", topics=(topic,))
    one = Worker(
        stage="notes", subscription=subscription, drive=drive, measures=Measures("notes"), in_flight=400
    )
    working = asyncio.create_task(run((one,), stop=stop))
    try:
        await asyncio.wait_for(notes.had_all.wait(), 90)
    finally:
        stop.set()
        await working
    assert set(silent.values()) == {0}


async def _take_away(kafka: str, topic: str, *, below: int) -> None:
    admin = AIOKafkaAdminClient(bootstrap_servers=kafka)
    await admin.start()
    try:
        gone = {
            TopicPartition(topic, each): RecordsToDelete(before_offset=below) for each in range(PARTITIONS)
        }
        await admin.delete_records(gone)
    finally:
        await admin.close()


def _fill(kafka: str, topic: str, size: int = 8) -> None:
    producer = Producer({"bootstrap.servers": kafka, **LOSES_NOTHING})
    for partition in range(PARTITIONS):
        for _ in range(MESSAGES):
            producer.produce(topic, bytes(size), partition=partition)
    assert producer.flush(30) == 0
