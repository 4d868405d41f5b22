"""Workers of the stage `plates`, as they are started, and streets before which vehicles pass."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from confluent_kafka import Consumer, ConsumerGroupState, Producer, TopicPartition
from confluent_kafka.admin import AdminClient

from contracts.codec import decode, encode
from contracts.messages.plate import PlateEvent
from contracts.messages.sighting import Sighting
from contracts.topics import LOSES_NOTHING, Topic
from deploy.local.folders import CHECKOUT
from deploy.measure.log import LogReader, Offsets
from tests.processors.lives import after_crashes
from tests.processors.passages.builders import Drive, a_street
from tests.processors.plates_stage import TEXTS, with_pictures

CAMERAS = 12
"""One a partition, so that each of two workers has half of them."""

BEFORE, AFTER = slice(0, 45), slice(45, None)
"""Until the second vehicle is in the middle of the picture, and the rest."""


@dataclass
class Sharing:
    """Streets before which two vehicles pass, one after the other, and the workers that follow them."""

    kafka: str
    triton: str
    evidence: Path
    streets: Sequence[Sequence[Sighting]]
    log: LogReader
    workers: list[subprocess.Popen[bytes]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._since = self.log.ends(Topic.PLATES)
        self._cameras = {street[0].camera for street in self.streets}

    @property
    def expected(self) -> dict[str, PlateEvent]:
        """The finals that one worker gives whom nothing disturbs, by their ids."""
        given = [event for street in self.streets for event in after_crashes(street, [])]
        return {event.event_id: event for event in given if event.state == "final"}

    def start(self) -> None:
        settings = {"KAFKA": self.kafka, "TRITON": self.triton, "EVIDENCE": self.evidence.as_uri()}
        self.workers.append(
            subprocess.Popen(
                [sys.executable, "-m", "processors", "plates"],
                cwd=CHECKOUT,
                env={**os.environ, **{f"PLATESTREAM_{name}": value for name, value in settings.items()}},
            )
        )

    def send(self, part: slice) -> None:
        producer = Producer({"bootstrap.servers": self.kafka, **LOSES_NOTHING})
        for partition, street in enumerate(self.streets):
            for sighting in street[part]:
                producer.produce(
                    Topic.SIGHTINGS, encode(sighting), sighting.camera.encode(), partition=partition
                )
        assert producer.flush(30) == 0

    def events(self, state: str) -> list[PlateEvent]:
        """Everything of these cameras that came out so far, repeats included."""
        messages = self.log.read(Topic.PLATES, since=self._since, until=self.log.ends(Topic.PLATES))
        found = [decode(PlateEvent, message.value()) for message in messages]
        return [event for event in found if event.camera in self._cameras and event.state == state]

    def shares(self) -> list[int]:
        """How many partitions each worker has; empty while that is being decided."""
        admin = AdminClient({"bootstrap.servers": self.kafka})
        group = admin.describe_consumer_groups(["plates"])["plates"].result(20)
        if group.state != ConsumerGroupState.STABLE:
            return []
        return [len(member.assignment.topic_partitions) for member in group.members]


@contextmanager
def shared(kafka: str, triton: str, evidence: Path, name: Callable[[str], str]) -> Iterator[Sharing]:
    """Streets with cameras of their own, and no worker yet; those that are started are ended."""
    streets = [a_busy_street(name("shared"), number) for number in range(CAMERAS)]
    with closing(LogReader(kafka)) as log:
        _leave_out_what_is_there(kafka, log.ends(Topic.SIGHTINGS))
        made = Sharing(kafka, triton, evidence, streets, log)
        try:
            yield made
        finally:
            for worker in made.workers:
                worker.kill()
                worker.wait()


def _leave_out_what_is_there(kafka: str, ends: Offsets) -> None:
    """Other tests have left vehicles in view, which would be waited for in the same partitions."""
    group = Consumer({"bootstrap.servers": kafka, "group.id": "plates"})
    places = [TopicPartition(Topic.SIGHTINGS, partition, end) for partition, end in ends.items()]
    group.commit(offsets=places, asynchronous=False)
    group.close()


def a_busy_street(camera: str, number: int) -> list[Sighting]:
    drives = [
        Drive(text=TEXTS[(number + which) % len(TEXTS)], starts_sec=7.0 * which, lasts_sec=4.0)
        for which in range(2)
    ]
    return with_pictures(a_street(drives, seed=number, camera=camera))


def ids(events: Iterable[PlateEvent]) -> set[str]:
    return {event.event_id for event in events}


def texts(events: Iterable[PlateEvent]) -> dict[str, str | None]:
    """By event id, what was read."""
    return {event.event_id: event.reading.text if event.reading else None for event in events}


def wait_until(reached: Callable[[], bool]) -> None:
    until = time.monotonic() + 60
    while not reached():
        assert time.monotonic() < until
        time.sleep(0.1)
