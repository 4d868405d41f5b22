"""What the engine's consumer asks of aiokafka, in the thread that fetches."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from collections.abc import Collection, Mapping
from typing import Any

import faust
from aiokafka import TopicPartition
from aiokafka.errors import KafkaError

from processors.engine.reading.committing import CommittingConsumer
from processors.engine.reading.spans import Span, span_of
from processors.engine.window import Place

log = logging.getLogger(__name__)

_COMMITTED_WITHIN_SEC = 15.0
"""Longer than a coordinator takes that has just been chosen. Together with the answers where partitions begin
and end it must be well below the 40 s after which Faust gives a rebalance up without a word."""
_TOLD_WITHIN_SEC = 5.0
"""A fetch ends twice a second, and with it is told where a partition ends; one that hangs tells nothing."""


class AskingConsumer(CommittingConsumer):
    """Knows how to ask, and nothing of when."""

    def __init__(self, *arguments: Any, **options: Any) -> None:  # noqa: ANN401
        super().__init__(*arguments, **options)
        self._ends = dict[Place, int]()
        """As they were answered last."""

    def last_end(self, place: Place) -> int | None:
        """The offset of its next message as the last fetch has told or, before there was one, as it was
        answered where reading begins; None: neither."""
        told: int | None = self.highwater(faust.types.TP(*place))
        return self._ends.get(place) if told is None else told

    def end_told(self, place: Place) -> int | None:
        """The offset of its next message as a fetch of the last seconds has told; None: none has."""
        tp = faust.types.TP(*place)
        told_ms = self._thread._ensure_consumer().last_poll_timestamp(tp)  # noqa: SLF001
        # From before a clock that was set back it says nothing.
        is_known = told_ms is not None and -1.0 < time.time() - told_ms / 1000 < _TOLD_WITHIN_SEC
        return self.highwater(tp) if is_known else None

    async def seek_to_committed(self) -> Mapping[Any, int]:
        """As aiokafka does it, which asks of one partition after the other, each for as long as it takes.

        Raises:
            TimeoutError: Kafka does not say soon what is committed.
        """

        async def sought() -> dict[Any, int]:
            consumer = self._thread._ensure_consumer()  # noqa: SLF001
            partitions = list(consumer.assignment())
            # The time ends in the thread, or one of its two hands would go on waiting.
            async with asyncio.timeout(_COMMITTED_WITHIN_SEC):
                offsets = await asyncio.gather(*(consumer.committed(each) for each in partitions))
            # 0 where nothing is committed: Faust would go on with what it knew before.
            found = {each: offset or 0 for each, offset in zip(partitions, offsets, strict=True)}
            for partition, offset in found.items():
                if offset:
                    consumer.seek(partition, offset)
            return found

        answer: dict[Any, int] = await self._thread.call_thread(sought)
        return answer

    async def _spans(self, places: Collection[Place]) -> dict[Place, Span]:
        """Where those begin and end of which Kafka says so soon: one that has no leader must not hold the
        others up. Asked in the thread that fetches; it has two hands for all that is asked of it, so the time
        ends there."""
        partitions = [faust.types.TP(*place) for place in places]

        async def asked() -> list[tuple[Place, Span] | None]:
            consumer = self._thread._ensure_consumer()  # noqa: SLF001  (Faust has no other way to it)
            return await asyncio.gather(*(span_of(consumer, tp) for tp in partitions))

        spans = dict(found for found in await self._thread.call_thread(asked) if found is not None)
        self._ends.update({place: end for place, (_, end) in spans.items()})
        return spans

    async def _sought(self, place: Place, offset: int) -> bool:
        """In the thread that fetches. Faust does it from this one, and that one ends over it if it is handing
        out just then what it has of the partition. False: it is somebody else's by now."""

        async def seek() -> None:
            self._thread.seek(faust.types.TP(*place), offset)

        try:
            await self._thread.call_thread(seek)
        except KafkaError as error:
            log.warning("%s[%d] cannot be read from offset %d: %r", *place, offset, error)
            return False
        return True

    async def _fetch(self, places: Collection[Place], *, goes_on: bool) -> None:
        """What would only be left need not be fetched, beside the very question where it begins."""
        partitions = [TopicPartition(*place) for place in places]

        async def fetch() -> None:
            consumer = self._thread._ensure_consumer()  # noqa: SLF001
            with contextlib.suppress(KafkaError):  # they are somebody else's by now
                (consumer.resume if goes_on else consumer.pause)(*partitions)

        if partitions:
            await self._thread.call_thread(fetch)
