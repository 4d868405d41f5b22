"""Remembers per partition below which offset all results have been given out, in Kafka itself.

They are the committed offsets of a second consumer group, `<group>-settled`, that never reads: no topic
more, no file, and they move with the partition from worker to worker. Kafka takes them from anybody, also
from a worker that was cut off and does not know yet that another one has its partitions: so it looks first,
and lowers none. One that is cut off between looking and writing can still lower it, and what the other one
has given out since is given out once more after a restart.
"""

from __future__ import annotations

import asyncio
import logging

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.errors import KafkaError

from contracts.errors import TryAgain
from processors.engine.window import Place

log = logging.getLogger(__name__)

_ANSWER_WITHIN_SEC = 5.0


class KafkaSettledOffsets:
    def __init__(self, kafka: str, group: str) -> None:
        self._kafka = kafka
        self._group = f"{group}-settled"
        self._consumer: AIOKafkaConsumer | None = None
        self._lock = asyncio.Lock()
        self._written: dict[Place, int] = {}

    async def read(self, place: Place) -> int:
        """0 when nothing was ever settled. Raises `TryAgain`."""
        try:
            async with self._lock:
                consumer = await self._open()
                found = await self._committed(consumer, place)
            # Not behind the lock: a partition without a leader must not hold the others up.
            of_this_log = not found or found <= await _end(consumer, place)
            return found if of_this_log else _of_another_log(place, found)
        except (KafkaError, OSError) as error:
            raise TryAgain("kafka", f"{type(error).__name__}: {error}") from error

    async def write(self, offsets: dict[Place, int]) -> None:
        """Raises `TryAgain`."""
        changed = {place: offset for place, offset in offsets.items() if self._written.get(place) != offset}
        if not changed:
            return
        async with self._lock:
            try:
                consumer = await self._open()
                self._own(consumer, offsets)
                higher = {
                    TopicPartition(*place): offset
                    for place, offset in changed.items()
                    if not await self._is_lower(consumer, place, offset)
                }
                if higher:
                    await consumer.commit(higher)
            except (KafkaError, OSError) as error:
                raise TryAgain("kafka", f"{type(error).__name__}: {error}") from error
        self._written.update(changed)

    async def _is_lower(self, consumer: AIOKafkaConsumer, place: Place, offset: int) -> bool:
        """Than what another worker has settled since, in the log as it is now."""
        settled = await self._committed(consumer, place)
        return settled > offset and settled <= await _end(consumer, place)

    async def _committed(self, consumer: AIOKafkaConsumer, place: Place) -> int:
        return int(await consumer.committed(TopicPartition(*place)) or 0)

    async def close(self) -> None:
        if self._consumer is not None:
            await self._consumer.stop()
            self._consumer = None

    def _own(self, consumer: AIOKafkaConsumer, offsets: dict[Place, int]) -> None:
        """Only assigned partitions may be committed; paused, they are not fetched."""
        wanted = {TopicPartition(*place) for place in offsets}
        if wanted != consumer.assignment():
            consumer.assign(list(wanted))
            consumer.pause(*wanted)

    async def _open(self) -> AIOKafkaConsumer:
        if self._consumer is None:
            consumer = AIOKafkaConsumer(
                bootstrap_servers=self._kafka,
                group_id=self._group,
                enable_auto_commit=False,
                retry_backoff_ms=500,
            )
            try:
                await consumer.start()
            except BaseException:
                await consumer.stop()
                raise
            self._consumer = consumer
        return self._consumer


async def _end(consumer: AIOKafkaConsumer, place: Place) -> int:
    partition = TopicPartition(*place)
    async with asyncio.timeout(_ANSWER_WITHIN_SEC):
        return int((await consumer.end_offsets([partition]))[partition])


def _of_another_log(place: Place, settled: int) -> int:
    """What was settled in a log that has been lost since says nothing of this one's messages."""
    log.warning("%s[%d] ends before %d, up to which all was given out: it is begun anew", *place, settled)
    return 0
