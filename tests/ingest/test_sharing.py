"""Which of a city's cameras a process reads, as Kafka hands their partitions out, takes and loses them."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from contextlib import closing
from typing import Any

import pytest
from confluent_kafka import Producer, TopicPartition

from contracts.cameras import Camera
from contracts.partition import partition_of
from contracts.topics import ALL_TOPICS, Topic
from ingest import sharing
from ingest.sharing import Share
from tests.integration.watched import until

PARTITIONS = next(spec for spec in ALL_TOPICS if spec.name == Topic.FRAMES).partitions
CAMERAS = {name: Camera(id=name, source="rtsp://10.0.0.5/x") for name in (f"gate-{n}" for n in range(200))}

Told = Callable[["Group", list[TopicPartition]], None]


class Group:
    """A consumer that is told what the test says, and keeps what it was made to assign."""

    def __init__(self) -> None:
        self.assigned: set[int] = set()
        self.paused: set[int] = set()
        self._callbacks: dict[str, Told] = {}

    def subscribe(self, _topics: Sequence[str], **callbacks: Told) -> None:
        self._callbacks = callbacks

    def tells(self, what: str, *partitions: int) -> None:
        self._callbacks[what](self, [TopicPartition(Topic.FRAMES, number) for number in partitions])

    def incremental_assign(self, partitions: list[TopicPartition]) -> None:
        self.assigned |= {each.partition for each in partitions}

    def incremental_unassign(self, partitions: list[TopicPartition]) -> None:
        self.assigned -= {each.partition for each in partitions}

    def pause(self, partitions: list[TopicPartition]) -> None:
        self.paused |= {each.partition for each in partitions}

    def poll(self, timeout_sec: float) -> None:
        time.sleep(min(timeout_sec, 0.01))

    def close(self) -> None:
        return None


@pytest.fixture
def group(monkeypatch: pytest.MonkeyPatch) -> Group:
    group = Group()
    monkeypatch.setattr(sharing, "Consumer", lambda *_settings, **_logger: group)
    return group


def read_by(share: Share) -> set[int]:
    """The partitions of the cameras that it reads."""
    return {partition_of(name.encode(), partitions=PARTITIONS) for name in share.of(CAMERAS)}


def test_a_process_reads_the_cameras_of_the_partitions_that_it_holds(group: Group) -> None:
    with closing(Share("kafka:9092", "city")) as share:
        assert share.of(CAMERAS) == {}
        group.tells("on_assign", 0, 1, 2)
        group.tells("on_assign", 3)
        assert read_by(share) == {0, 1, 2, 3}
        group.tells("on_revoke", 1)
        assert read_by(share) == {0, 2, 3} == group.assigned
        assert group.assigned <= group.paused  # nothing is consumed


def test_a_process_that_lost_kafka_reads_on_until_its_cameras_are_handed_out_anew(
    group: Group, caplog: pytest.LogCaptureFixture
) -> None:
    with closing(Share("kafka:9092", "city")) as share:
        group.tells("on_assign", 0, 1, 2)
        group.tells("on_lost", 0, 1, 2)
        assert read_by(share) == {0, 1, 2}
        assert group.assigned == set()
        assert "3 partitions are read on" in caplog.text
        group.tells("on_assign", 2, 5)
        assert read_by(share) == {2, 5} == group.assigned
        group.tells("on_assign", 6)
        assert read_by(share) == {2, 5, 6}


def test_what_others_hold_after_a_loss_is_left_to_them(group: Group) -> None:
    with closing(Share("kafka:9092", "city")) as share:
        group.tells("on_assign", 0, 1)
        group.tells("on_lost", 0, 1)
        group.tells("on_assign")
        assert share.of(CAMERAS) == {}


def test_the_kafka_library_tells_a_loss_and_the_cameras_are_kept(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """Against the broker that the library has for tests, which goes for good."""
    monkeypatch.setattr(sharing, "SESSION_TIMEOUT_MS", 3_000)
    broker: list[Any] = [Producer({"bootstrap.servers": "none", "test.mock.num.brokers": 1})]
    [node] = broker[0].list_topics(Topic.FRAMES, timeout=20).brokers.values()  # which makes the topic, too
    with closing(Share(f"{node.host}:{node.port}", "city")) as share:
        until(lambda: bool(share.of(CAMERAS)), within_sec=60)
        held = share.of(CAMERAS)
        broker.clear()
        until(lambda: "are read on" in caplog.text, within_sec=60)
        assert share.of(CAMERAS) == held
