"""Area `workers`: stages on real Kafka without models. Of `sightings`, whose models answer after a constant
time, what more workers are worth; of it and of `plates`, whether a worker grows with what it has seen."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager

from confluent_kafka import Consumer, TopicPartition

from contracts.codec import decode
from contracts.errors import Stop
from contracts.messages.common import LogPosition
from contracts.messages.sighting import Sighting
from deploy.bench.context import Bench
from deploy.bench.figures import Figure, at_least
from deploy.bench.workers import growth
from deploy.bench.workers.topics import PARTITIONS, fill, frames, workers
from deploy.local.options import KAFKA

WORKERS = (1, 8)
FRAMES_A_WORKER = 400
ANSWER_SEC = 0.5
"""Long beside the processor time of a small frame, so that two cores can stand for eight machines."""
_WITHIN_SEC = 560.0


def measure(bench: Bench) -> list[Figure]:
    with bench.stack((KAFKA,)) as stack:
        kafka = stack.variables()["PLATESTREAM_KAFKA"]
        rates = {count: _rate(kafka, count) for count in WORKERS}
        grown = growth.measure(kafka)
    few, many = rates[WORKERS[0]], rates[WORKERS[-1]]
    share = many / few / (WORKERS[-1] / WORKERS[0])
    goal, holds = at_least(0.9, share)
    return [
        Figure(area="workers", name=f"{WORKERS[-1]} workers with a constant answer time, of linear",
               value=share, unit="x", reference=few, goal=goal, holds=holds),
        *grown,
    ]  # fmt: skip


def _rate(kafka: str, count: int) -> float:
    """Frames a second of so many workers, from the first result to the last."""
    name = f"bench-{count}"
    total = fill(kafka, name, frames(FRAMES_A_WORKER * count))
    with (
        workers("sightings_worker", kafka, name, str(ANSWER_SEC), "0", count=count) as started,
        _counter(kafka, name) as counter,
    ):
        times, seen = list[float](), set[LogPosition]()  # a frame may come twice when the group is formed
        deadline = time.monotonic() + _WITHIN_SEC
        while len(times) < total and time.monotonic() < deadline:
            for worker in started:
                worker.check_running()
            seen.update(decode(Sighting, each.value()).frame for each in counter.consume(500, timeout=0.05))
            times += [time.monotonic()] * (len(seen) - len(times))
    if len(times) < total:
        raise Stop(f"{count} workers: {len(times)} of {total} frames came out in {_WITHIN_SEC:.0f} s")
    # The beginning, while the group is formed, and the end, when some have nothing left, are left out.
    first, last = total // 5, total * 4 // 5
    return (last - first) / (times[last] - times[first])


@contextmanager
def _counter(kafka: str, name: str) -> Iterator[Consumer]:
    consumer = Consumer({"bootstrap.servers": kafka, "group.id": f"{name}-counter"})
    consumer.assign([TopicPartition(f"{name}-out", number, 0) for number in range(PARTITIONS)])
    try:
        yield consumer
    finally:
        consumer.close()
