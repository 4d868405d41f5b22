"""What Kafka says of the topics that a group reads, asked apart from the consumer that reads them."""

from __future__ import annotations

from collections.abc import AsyncIterator, Collection, Mapping
from contextlib import asynccontextmanager
from typing import Protocol

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.errors import KafkaError

from contracts.errors import TryAgain
from processors.engine.reading.subscription import Subscription
from processors.engine.window import Place

ANSWER_WITHIN_SEC = 15.0

Spans = Mapping[Place, tuple[int, int]]
"""Of each partition the offset that is to be read next, as Kafka knows it, and the end."""


class Log(Protocol):
    """Where a group stands in the topics that it reads, and where these end."""

    async def spans(self) -> Spans:
        """Raises `TryAgain`."""

    async def ends(self, places: Collection[Place]) -> Mapping[Place, int]:
        """Of each partition the offset that its next message will have. Raises `TryAgain`."""


class KafkaLog:
    """With a consumer of its own for each question: seldom asked, and never in the state of the other one."""

    def __init__(self, subscription: Subscription) -> None:
        self._subscription = subscription

    async def spans(self) -> Spans:
        """Raises `TryAgain`."""
        async with self._asking() as consumer:
            # Until it has asked about a topic, a consumer knows no partitions of it.
            await consumer.end_offsets([TopicPartition(topic, 0) for topic in self._subscription.topics])
            places = [
                TopicPartition(topic, partition)
                for topic in self._subscription.topics
                for partition in consumer.partitions_for_topic(topic) or ()
            ]
            consumer.assign(places)
            begins, ends = await consumer.beginning_offsets(places), await consumer.end_offsets(places)
            return {
                (place.topic, place.partition): (
                    max(await consumer.committed(place) or 0, begins[place]),
                    ends[place],
                )
                for place in places
            }

    async def ends(self, places: Collection[Place]) -> Mapping[Place, int]:
        """Raises `TryAgain`."""
        async with self._asking() as consumer:
            ends = await consumer.end_offsets([TopicPartition(*place) for place in places])
            return {(place.topic, place.partition): end for place, end in ends.items()}

    @asynccontextmanager
    async def _asking(self) -> AsyncIterator[AIOKafkaConsumer]:
        consumer = AIOKafkaConsumer(
            bootstrap_servers=self._subscription.kafka,
            group_id=self._subscription.group,
            enable_auto_commit=False,
        )
        try:
            await consumer.start()
            yield consumer
        except (KafkaError, OSError) as error:
            raise TryAgain("kafka", f"{type(error).__name__}: {error}") from error
        finally:
            await consumer.stop()
