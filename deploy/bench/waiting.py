"""Area `workers`: the stage `sightings` on real Kafka with models that answer after a constant time: what
more workers are worth, and whether one grows with the frames that it has seen."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
from confluent_kafka import Consumer, Producer, TopicPartition
from confluent_kafka.admin import AdminClient
from confluent_kafka.cimpl import NewTopic

from contracts.errors import Stop
from contracts.messages.frame import FrameHeader, encode_headers, microseconds
from deploy.bench.context import Bench
from deploy.bench.figures import Figure, at_least, at_most
from deploy.local.options import KAFKA
from processors.cascade.pictures import encode_jpeg

PARTITIONS = 16
WORKERS = (1, 8)
FRAMES_A_WORKER = 400
ANSWER_SEC = 0.5
"""Long beside the processor time of a small frame, so that two cores can stand for eight machines."""
MEMORY_FRAMES = int(os.environ.get("FRAMES", "40000"))
_WITHIN_SEC = 560.0
_SILENT_SEC = 120.0
"""Any number of frames may be asked for, so what ends a hopeless run is that no more of them come out."""


def measure(bench: Bench) -> list[Figure]:
    with bench.stack((KAFKA,)) as stack:
        kafka = stack.variables()["PLATESTREAM_KAFKA"]
        rates = {count: _rate(kafka, count) for count in WORKERS}
        growth, kib = _growth(kafka)
    few, many = rates[WORKERS[0]], rates[WORKERS[-1]]
    share = many / few / (WORKERS[-1] / WORKERS[0])
    goal, holds = at_least(0.9, share)
    flat_goal, flat = at_most(0.02, growth)
    return [
        Figure(area="workers", name=f"{WORKERS[-1]} workers with a constant answer time, of linear",
               value=share, unit="x", reference=few, goal=goal, holds=holds),
        Figure(area="workers", name=f"memory of a worker, growth from half of {MEMORY_FRAMES:,} frames on",
               value=growth, unit="", reference=kib / 1024, goal=flat_goal, holds=flat),
    ]  # fmt: skip


def _rate(kafka: str, count: int) -> float:
    """Frames a second of so many workers, from the first result to the last."""
    name = f"bench-{count}"
    frames = FRAMES_A_WORKER * count
    _fill(kafka, name, frames)
    with _workers(kafka, name, count, answer_sec=ANSWER_SEC) as _, _counter(kafka, name) as counter:
        times: list[float] = []
        deadline = time.monotonic() + _WITHIN_SEC
        while len(times) < frames and time.monotonic() < deadline:
            times += [time.monotonic()] * len(counter.consume(500, timeout=0.05))
    if len(times) < frames:
        raise Stop(f"{count} workers: {len(times)} of {frames} frames came out in {_WITHIN_SEC:.0f} s")
    # The beginning, while the group is formed, and the end, when some have nothing left, are left out.
    first, last = frames // 5, frames * 4 // 5
    return (last - first) / (times[last] - times[first])


def _growth(kafka: str) -> tuple[float, float]:
    """Of the resident memory of one worker, and how large it is at half of the way, in KiB."""
    name = "bench-memory"
    _fill(kafka, name, MEMORY_FRAMES)
    with (
        _workers(kafka, name, 1, answer_sec=0.0) as (worker,),
        _counter(kafka, name) as counter,
    ):
        done, at_half, last_sec = 0, 0.0, time.monotonic()
        while done < MEMORY_FRAMES:
            came = len(counter.consume(500, timeout=0.2))
            if came:
                done, last_sec = done + came, time.monotonic()
            elif time.monotonic() > last_sec + _SILENT_SEC:
                raise Stop(f"no frame after {done} of {MEMORY_FRAMES} came out in {_SILENT_SEC:.0f} s")
            if done >= MEMORY_FRAMES // 2 and not at_half:
                at_half = _resident_kib(worker)
        return _resident_kib(worker) / at_half - 1.0, at_half


def _fill(kafka: str, name: str, frames: int) -> None:
    """Small frames of one camera a partition, evenly."""
    admin = AdminClient({"bootstrap.servers": kafka})
    topics = [NewTopic(topic, PARTITIONS, 1) for topic in (name, f"{name}-out", f"{name}.dead")]
    for made in admin.create_topics(topics).values():
        made.result(30)
    producer = Producer({"bootstrap.servers": kafka, "queue.buffering.max.messages": 1_000_000})
    jpeg = _small_frame()
    for number in range(frames):
        partition, sequence = number % PARTITIONS, number // PARTITIONS
        header = FrameHeader(
            camera=f"bench-{partition}",
            epoch="bench",
            sequence=sequence,
            captured_at_us=microseconds_of(sequence),
            clock="host",
            width=320,
            height=180,
            origin="file",
        )
        producer.produce(
            name, jpeg, header.camera.encode(), partition=partition, headers=dict(encode_headers(header))
        )
        producer.poll(0)
    if producer.flush(60):
        raise Stop("the bench's frames were not delivered")


def microseconds_of(sequence: int) -> int:
    """Ten frames a second of a day long past: a file's frames are never stale."""
    return microseconds(datetime(2026, 1, 1, tzinfo=UTC) + timedelta(seconds=sequence / 10))


def _small_frame() -> bytes:
    return encode_jpeg(np.full((180, 320, 3), 90, np.uint8), 80)


@contextmanager
def _workers(
    kafka: str, name: str, count: int, *, answer_sec: float
) -> Iterator[Sequence[subprocess.Popen[bytes]]]:
    command = [sys.executable, "-m", "deploy.bench.waiting_worker", kafka, name, str(answer_sec)]
    started = [
        subprocess.Popen([*command, str(number)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        for number in range(count)
    ]
    try:
        yield started
    finally:
        for worker in started:
            worker.kill()
            worker.wait()


@contextmanager
def _counter(kafka: str, name: str) -> Iterator[Consumer]:
    consumer = Consumer({"bootstrap.servers": kafka, "group.id": f"{name}-counter"})
    consumer.assign([TopicPartition(f"{name}-out", number, 0) for number in range(PARTITIONS)])
    try:
        yield consumer
    finally:
        consumer.close()


def _resident_kib(worker: subprocess.Popen[bytes]) -> float:
    pages = int(Path(f"/proc/{worker.pid}/statm").read_text(encoding="ascii").split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1024
