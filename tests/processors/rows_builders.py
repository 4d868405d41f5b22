"""Incoming messages as the engine hands them to a stage."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import msgspec

from contracts.codec import encode
from contracts.messages.common import LogPosition
from contracts.topics import Topic
from processors.engine.stage import Incoming
from tests.contracts.builders import NOON


def an_incoming(
    message: msgspec.Struct | None,
    *,
    topic: Topic = Topic.PLATES_ENRICHED,
    value: bytes | None = None,
    timestamp: datetime = NOON,
    **changes: Any,
) -> Incoming:
    incoming = Incoming(
        value=encode(message) if message is not None else value,
        key=b"gate",
        headers=(),
        position=LogPosition(topic=topic.value, partition=0, offset=0),
        timestamp=timestamp,
    )
    return Incoming(**{name: getattr(incoming, name) for name in Incoming.__slots__} | changes)
