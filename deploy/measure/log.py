"""Reading a topic from outside the stages: what stands in it between two points, how far a group is."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime

import stamina
from confluent_kafka import OFFSET_INVALID, Consumer, KafkaException, Message, TopicPartition

from contracts.errors import TryAgain

_TIMEOUT_SEC = 10.0
_POLL_SEC = 1.0
_READ_STALL_POLLS = 20
# A broker that starts, or has just made a topic, does not know its own partitions for a moment; one that
# comes back from a long silence first works off what was waiting for it.
_PATIENCE = stamina.retry(on=TryAgain, attempts=None, timeout=60.0, wait_initial=0.2, wait_max=1.0)

Offsets = Mapping[int, int]
"""Partition to offset."""


class LogReader:
    """Looks into topics without being a member of any group. Not thread-safe.

    `goes_on` is called before every question and when one got no answer: what it raises ends the reading,
    where a broker that is away would be waited for.
    """

    def __init__(self, bootstrap: str, *, goes_on: Callable[[], object] = lambda: None) -> None:
        self._bootstrap = bootstrap
        self._goes_on = goes_on
        self._consumer = self._new_consumer("platestream-measure")
        self._of_group: dict[str, Consumer] = {}

    def close(self) -> None:
        for consumer in (self._consumer, *self._of_group.values()):
            consumer.close()

    @_PATIENCE
    def ends(self, topic: str) -> dict[int, int]:
        """Offset of the next message of each partition."""
        with self._asking(topic):
            return {
                partition: self._consumer.get_watermark_offsets(
                    TopicPartition(topic, partition), timeout=_TIMEOUT_SEC
                )[1]
                for partition in self._partitions(topic)
            }

    @_PATIENCE
    def at(self, topic: str, time: datetime) -> dict[int, int]:
        """Offset of the first message of each partition that was written at or after a time."""
        ends = self.ends(topic)
        # Below zero are no times to Kafka, but marks such as "the latest".
        millis = max(0, int(time.timestamp() * 1000))
        with self._asking(topic):
            found = self._consumer.offsets_for_times(
                [TopicPartition(topic, partition, millis) for partition in ends], timeout=_TIMEOUT_SEC
            )
        return {
            place.partition: place.offset if place.offset >= 0 else ends[place.partition] for place in found
        }

    @_PATIENCE
    def lag(self, group: str, topic: str, *, since: Offsets) -> int:
        """Messages that the group has not acknowledged, those before `since` left out. A partition whose end
        went back behind what the group has acknowledged has none, and takes none from the others."""
        ends = self.ends(topic)
        consumer = self._of_group.get(group)
        if consumer is None:
            consumer = self._of_group[group] = self._new_consumer(group)
        with self._asking(topic):
            committed = consumer.committed(
                [TopicPartition(topic, partition) for partition in ends], timeout=_TIMEOUT_SEC
            )
        return sum(
            max(
                0,
                ends[place.partition]
                - max(since.get(place.partition, 0), 0 if place.offset == OFFSET_INVALID else place.offset),
            )
            for place in committed
        )

    def read(self, topic: str, *, since: Offsets, until: Offsets) -> Iterator[Message]:
        """Messages from `since` up to, not including, `until`.

        Raises:
            TryAgain: the broker stopped answering before all were read.
        """
        open_partitions = {partition for partition, end in until.items() if since.get(partition, 0) < end}
        if not open_partitions:
            return
        with self._asking(topic):
            self._consumer.assign(
                [TopicPartition(topic, partition, since.get(partition, 0)) for partition in open_partitions]
            )
        stalled = 0
        while open_partitions:
            message = self._consumer.poll(_POLL_SEC)
            if message is None or message.error() is not None:
                stalled += 1
                if stalled > _READ_STALL_POLLS:
                    raise TryAgain("Kafka", f"topic {topic}: partitions {sorted(open_partitions)} end early")
                open_partitions -= self._exhausted(topic, open_partitions, until)
                continue
            stalled = 0
            partition, offset = message.partition() or 0, message.offset() or 0
            if offset < until[partition]:
                yield message
            if offset + 1 >= until[partition]:
                open_partitions.discard(partition)
        self._consumer.unassign()

    def _exhausted(self, topic: str, partitions: set[int], until: Offsets) -> set[int]:
        """Partitions whose remaining messages have been deleted by retention meanwhile."""
        with self._asking(topic):
            return {
                partition
                for partition in partitions
                if self._consumer.get_watermark_offsets(TopicPartition(topic, partition), _TIMEOUT_SEC)[0]
                >= until[partition]
            }

    @contextmanager
    def _asking(self, topic: str) -> Iterator[None]:
        self._goes_on()
        try:
            yield
        except KafkaException as error:
            self._goes_on()
            raise TryAgain("Kafka", f"topic {topic}: {error.args[0].str()}") from error

    def _partitions(self, topic: str) -> list[int]:
        found = self._consumer.list_topics(topic, timeout=_TIMEOUT_SEC).topics[topic]
        if found.error is not None:
            raise TryAgain("Kafka", f"topic {topic}: {found.error.str()}")
        return sorted(found.partitions)

    def _new_consumer(self, group: str) -> Consumer:
        return Consumer(
            {
                "bootstrap.servers": self._bootstrap,
                "group.id": group,
                "enable.auto.commit": False,
                "auto.offset.reset": "earliest",
                "fetch.message.max.bytes": 8 * 1024 * 1024,
                # Whoever measures waits for the broker's return: the library would pause up to ten seconds
                # between attempts, and give one attempt thirty.
                "reconnect.backoff.max.ms": 1_000,
                "socket.connection.setup.timeout.ms": 5_000,
            },
            logger=logging.getLogger("librdkafka"),
        )
