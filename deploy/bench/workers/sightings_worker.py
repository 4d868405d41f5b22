"""`python -m deploy.bench.workers.sightings_worker KAFKA NAME ANSWER_SEC PLATES_EVERY NUMBER`: the stage
`sightings` from topic NAME to NAME-out, its models replaced by the time that they take."""

from __future__ import annotations

import asyncio
import dataclasses
import sys
from collections.abc import Sequence
from concurrent.futures import Executor, ThreadPoolExecutor

import numpy as np
import uvloop
from numpy.typing import NDArray

from contracts.messages.common import ALPHABET, ModelUsed
from processors.cascade.coverage import CoverageCounters
from processors.cascade.settings import FOR_VIDEO
from processors.engine.drivers.desk import Desk, Driver
from processors.engine.drivers.independent import IndependentDriver
from processors.engine.measures import Measures
from processors.engine.process import Worker, run
from processors.engine.reading.subscription import Subscription
from processors.engine.stage import Incoming, Outgoing
from processors.ports import Tensors
from processors.sightings import Sightings
from triton_models.tensors import CHARACTERS, MODELS, PLATE, SLOTS

_TEXT = "MH12AB1234"
_QUAD = (110.0, 110.0, 210.0, 110.0, 210.0, 135.0, 110.0, 135.0)
"""Where in the look the plate is, large enough that nobody looks once more."""
_ONE_LOOK = dataclasses.replace(FOR_VIDEO, frame_below_px=1)
"""The bench's frames are small, and no pictures of mere plates."""


class Waiting:
    """`Inference` of a constant time, which sees nothing but a plate in every `plates_every`-th frame."""

    def __init__(self, answer_sec: float, plates_every: int) -> None:
        self._answer_sec = answer_sec
        self._plates_every = plates_every
        self._looks = 0

    @property
    def models(self) -> tuple[ModelUsed, ...]:
        return ()

    async def infer(self, model: str, images: NDArray[np.uint8]) -> Tensors:
        await asyncio.sleep(self._answer_sec / 2)  # vehicles, then plates
        answer = {
            output.name: np.zeros((len(images), *output.shape), np.float32)
            for output in MODELS[model].outputs
        }
        if model == PLATE.model and self._plates_every:
            self._looks += 1
            if self._looks % self._plates_every == 0:
                answer["plates"][0, 0, :9] = (*_QUAD, 0.9)
        if model == CHARACTERS.model:
            for slot in range(SLOTS):
                sign = ALPHABET.index(_TEXT[slot]) if slot < len(_TEXT) else len(ALPHABET)
                answer["probabilities"][:, slot, sign] = 1.0
                answer["places"][:, slot] = (12.0 * slot, 10.0, 12.0 * slot + 10.0, 50.0)
        return answer


class Redirected:
    """The stage, its results on a topic of the bench."""

    def __init__(self, stage: Sightings, topic: str) -> None:
        self._stage = stage
        self._topic = topic

    async def handle(self, message: Incoming) -> Sequence[Outgoing]:
        return [dataclasses.replace(each, topic=self._topic) for each in await self._stage.handle(message)]


def stage_of(pool: Executor, *, answer_sec: float, plates_every: int) -> Sightings:
    """The stage before these models; no frame is too old for it."""
    models, coverage = Waiting(answer_sec, plates_every), CoverageCounters("bench")
    return Sightings(models, pool, coverage, stale_after_sec=1e9, video=_ONE_LOOK)


def main(kafka: str, name: str, answer_sec: str, plates_every: str, number: str) -> None:
    stage = stage_of(ThreadPoolExecutor(1), answer_sec=float(answer_sec), plates_every=int(plates_every))

    async def drive(desk: Desk) -> Driver:
        return IndependentDriver(Redirected(stage, f"{name}-out"), desk)

    subscription = Subscription(kafka=kafka, group=name, topics=(name,), instance=f"{name}-{number}")
    worker = Worker(stage=name, subscription=subscription, drive=drive, measures=Measures(name), in_flight=8)
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(run((worker,)))


if __name__ == "__main__":
    main(*sys.argv[1:6])
