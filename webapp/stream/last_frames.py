"""Camera -> its newest frame, read back from the end of its partition of topic `frames`.

Nothing follows the whole topic: a look at a camera reads a few messages near the end of one partition,
more only when that camera is slow, and never past a bound. Looks within two seconds share one reading.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import cast

from confluent_kafka import Consumer, KafkaException, Message, TopicPartition

from contracts.errors import Rejected, TryAgain
from contracts.messages.frame import FrameHeader, decode_headers
from contracts.partition import partition_of
from contracts.topics import Topic
from webapp.threads import Threads, real_lock

_DEPTHS = (24, 240)
"""Messages read back from the end, at the first try and when that did not show the camera."""
_READ_SEC = 1.5
_ANSWER_SEC = 3.0
_KEEP_SEC = 2.0
_AWAY_SEC = 5.0
"""How long Kafka is not asked again once it did not answer: nobody else should wait for the same silence."""
_MOST_KEPT = 512
_MOST_WAITING = 64


@dataclass(frozen=True)
class LastFrame:
    """A frame as it was sent."""

    header: FrameHeader
    picture: bytes


@dataclass(frozen=True)
class _Kept:
    frame: LastFrame | None
    at: float


class LastFrames:
    """Reads with one consumer that belongs to no group and commits nothing."""

    def __init__(self, kafka: str, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._kafka = kafka
        self._clock = clock
        self._lock = real_lock()
        self._threads = Threads("reading of last frames", count=1, most=_MOST_WAITING)
        self._consumer: Consumer | None = None
        self._partitions = 0
        self._kept: dict[str, _Kept] = {}
        self._away = False
        self._ask_again_at = float("-inf")

    @property
    def away(self) -> bool:
        """Whether Kafka did not answer when it was last asked."""
        return self._away

    def of(self, *, camera: str) -> LastFrame | None:
        """The newest frame of a camera that the topic still has near its end.

        Raises:
            TryAgain: Kafka does not answer, or too many cameras are asked for at once.
        """
        return self._threads.run(lambda: self._of(camera))

    def _of(self, camera: str) -> LastFrame | None:
        with self._lock:
            kept = self._kept.get(camera)
            if kept is not None and self._clock() - kept.at < _KEEP_SEC:
                return kept.frame
            if self._away and self._clock() < self._ask_again_at:
                raise TryAgain("kafka", "the last frames cannot be read")
            try:
                frame = self._read(camera)
            except KafkaException as error:
                self._away, self._ask_again_at = True, self._clock() + _AWAY_SEC
                raise TryAgain("kafka", "the last frames cannot be read") from error
            self._away = False
            if len(self._kept) >= _MOST_KEPT:
                self._kept.clear()
            self._kept[camera] = _Kept(frame, self._clock())
            return frame

    def _read(self, camera: str) -> LastFrame | None:
        consumer = self._connected()
        place = TopicPartition(
            Topic.FRAMES.value, partition_of(camera.encode(), partitions=self._count_partitions(consumer))
        )
        low, high = consumer.get_watermark_offsets(place, timeout=_ANSWER_SEC)
        for depth in _DEPTHS:
            start = max(low, high - depth)
            newest = newest_of(camera, self._messages(consumer, place, start=start, end=high))
            if newest is not None or start == low:
                return newest
        return None

    def _messages(self, consumer: Consumer, place: TopicPartition, *, start: int, end: int) -> list[Message]:
        if start >= end:
            return []
        consumer.assign([TopicPartition(place.topic, place.partition, start)])
        found: list[Message] = []
        until = time.monotonic() + _READ_SEC
        while (left := until - time.monotonic()) > 0:
            batch = consumer.consume(num_messages=end - start, timeout=min(left, 0.1))
            found.extend(message for message in batch if message.error() is None)
            if found and (found[-1].offset() or 0) >= end - 1:
                break
        consumer.unassign()
        return found

    def _connected(self) -> Consumer:
        if self._consumer is None:
            self._consumer = Consumer(
                {
                    "bootstrap.servers": self._kafka,
                    "client.id": "platestream-webapp-last-frames",
                    # librdkafka wants a group even of a consumer that never joins or commits to one.
                    "group.id": "platestream-webapp-reader",
                    "enable.auto.commit": False,
                    "fetch.wait.max.ms": 50,
                    "queued.max.messages.kbytes": 16384,
                    "log_level": 2,
                }
            )
        return self._consumer

    def _count_partitions(self, consumer: Consumer) -> int:
        if not self._partitions:
            topic = consumer.list_topics(Topic.FRAMES.value, timeout=_ANSWER_SEC).topics[Topic.FRAMES.value]
            if not topic.partitions:
                raise TryAgain("kafka", f"topic {Topic.FRAMES.value} is not there yet")
            self._partitions = len(topic.partitions)
        return self._partitions


def newest_of(camera: str, messages: list[Message]) -> LastFrame | None:
    """The last message of this camera that holds a picture. What does not fit the contract is passed over."""
    for message in reversed(messages):
        if message.key() != camera.encode() or not message.value():
            continue
        try:
            header = decode_headers(_headers(message))
        except Rejected:
            # The stage that reads all frames sets it aside and counts it.
            continue
        return LastFrame(header, bytes(message.value() or b""))
    return None


def _headers(message: Message) -> list[tuple[str, bytes | None]]:
    # Its types allow a mapping that it never gives.
    headers = cast("list[tuple[str, bytes | None]]", message.headers() or [])
    return list(headers)
