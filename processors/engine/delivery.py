"""Messages -> Kafka, each awaited until every replica in sync has it. Keys are placed by murmur2."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError, MessageSizeTooLargeError, RecordTooLargeError

from contracts.errors import SetAside, TryAgain
from contracts.topics import MAX_MESSAGE_BYTES
from processors.engine.stage import Outgoing

_TOO_LARGE = (MessageSizeTooLargeError, RecordTooLargeError)


class KafkaDelivery:
    """One producer a process. aiokafka's default partitioner is murmur2, as in Java."""

    def __init__(self, kafka: str, *, linger_ms: int = 0, timeout_sec: float = 30.0) -> None:
        self._kafka = kafka
        self._linger_ms = linger_ms
        self._timeout_sec = timeout_sec
        self._producer: AIOKafkaProducer | None = None
        self._opening = asyncio.Lock()

    async def send(self, messages: Sequence[Outgoing]) -> None:
        """All messages, in order. Raises `TryAgain` (then all must be sent again) or `SetAside`."""
        if not messages:
            return
        try:
            producer = await self._open()
            sent = [
                await producer.send(
                    message.topic, value=message.value, key=message.key, headers=list(message.headers)
                )
                for message in messages
            ]
            await asyncio.gather(*sent)
        except _TOO_LARGE as error:
            raise SetAside(f"a result for {messages[0].topic} is too large for Kafka: {error}") from error
        except (KafkaError, OSError) as error:
            raise TryAgain("kafka", f"{type(error).__name__}: {error}") from error

    async def missing(self, topics: Sequence[str]) -> list[str]:
        """Those of the topics that do not exist. Raises `TryAgain`."""
        try:
            producer = await self._open()
            known = await producer.client.fetch_all_metadata()
        except (KafkaError, OSError) as error:
            raise TryAgain("kafka", f"{type(error).__name__}: {error}") from error
        return [topic for topic in topics if topic not in known.topics()]

    async def close(self) -> None:
        """Deliver what is still under way, then disconnect."""
        if self._producer is not None:
            await self._producer.stop()
            self._producer = None

    async def _open(self) -> AIOKafkaProducer:
        async with self._opening:
            if self._producer is None:
                producer = AIOKafkaProducer(
                    bootstrap_servers=self._kafka,
                    acks="all",
                    linger_ms=self._linger_ms,
                    max_request_size=MAX_MESSAGE_BYTES,
                    request_timeout_ms=int(self._timeout_sec * 1000),
                    retry_backoff_ms=250,
                )
                try:
                    await producer.start()
                except BaseException:
                    await producer.stop()
                    raise
                self._producer = producer
            return self._producer
