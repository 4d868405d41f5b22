"""How far recognition is behind in a camera's frames: what a file read at full speed must wait for."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable

from confluent_kafka import Consumer, KafkaException, TopicPartition

from contracts.partition import partition_of
from contracts.topics import ALL_TOPICS, Topic

RECOGNISE_GROUP = "sightings"
"""Kafka consumer group of the stage that reads `frames`."""
ALLOWED_FRAMES = 200
"""Small against the frames that the topic keeps, large enough to keep the stages busy."""
BESIDE_LIVE_FRAMES = 16
"""Of a partition on which live cameras' frames may stand behind the file's."""
CHECK_EVERY_FRAMES = 10
_PAUSE_SEC = 0.2
_TIMEOUT_SEC = 5.0

log = logging.getLogger(__name__)


class Backlog:
    """Frames of a partition that were sent and not yet acknowledged by recognition.

    Without it a long file at full speed would run ahead of the topic's retention and lose frames.
    """

    def __init__(self, bootstrap: str, *, beside_live: Callable[[], bool]) -> None:
        self._beside_live = beside_live
        self._consumer = Consumer(
            {"bootstrap.servers": bootstrap, "group.id": RECOGNISE_GROUP, "enable.auto.commit": False},
            logger=logging.getLogger("librdkafka"),
        )
        self._lock = threading.Lock()

    def wait(self, camera: str, stopping: threading.Event) -> None:
        """Return once the camera's partition is little enough behind, or at a stop."""
        allowed = BESIDE_LIVE_FRAMES if self._beside_live() else ALLOWED_FRAMES
        while not stopping.is_set() and self._frames_behind(camera) > allowed:
            stopping.wait(_PAUSE_SEC)

    def close(self) -> None:
        self._consumer.close()

    def _frames_behind(self, camera: str) -> int:
        frames = next(spec for spec in ALL_TOPICS if spec.name == Topic.FRAMES)
        partition = TopicPartition(Topic.FRAMES, partition_of(camera.encode(), partitions=frames.partitions))
        try:
            with self._lock:
                first, end = self._consumer.get_watermark_offsets(partition, timeout=_TIMEOUT_SEC)
                committed = self._consumer.committed([partition], timeout=_TIMEOUT_SEC)[0].offset
        except KafkaException as error:
            log.warning("camera %s: the backlog is not known: %s", camera, error)
            return ALLOWED_FRAMES + 1
        return int(end - max(first, committed))
