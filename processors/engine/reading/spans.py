"""Where a partition begins and ends, asked of aiokafka."""

from __future__ import annotations

import asyncio
import logging
from typing import Any

from aiokafka.errors import KafkaError

from processors.engine.window import Place

log = logging.getLogger(__name__)

_ANSWER_WITHIN_SEC = 5.0

Span = tuple[int, int]
"""Offsets of the first message that is kept, and of the next one to come."""


def place_of(tp: Any) -> Place:  # noqa: ANN401
    return tp.topic, tp.partition


async def span_of(consumer: Any, tp: Any) -> tuple[Place, Span] | None:  # noqa: ANN401
    """None: nobody says so in time, as when it has no leader."""
    try:
        async with asyncio.timeout(_ANSWER_WITHIN_SEC):
            begins, ends = await asyncio.gather(consumer.beginning_offsets([tp]), consumer.end_offsets([tp]))
    except (KafkaError, TimeoutError) as error:
        log.warning("%s[%d]: Kafka does not say where it begins and ends: %r", *tp, error)
        return None
    return place_of(tp), (begins[tp], ends[tp])
