"""The last message of each key of one partition of a compacted topic: state that outlives its worker."""

from __future__ import annotations

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.errors import KafkaError

from contracts.errors import TryAgain

_MOST_EMPTY_POLLS = 10
_POLL_MS = 1000


class KafkaKept:
    """Read once for each partition that is assigned; written whenever the stage has something new to keep."""

    def __init__(self, kafka: str, topic: str) -> None:
        self._kafka = kafka
        self._topic = topic

    async def read(self, partition: int) -> list[bytes]:
        """Values by key, the last of each. Raises `TryAgain`."""
        consumer = AIOKafkaConsumer(
            bootstrap_servers=self._kafka, enable_auto_commit=False, auto_offset_reset="earliest"
        )
        try:
            await consumer.start()
            return await self._last_of_each_key(consumer, TopicPartition(self._topic, partition))
        except (KafkaError, OSError) as error:
            raise TryAgain("kafka", f"{self._topic}: {type(error).__name__}: {error}") from error
        finally:
            await consumer.stop()

    async def _last_of_each_key(self, consumer: AIOKafkaConsumer, place: TopicPartition) -> list[bytes]:
        begins = (await consumer.beginning_offsets([place]))[place]
        ends = (await consumer.end_offsets([place]))[place]
        if begins >= ends:
            return []
        consumer.assign([place])
        consumer.seek(place, begins)
        found: dict[bytes | None, bytes | None] = {}
        empty_polls = 0
        while await consumer.position(place) < ends:
            records = (await consumer.getmany(place, timeout_ms=_POLL_MS)).get(place, [])
            found.update({record.key: record.value for record in records})
            empty_polls = 0 if records else empty_polls + 1
            if empty_polls > _MOST_EMPTY_POLLS:
                raise TryAgain("kafka", f"{self._topic}[{place.partition}] ends before {ends}")
        return [value for value in found.values() if value]
