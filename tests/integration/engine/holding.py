"""A stage that can be held up, and the group that reads with it on a real broker."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field

from confluent_kafka import Consumer, Producer, TopicPartition

from contracts.errors import SetAside
from contracts.topics import LOSES_NOTHING
from processors.engine.drivers.desk import Desk, Driver
from processors.engine.drivers.independent import IndependentDriver
from processors.engine.measures import Measures
from processors.engine.process import Worker
from processors.engine.reading.standstill import LOOK_EVERY_SEC
from processors.engine.reading.subscription import Subscription
from processors.engine.stage import Incoming, Outgoing


@dataclass
class Holding:
    """A stage that gives nothing; a message `held` is in work until it is let go, `junk` is set aside."""

    let_go: asyncio.Event = field(default_factory=asyncio.Event)
    finished: list[int] = field(default_factory=list)

    async def handle(self, message: Incoming) -> Sequence[Outgoing]:
        if message.value == b"junk":
            raise SetAside("this is junk")
        if message.value == b"held":
            await self.let_go.wait()
        self.finished.append(message.position.offset)
        return ()


@dataclass
class Group:
    """One group on a topic of two partitions."""

    kafka: str
    topic: str

    def worker(
        self,
        stage: Holding,
        driver: type[IndependentDriver] = IndependentDriver,
        *,
        in_flight: int = 16,
        standstill_sec: float = LOOK_EVERY_SEC,
    ) -> Worker:
        async def drive(desk: Desk) -> Driver:
            return driver(stage, desk)

        subscription = Subscription(kafka=self.kafka, group=f"{self.topic}-group", topics=(self.topic,))
        return Worker(
            stage="hold",
            subscription=subscription,
            drive=drive,
            measures=Measures("hold"),
            in_flight=in_flight,
            standstill_sec=standstill_sec,
        )

    def send(self, values: Sequence[bytes], *, partition: int = 0) -> None:
        producer = Producer({"bootstrap.servers": self.kafka, **LOSES_NOTHING})
        for number, value in enumerate(values):  # each of a key of its own: none waits for another's results
            producer.produce(self.topic, value, key=str(number).encode(), partition=partition)
        assert producer.flush(20) == 0

    async def committed(self, partition: int = 0) -> int:
        """The offset from which a next worker reads; negative when there is none."""
        return await asyncio.to_thread(self._committed, partition)

    def _committed(self, partition: int) -> int:
        consumer = Consumer({"bootstrap.servers": self.kafka, "group.id": f"{self.topic}-group"})
        try:
            [place] = consumer.committed([TopicPartition(self.topic, partition)], timeout=20)
        finally:
            consumer.close()
        return int(place.offset)


async def until(reached: Callable[[], Awaitable[bool]]) -> None:
    async with asyncio.timeout(60):
        while not await reached():  # noqa: ASYNC110 (it is asked of a broker, which wakes nobody)
            await asyncio.sleep(0.05)
