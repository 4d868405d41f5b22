"""Topics of the bench's own, filled before anything is measured, and the workers that read them."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import IO

import numpy as np
from confluent_kafka import Producer
from confluent_kafka.admin import AdminClient
from confluent_kafka.cimpl import NewTopic

from contracts.errors import Stop
from contracts.messages.frame import FrameHeader, encode_headers, microseconds
from processors.cascade.pictures import encode_jpeg

PARTITIONS = 16
FRAMES_PER_SECOND = 10
FRAME_WH = 160, 90
"""Small: what is measured is not how fast pictures are unpacked."""
_BEGAN = datetime(2026, 1, 1, tzinfo=UTC)
_JPEG_QUALITY = 80


@dataclass(frozen=True, kw_only=True)
class Filling:
    """A message on its way to a topic of the bench. Each partition has one camera."""

    partition: int
    value: bytes
    headers: Mapping[str, bytes] = field(default_factory=dict)


def camera_of(partition: int) -> str:
    return f"bench-{partition}"


def captured_at(sequence: int) -> datetime:
    """Of a day long past: a file's frames are never stale."""
    return _BEGAN + timedelta(seconds=sequence / FRAMES_PER_SECOND)


def picture(size_wh: tuple[int, int]) -> bytes:
    """A picture of nothing, as JPEG."""
    width, height = size_wh
    return encode_jpeg(np.full((height, width, 3), 90, np.uint8), _JPEG_QUALITY)


def frames(count: int) -> Iterator[Filling]:
    """So many, evenly of all cameras."""
    jpeg = picture(FRAME_WH)
    for number in range(count):
        partition, sequence = number % PARTITIONS, number // PARTITIONS
        header = FrameHeader(
            camera=camera_of(partition),
            epoch="bench",
            sequence=sequence,
            captured_at_us=microseconds(captured_at(sequence)),
            clock="host",
            width=FRAME_WH[0],
            height=FRAME_WH[1],
            origin="file",
        )
        yield Filling(partition=partition, value=jpeg, headers=dict(encode_headers(header)))


def fill(kafka: str, name: str, messages: Iterable[Filling]) -> int:
    """Makes topic `name`, those that its workers write to, and sends the messages; how many.

    Raises:
        Stop: Kafka did not take them.
    """
    admin = AdminClient({"bootstrap.servers": kafka})
    topics = [NewTopic(f"{name}{end}", PARTITIONS, 1) for end in ("", "-out", ".dead")]
    for made in admin.create_topics(topics).values():
        made.result(30)
    producer = Producer({"bootstrap.servers": kafka, "queue.buffering.max.messages": 1_000_000})
    count = 0
    for message in messages:
        key, headers = camera_of(message.partition).encode(), dict(message.headers)
        producer.produce(name, message.value, key, partition=message.partition, headers=headers)
        producer.poll(0)
        count += 1
    if producer.flush(60):
        raise Stop(f"the bench's messages for {name} were not delivered")
    return count


@dataclass(frozen=True)
class BenchWorker:
    """A worker at work, and what it writes to its standard error."""

    process: subprocess.Popen[bytes]
    told: IO[bytes]

    def check_running(self) -> None:
        """
        Raises:
            Stop: it has ended, so that what it was to do is never done.
        """
        if self.process.poll() is not None:
            self.told.seek(0)
            *_, last = self.told.read().decode(errors="replace").splitlines() or ["it said nothing"]
            raise Stop(f"a worker of the bench ended with status {self.process.returncode}: {last}")


@contextmanager
def workers(
    program: str, kafka: str, name: str, *arguments: str, count: int = 1
) -> Iterator[Sequence[BenchWorker]]:
    """`count` workers that read topic `name` while the block runs; the last argument is a worker's number."""
    command = [sys.executable, "-m", f"deploy.bench.workers.{program}", kafka, name, *arguments]
    with ExitStack() as stack:
        started = []
        for number in range(count):
            told = stack.enter_context(tempfile.TemporaryFile())
            process = subprocess.Popen([*command, str(number)], stdout=subprocess.DEVNULL, stderr=told)
            stack.callback(process.wait)
            stack.callback(process.kill)
            started.append(BenchWorker(process, told))
        yield started
