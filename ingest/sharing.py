"""Processes share a city's cameras: whoever holds a partition of `frames` reads the cameras written there.

Kafka's group protocol hands the partitions out and hands those of a dead process on. Nothing is consumed:
the group exists for its assignment alone. A process that loses Kafka keeps its cameras until Kafka hands the
partitions out anew: while Kafka is away nobody else can be told to take them, and frames wait in the outbox.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Mapping

from confluent_kafka import Consumer, KafkaException, TopicPartition

from contracts.cameras import Camera
from contracts.partition import partition_of
from contracts.topics import ALL_TOPICS, Topic

SESSION_TIMEOUT_MS = 10_000
"""A process that was killed is missed after so long; its cameras are read elsewhere soon after."""
_POLL_SEC = 0.5

log = logging.getLogger(__name__)


class Share:
    """This process's part of the cameras."""

    def __init__(self, bootstrap: str, name: str) -> None:
        self._consumer = Consumer(
            {
                "bootstrap.servers": bootstrap,
                "group.id": f"ingest.{name}",
                "session.timeout.ms": SESSION_TIMEOUT_MS,
                "heartbeat.interval.ms": 2_000,
                # A process that comes or goes moves only the cameras that it takes or leaves.
                "partition.assignment.strategy": "cooperative-sticky",
                "enable.auto.commit": False,
                "auto.offset.reset": "latest",
            },
            logger=logging.getLogger("librdkafka"),
        )
        self._partitions = frozenset[int]()
        self._are_lost = False
        self._stopping = threading.Event()
        self._consumer.subscribe(
            [Topic.FRAMES], on_assign=self._given, on_revoke=self._taken, on_lost=self._lost
        )
        self._thread = threading.Thread(target=self._follow, name="kafka-share", daemon=True)
        self._thread.start()

    def of(self, cameras: Mapping[str, Camera]) -> dict[str, Camera]:
        """Those of the cameras that this process reads."""
        return {name: camera for name, camera in cameras.items() if _partition(name) in self._partitions}

    def close(self) -> None:
        """Leave the group, so that others take over at once."""
        self._stopping.set()
        self._thread.join()
        self._consumer.close()

    def _follow(self) -> None:
        while not self._stopping.is_set():
            try:
                self._consumer.poll(_POLL_SEC)  # every partition is paused: it only keeps the membership
            except KafkaException as error:
                log.warning("sharing of cameras: %s", error)

    def _given(self, consumer: Consumer, partitions: list[TopicPartition]) -> None:
        consumer.incremental_assign(partitions)
        consumer.pause(partitions)
        given = {partition.partition for partition in partitions}
        # After a loss everything is handed out anew: what is not given to this process is read by another.
        self._partitions = frozenset(given) if self._are_lost else self._partitions | given
        self._are_lost = False
        log.info("cameras of %d partitions of %s are read here", len(self._partitions), Topic.FRAMES)

    def _taken(self, consumer: Consumer, partitions: list[TopicPartition]) -> None:
        self._partitions -= {partition.partition for partition in partitions}
        consumer.incremental_unassign(partitions)

    def _lost(self, consumer: Consumer, partitions: list[TopicPartition]) -> None:
        """Kafka has not heard of this process for the time of a session, which says nothing of its cameras.

        If Kafka is away for everybody, nobody else reads them. If it is away for this process alone, others
        read them as well: for a moment a camera has two epochs, of which those who follow its vehicles count
        the one that began last and leave the other out until that ends; coverage adds what both expected and
        captured. That is better than a camera that nobody reads.
        """
        consumer.incremental_unassign(partitions)
        self._are_lost = True
        log.warning(
            "sharing of cameras: Kafka is away; %d partitions are read on until they are handed out anew",
            len(self._partitions),
        )


def _partition(camera: str) -> int:
    """The partition of `frames` on which a camera's frames stand."""
    frames = next(spec for spec in ALL_TOPICS if spec.name == Topic.FRAMES)
    return partition_of(camera.encode(), partitions=frames.partitions)
