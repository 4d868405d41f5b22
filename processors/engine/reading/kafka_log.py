"""What Kafka says of the topics that a group reads, asked apart from the consumer that reads them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Collection, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Protocol, TypeVar

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.errors import KafkaError

from contracts.errors import TryAgain
from processors.engine.reading.subscription import Subscription
from processors.engine.window import Place

ANSWER_WITHIN_SEC = 15.0
_ONE_WITHIN_SEC = 3.0
"""Where partitions end is asked every second by who woke just then, and who waits for longer than 5 s might
have stood still again (`hearing.py`)."""

Answer = TypeVar("Answer")

Spans = Mapping[Place, tuple[int, int]]
"""Of each partition the offset that is to be read next, as Kafka knows it, and the end."""


class Log(Protocol):
    """Where a group stands in the topics that it reads, and where these end."""

    async def spans(self) -> Spans:
        """Of those of which Kafka says it soon. Raises `TryAgain`: of none."""

    async def ends(self, places: Collection[Place]) -> Mapping[Place, int]:
        """Of each partition the offset that its next message will have; those are left out of which Kafka
        does not say it soon. Raises `TryAgain`: of none."""


class KafkaLog:
    """With a consumer of its own for each question: seldom asked, and never in the state of the other one.

    Each partition is asked about by itself, or one that has no leader would keep all others from being
    answered; what Kafka does not say soon is left out.
    """

    def __init__(self, subscription: Subscription) -> None:
        self._subscription = subscription

    async def spans(self) -> Spans:
        """Raises `TryAgain`."""
        topics = self._subscription.topics
        async with self._asking() as consumer:
            # Until it has asked about a topic, a consumer knows no partitions of it, whatever is answered.
            await asyncio.gather(*(_end_of(consumer, TopicPartition(topic, 0)) for topic in topics))
            places = [
                TopicPartition(topic, partition)
                for topic in topics
                for partition in consumer.partitions_for_topic(topic) or ()
            ]
            consumer.assign(places)
            found = await asyncio.gather(*(_stands(consumer, place) for place in places))
        return _answered(found)

    async def ends(self, places: Collection[Place]) -> Mapping[Place, int]:
        """Raises `TryAgain`."""
        async with self._asking() as consumer:
            asked = [TopicPartition(*place) for place in places]
            found = await asyncio.gather(*(_end_of(consumer, place) for place in asked))
        return _answered(found)

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


async def _stands(consumer: AIOKafkaConsumer, place: TopicPartition) -> tuple[Place, tuple[int, int]] | None:
    async def asked() -> tuple[int, int]:
        begins, ends, committed = await asyncio.gather(
            consumer.beginning_offsets([place]), consumer.end_offsets([place]), consumer.committed(place)
        )
        return max(committed or 0, begins[place]), ends[place]

    return await _soon(place, asked())


async def _end_of(consumer: AIOKafkaConsumer, place: TopicPartition) -> tuple[Place, int] | None:
    async def asked() -> int:
        return int((await consumer.end_offsets([place]))[place])

    return await _soon(place, asked())


async def _soon(place: TopicPartition, asked: Awaitable[Answer]) -> tuple[Place, Answer] | None:
    """None: Kafka does not say."""
    try:
        async with asyncio.timeout(_ONE_WITHIN_SEC):
            return (place.topic, place.partition), await asked
    except (KafkaError, TimeoutError):
        return None


def _answered(found: Sequence[tuple[Place, Answer] | None]) -> dict[Place, Answer]:
    """Those of which Kafka says something. Raises `TryAgain`: it does so of none."""
    answered = dict(one for one in found if one is not None)
    if found and not answered:
        raise TryAgain("kafka", "it does not say where partitions begin and end")
    return answered
