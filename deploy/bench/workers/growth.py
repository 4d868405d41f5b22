"""Whether a worker grows from half of its way on: one of `sightings` and one of `plates`, side by side."""

from __future__ import annotations

import os
import time
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

from contracts.errors import Stop
from deploy.bench.figures import Figure, at_most
from deploy.bench.workers.topics import BenchWorker, fill, frames, workers
from deploy.bench.workers.traffic import sightings
from deploy.measure.log import LogReader

MESSAGES = int(os.environ.get("FRAMES", "200000"))
PLATES_EVERY = 10
"""In one frame of so many there is a plate: cutting it out and its small picture are then part of it, and the
time that they take does not decide how long this takes."""
HALF, NEARLY_ALL = 0.5, 0.9
"""Of the way, between which it is measured: at its end nothing waits in memory any more."""
MOST = 0.02
_SILENT_SEC = 120.0
"""Any number of messages may be asked for, so what ends a hopeless run is that no more of them are done."""
_LOOK_EVERY_SEC = 0.5


@dataclass
class _Growing:
    """A worker, what it reads, and its resident memory once half of that is done, and nearly all."""

    stage: str
    name: str
    total: int
    worker: BenchWorker
    done: int = 0
    last_sec: float = field(default_factory=time.monotonic)
    half_kib: float = 0.0
    then_kib: float = 0.0

    def look(self, topics: LogReader) -> None:
        """
        Raises:
            Stop: the worker has ended, or does nothing any more.
        """
        self.worker.check_running()
        done = self.total - topics.lag(self.name, self.name, since={})
        if done > self.done:
            self.done, self.last_sec = done, time.monotonic()
        elif time.monotonic() > self.last_sec + _SILENT_SEC:
            raise Stop(f"{self.stage}: after {done} of {self.total} nothing was done in {_SILENT_SEC:.0f} s")
        if not self.half_kib and done >= HALF * self.total:
            self.half_kib = _resident_kib(self.worker)
        if done >= NEARLY_ALL * self.total:
            self.then_kib = _resident_kib(self.worker)


def measure(kafka: str) -> list[Figure]:
    """By what the workers have acknowledged: what an open passage needs does not count as done."""
    seen, passed = "bench-seen", "bench-passed"
    totals = fill(kafka, seen, frames(MESSAGES)), fill(kafka, passed, sightings(MESSAGES))
    with (
        workers("sightings_worker", kafka, seen, "0", str(PLATES_EVERY)) as (one,),
        workers("plates_worker", kafka, passed) as (other,),
        closing(LogReader(kafka)) as topics,
    ):
        growing = [
            _Growing("sightings", seen, totals[0], one),
            _Growing("plates", passed, totals[1], other),
        ]
        while left := [each for each in growing if not each.then_kib]:
            for each in left:
                each.look(topics)
            time.sleep(_LOOK_EVERY_SEC)
    return [_figure(each) for each in growing]


def _figure(grown: _Growing) -> Figure:
    value = grown.then_kib / grown.half_kib - 1.0
    goal, holds = at_most(MOST, value)
    name = f"memory of a worker of {grown.stage}, growth from half to nearly all of {grown.total:,} messages"
    reference = grown.half_kib / 1024
    return Figure(
        area="workers", name=name, value=value, unit="", reference=reference, goal=goal, holds=holds
    )


def _resident_kib(worker: BenchWorker) -> float:
    pages = int(Path(f"/proc/{worker.process.pid}/statm").read_text(encoding="ascii").split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1024
