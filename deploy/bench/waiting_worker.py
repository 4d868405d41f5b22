"""`python -m deploy.bench.waiting_worker KAFKA NAME ANSWER_SEC NUMBER`: the stage `sightings` from topic NAME
to NAME-out, its models replaced by the time that they take: they see nothing after ANSWER_SEC."""

from __future__ import annotations

import asyncio
import dataclasses
import sys
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import uvloop
from numpy.typing import NDArray

from contracts.messages.common import ModelUsed
from processors.cascade.coverage import CoverageCounters
from processors.engine.app import Subscription
from processors.engine.desk import Desk, Driver
from processors.engine.independent import IndependentDriver
from processors.engine.measures import Measures
from processors.engine.process import Worker, run
from processors.engine.stage import Incoming, Outgoing
from processors.ports import Tensors
from processors.sightings import Sightings
from triton_models.tensors import MODELS


class Waiting:
    """`Inference` of a constant time."""

    def __init__(self, answer_sec: float) -> None:
        self._answer_sec = answer_sec

    @property
    def models(self) -> tuple[ModelUsed, ...]:
        return ()

    async def infer(self, model: str, images: NDArray[np.uint8]) -> Tensors:
        await asyncio.sleep(self._answer_sec / 2)  # vehicles, then plates
        return {
            output.name: np.zeros((len(images), *output.shape), np.float32)
            for output in MODELS[model].outputs
        }


class Redirected:
    """The stage, its results on a topic of the bench."""

    def __init__(self, stage: Sightings, topic: str) -> None:
        self._stage = stage
        self._topic = topic

    async def handle(self, message: Incoming) -> Sequence[Outgoing]:
        return [dataclasses.replace(each, topic=self._topic) for each in await self._stage.handle(message)]


def main(kafka: str, name: str, answer_sec: str, number: str) -> None:
    pool = ThreadPoolExecutor(1)

    async def drive(desk: Desk) -> Driver:
        stage = Sightings(
            Waiting(float(answer_sec)), pool, CoverageCounters(f"bench-{number}"), stale_after_sec=1e9
        )
        return IndependentDriver(Redirected(stage, f"{name}-out"), desk)

    subscription = Subscription(kafka=kafka, group=name, topics=(name,), instance=f"{name}-{number}")
    worker = Worker(stage=name, subscription=subscription, drive=drive, measures=Measures(name), in_flight=8)
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(run((worker,)))


if __name__ == "__main__":
    main(*sys.argv[1:5])
