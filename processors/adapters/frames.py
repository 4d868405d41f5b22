"""A frame's position in the log -> its JPEG, read back from Kafka while it is retained."""

from __future__ import annotations

import asyncio
import logging

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.errors import KafkaError, OffsetOutOfRangeError

from contracts.errors import TryAgain
from contracts.messages.common import LogPosition

log = logging.getLogger(__name__)

_ANSWER_WITHIN_SEC = 10.0
# A soft bound: a larger frame still comes whole, but few of its followers come with it.
_FETCH_BYTES = 256 * 1024


class KafkaFrames:
    """One consumer without a group, opened at the first read; one read at a time."""

    def __init__(self, kafka: str) -> None:
        self._kafka = kafka
        self._consumer: AIOKafkaConsumer | None = None
        self._lock = asyncio.Lock()
        self._places: set[TopicPartition] = set()

    async def read(self, position: LogPosition) -> bytes | None:
        """The JPEG; None when it is no longer (or was never) there. Raises `TryAgain`."""
        async with self._lock:
            try:
                consumer = await self._open()
                return await self._read(consumer, position)
            except OffsetOutOfRangeError:
                return None
            except (KafkaError, OSError, TimeoutError) as error:
                raise TryAgain("kafka", f"{type(error).__name__}: {error}") from error

    async def close(self) -> None:
        if self._consumer is not None:
            await self._consumer.stop()
            self._consumer = None

    async def _read(self, consumer: AIOKafkaConsumer, position: LogPosition) -> bytes | None:
        place = TopicPartition(position.topic, position.partition)
        if not await self._is_there(consumer, place):
            log.warning("%s[%d] is no place where a frame can stand", *place)
            return None
        end = (await consumer.end_offsets([place]))[place]
        if position.offset >= end:
            return None
        consumer.assign([place])
        consumer.seek(place, position.offset)
        try:
            record = await asyncio.wait_for(consumer.getone(place), _ANSWER_WITHIN_SEC)
        finally:
            consumer.assign([])
        # After retention or compaction the log goes on with a later message.
        return record.value if record.offset == position.offset else None

    async def _is_there(self, consumer: AIOKafkaConsumer, place: TopicPartition) -> bool:
        """A sighting may name any place; one that is not there would be waited for without end."""
        if place not in self._places:
            # The consumer's own view holds only topics that it was asked for before.
            cluster = await consumer._client.fetch_all_metadata()  # noqa: SLF001
            partitions = cluster.partitions_for_topic(place.topic) or set()
            self._places |= {TopicPartition(place.topic, partition) for partition in partitions}
        return place in self._places

    async def _open(self) -> AIOKafkaConsumer:
        if self._consumer is None:
            consumer = AIOKafkaConsumer(
                bootstrap_servers=self._kafka,
                enable_auto_commit=False,
                auto_offset_reset="none",
                max_partition_fetch_bytes=_FETCH_BYTES,
                fetch_max_wait_ms=100,
            )
            try:
                await consumer.start()
            except BaseException:
                await consumer.stop()
                raise
            self._consumer = consumer
        return self._consumer
