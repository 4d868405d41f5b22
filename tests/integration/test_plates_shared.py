"""Two workers of the stage `plates`, as they are started, share the cameras; one goes while vehicles pass."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from confluent_kafka import Consumer, ConsumerGroupState, Producer, TopicPartition
from confluent_kafka.admin import AdminClient

from contracts.codec import decode, encode
from contracts.messages.plate import PlateEvent
from contracts.messages.sighting import Sighting
from contracts.topics import PARTITIONER, Topic
from deploy.local.folders import CHECKOUT
from deploy.measure.log import LogReader, Offsets
from tests.processors.lives import after_crashes
from tests.processors.passages.builders import Drive, a_street
from tests.processors.plates_stage import TEXTS, with_pictures

CAMERAS = 12
"""One a partition, so that each worker has half of them."""

pytestmark = pytest.mark.timeout(240)


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
        producer = Producer(
            {"bootstrap.servers": self.kafka, "partitioner": PARTITIONER, "enable.idempotence": True}
        )
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


@pytest.fixture
def sharing(topics: str, triton: str, tmp_path: Path, fresh_name: Callable[[str], str]) -> Iterator[Sharing]:
    streets = [a_busy_street(fresh_name("shared"), number) for number in range(CAMERAS)]
    with closing(LogReader(topics)) as log:
        leave_out_what_is_there(topics, log.ends(Topic.SIGHTINGS))
        made = Sharing(topics, triton, tmp_path / "evidence", streets, log)
        yield made
        for worker in made.workers:
            worker.kill()
            worker.wait()


def leave_out_what_is_there(kafka: str, ends: Offsets) -> None:
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


BEFORE, AFTER = slice(0, 45), slice(45, None)
"""Until the second vehicle is in the middle of the picture, and the rest."""


@pytest.mark.parametrize("goes_by", [signal.SIGTERM, signal.SIGKILL], ids=["told to end", "killed"])
def test_what_two_workers_give_is_what_one_gives_though_one_of_them_goes(
    sharing: Sharing, goes_by: signal.Signals
) -> None:
    expected = {
        event.event_id: event.reading and event.reading.text
        for street in sharing.streets
        for event in after_crashes(street, [])
        if event.state == "final"
    }
    assert len(expected) == 2 * CAMERAS
    sharing.start()
    sharing.start()
    wait_until(lambda: sharing.shares() == [6, 6])
    sharing.send(BEFORE)
    wait_until(lambda: ids(sharing.events("preview")) == set(expected))
    assert len(ids(sharing.events("final"))) < len(expected)

    gone, left = sharing.workers
    gone.send_signal(goes_by)
    sharing.send(AFTER)
    wait_until(lambda: len(ids(sharing.events("final"))) >= len(expected))
    left.send_signal(signal.SIGTERM)
    assert (gone.wait(20), left.wait(20)) == (-goes_by if goes_by == signal.SIGKILL else 0, 0)

    finals = sharing.events("final")
    assert {event.event_id: event.reading and event.reading.text for event in finals} == expected
    assert ids(sharing.events("preview")) == set(expected)
    if goes_by == signal.SIGTERM:
        assert len(finals) == len(expected)


def ids(events: Sequence[PlateEvent]) -> set[str]:
    return {event.event_id for event in events}


def wait_until(reached: Callable[[], bool]) -> None:
    until = time.monotonic() + 60
    while not reached():
        assert time.monotonic() < until
        time.sleep(0.1)
