"""A stage's process for the tests of the engine: copies messages from one topic to another.

python -m tests.integration.engine.worker KAFKA GROUP SOURCE TARGET SHAPE WORK_MS [INSTANCE] [HEALTH]

SHAPE is `independent`, `ordered` or `batch`. WORK_MS is what each message costs a worker that reads them all.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

import uvloop

from contracts.errors import SetAside
from processors.cascade.coverage import CoverageCounters
from processors.engine.drivers.batching import BatchDriver
from processors.engine.drivers.desk import Delivery, Desk, Driver
from processors.engine.drivers.independent import IndependentDriver
from processors.engine.drivers.ordered import OrderedDriver
from processors.engine.logs import set_up_logging
from processors.engine.measures import Measures
from processors.engine.process import Worker, run
from processors.engine.reading.settled import KafkaSettledOffsets
from processors.engine.reading.subscription import Subscription
from processors.engine.stage import Incoming, Outgoing, Progress
from tests.integration.engine.copying import PARTITIONS

IN_FLIGHT = 16


@dataclass
class Copies:
    """One copy a message, after some work; a value `junk` is set aside. Counts copies as `sightings` counts
    frames, in the name of its group."""

    target: str
    work_sec: float
    group: str = "copies"

    def __post_init__(self) -> None:
        self._coverage = CoverageCounters(self.group)

    async def handle(self, message: Incoming) -> Sequence[Outgoing]:
        await asyncio.sleep(self.work_sec)
        if message.value == b"junk":
            raise SetAside("this is junk")
        now = datetime.now(UTC)
        self._coverage.processed((message.key or b"").decode(), now, now, plates=0)
        return (Outgoing(topic=self.target, key=message.key, value=message.value or b""),)

    def report(self, now: datetime, *, last: bool = False) -> Sequence[Outgoing]:
        return self._coverage.report(now, last=last)


@dataclass
class Batches:
    """Copies many messages in one go. Their effect is on Kafka itself: one broker serves all shapes."""

    target: str
    work_sec: float
    delivery: Delivery

    def prepare(self, message: Incoming) -> Outgoing:
        return Outgoing(topic=self.target, key=message.key, value=message.value or b"")

    async def write(self, rows: Sequence[Outgoing]) -> None:
        await asyncio.sleep(self.work_sec * len(rows))
        await self.delivery.send(rows)


@dataclass
class Tens:
    """One sum for every ten messages of a partition, named by the first of them: state over the log."""

    target: str
    work_sec: float
    _open: dict[int, list[Incoming]] = field(default_factory=dict)
    _settled: dict[int, int] = field(default_factory=dict)

    def assigned(self, partition: int, settled_below: int, kept: Sequence[bytes]) -> None:
        self._open[partition] = []
        self._settled[partition] = settled_below

    def revoked(self, partition: int) -> None:
        self._open.pop(partition, None)

    def take(self, message: Incoming) -> Sequence[list[Incoming]]:
        ten = self._open[message.position.partition]
        ten.append(message)
        if len(ten) < 10:
            return ()
        self._open[message.position.partition] = []
        return (ten,)

    def tick(self, partition: int, now: datetime) -> Sequence[list[Incoming]]:
        return ()

    async def finish(self, draft: list[Incoming]) -> Sequence[Outgoing]:
        await asyncio.sleep(self.work_sec)
        return (self.unfinished(draft),)

    def to_keep(self, partition: int) -> Sequence[Outgoing]:
        return ()

    def unfinished(self, draft: list[Incoming]) -> Outgoing:
        value = b",".join(message.value or b"" for message in draft)
        return Outgoing(topic=self.target, key=draft[0].key, value=value)

    def progress(self, partition: int) -> Progress | None:
        ten = self._open[partition]
        if not ten:
            return None
        return Progress(replay_from=ten[0].position.offset, settled_below=ten[0].position.offset)


def main(
    kafka: str,
    group: str,
    source: str,
    target: str,
    shape: str,
    work_ms: str,
    instance: str = "",
    health: str = "",
) -> None:
    set_up_logging()

    async def drive(desk: Desk) -> Driver:
        work_sec = int(work_ms) / 1000
        if shape == "independent":
            return IndependentDriver(Copies(target, IN_FLIGHT * work_sec, group), desk)
        if shape == "batch":
            return BatchDriver(Batches(target, work_sec, desk.delivery), desk, largest=8)
        tens = Tens(target, 10 * PARTITIONS * work_sec)
        return OrderedDriver(tens, desk, KafkaSettledOffsets(kafka, group))

    subscription = Subscription(
        kafka=kafka, group=group, topics=(source,), instance=instance or None, session_timeout_sec=6.0
    )
    worker = Worker(
        stage="copy", subscription=subscription, drive=drive, measures=Measures("copy"), in_flight=IN_FLIGHT
    )
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(run((worker,), health=health or None))


if __name__ == "__main__":
    main(*sys.argv[1:])
