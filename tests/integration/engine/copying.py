"""A log of numbered messages, workers that copy it, and what came out: for the tests of the engine."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from confluent_kafka import Consumer, Producer, TopicPartition
from confluent_kafka.admin import AdminClient
from confluent_kafka.cimpl import NewTopic

from contracts.topics import LOSES_NOTHING, MAX_MESSAGE_BYTES

PARTITIONS = 4


@dataclass
class Copying:
    """`shapes`: the kinds of stage that read the same log, each in its own group with its own target."""

    kafka: str
    name: str
    messages: int
    shapes: tuple[str, ...] = ("independent", "ordered", "batch")
    work_ms: int = 2
    workers: list[subprocess.Popen[bytes]] = field(default_factory=list)
    _seen: dict[str, list[bytes]] = field(default_factory=dict)
    _readers: dict[str, Consumer] = field(default_factory=dict)

    def open(self) -> None:
        topics = [self.source, f"{self.source}.dead", *(self.target(shape) for shape in self.shapes)]
        admin = AdminClient({"bootstrap.servers": self.kafka})
        large = {"max.message.bytes": str(MAX_MESSAGE_BYTES)}
        new = [NewTopic(topic, PARTITIONS, 1, config=large) for topic in topics]
        for made in admin.create_topics(new).values():
            made.result(30)
        self._send(range(self.messages))
        for shape in self.shapes:
            self._seen[shape] = []
            reader = Consumer({"bootstrap.servers": self.kafka, "group.id": f"{self.name}-reader"})
            reader.assign([TopicPartition(self.target(shape), number, 0) for number in range(PARTITIONS)])
            self._readers[shape] = reader

    def more(self, count: int) -> None:
        """That many messages behind those that stand in the log."""
        self._send(range(self.messages, self.messages + count))
        self.messages += count

    def _send(self, numbers: range) -> None:
        producer = Producer({"bootstrap.servers": self.kafka, **LOSES_NOTHING})
        for number in numbers:
            partition = number % PARTITIONS
            producer.produce(self.source, b"%d" % number, b"camera-%d" % partition, partition=partition)
        assert producer.flush(30) == 0

    def close(self) -> None:
        for worker in self.workers:
            worker.kill()
            worker.wait()
        for reader in self._readers.values():
            reader.close()

    @property
    def source(self) -> str:
        return f"{self.name}-in"

    def target(self, shape: str) -> str:
        return f"{self.name}-{shape}"

    def start(self, shape: str, *, instance: str = "", health: str = "") -> subprocess.Popen[bytes]:
        command = [sys.executable, "-m", "tests.integration.engine.worker", self.kafka]
        command += [f"{self.name}-{shape}", self.source, self.target(shape), shape, str(self.work_ms)]
        worker = subprocess.Popen([*command, instance, health])
        self.workers.append(worker)
        return worker

    def read(self, shape: str) -> list[bytes]:
        """Everything that came out so far, repeats included."""
        for message in self._readers[shape].consume(1000, timeout=0.1):
            value = message.value()
            if message.error() is None and value is not None:
                self._seen[shape].append(value)
        return self._seen[shape]

    def expected(self, shape: str) -> set[bytes]:
        """What comes out of an undisturbed run: copies, or whole tens of each partition."""
        if shape != "ordered":
            return {b"%d" % number for number in range(self.messages)}
        lanes = [range(partition, self.messages, PARTITIONS) for partition in range(PARTITIONS)]
        return {
            b",".join(b"%d" % number for number in lane[first : first + 10])
            for lane in lanes
            for first in range(0, len(lane) - 9, 10)
        }

    def wait_for(self, share: float, *, within_sec: float = 60.0) -> None:
        """Until every shape has given at least this share of what is expected."""
        self._wait(lambda shape: len(set(self.read(shape))) >= share * len(self.expected(shape)), within_sec)

    def wait_for_end(self, *, within_sec: float = 80.0) -> None:
        """Until everything expected has come out, and nothing else."""
        self._wait(lambda shape: set(self.read(shape)) >= self.expected(shape), within_sec)
        for shape in self.shapes:
            assert set(self.read(shape)) == self.expected(shape)

    def _wait(self, reached: Callable[[str], bool], within_sec: float) -> None:
        until = time.monotonic() + within_sec
        while not all(reached(shape) for shape in self.shapes):
            counts = {shape: len(set(self._seen[shape])) for shape in self.shapes}
            assert time.monotonic() < until, f"only {counts} came out"
