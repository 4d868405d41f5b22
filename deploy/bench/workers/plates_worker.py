"""`python -m deploy.bench.workers.plates_worker KAFKA NAME NUMBER`: the stage `plates` from topic NAME to
NAME-out, with all its state, but no model that looks once more and no store that keeps its evidence."""

from __future__ import annotations

import asyncio
import dataclasses
import hashlib
import sys
from collections.abc import Sequence

import uvloop

from contracts.messages.common import LogPosition
from contracts.messages.plate import StoredPicture, StoredReads
from deploy.bench.workers.topics import picture
from deploy.bench.workers.traffic import SIZE_WH
from processors.engine.drivers.desk import Desk, Driver
from processors.engine.drivers.ordered import OrderedDriver
from processors.engine.measures import Measures
from processors.engine.process import Worker, run
from processors.engine.reading.settled import KafkaSettledOffsets
from processors.engine.reading.subscription import Subscription
from processors.engine.stage import Outgoing
from processors.passages.events.drafts import Draft
from processors.passages.settings import PassageSettings
from processors.plates import Plates


class Retained:
    """`FrameStore` in which every frame is there, and all look the same."""

    def __init__(self) -> None:
        self._jpeg = picture(SIZE_WH)

    async def read(self, position: LogPosition) -> bytes | None:  # noqa: ARG002
        return self._jpeg


class Named:
    """`EvidenceStore` that says under what name it would keep what it is given."""

    async def add(self, jpeg: bytes) -> StoredPicture:
        sha256 = hashlib.sha256(jpeg).hexdigest()
        return StoredPicture(key=f"{sha256}.jpg", sha256=sha256, width=SIZE_WH[0], height=SIZE_WH[1])

    async def add_reads(self, data: bytes) -> StoredReads:
        sha256 = hashlib.sha256(data).hexdigest()
        return StoredReads(key=f"{sha256}.json", sha256=sha256)


class RedirectedPlates(Plates):
    """The stage, its results on a topic of the bench."""

    def __init__(self, topic: str) -> None:
        super().__init__(settings=PassageSettings(), frames=Retained(), evidence=Named())
        self._topic = topic

    async def finish(self, draft: Draft) -> Sequence[Outgoing]:
        return self._redirected(await super().finish(draft))

    def to_keep(self, partition: int) -> Sequence[Outgoing]:
        return self._redirected(super().to_keep(partition))

    def _redirected(self, results: Sequence[Outgoing]) -> Sequence[Outgoing]:
        return [dataclasses.replace(each, topic=self._topic) for each in results]


def main(kafka: str, name: str, number: str) -> None:
    settled = KafkaSettledOffsets(kafka, name)

    async def drive(desk: Desk) -> Driver:
        return OrderedDriver(RedirectedPlates(f"{name}-out"), desk, settled)

    subscription = Subscription(kafka=kafka, group=name, topics=(name,), instance=f"{name}-{number}")
    worker = Worker(stage=name, subscription=subscription, drive=drive, measures=Measures(name), in_flight=64)
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(run((worker,), close=(settled.close,)))


if __name__ == "__main__":
    main(*sys.argv[1:4])
