"""Event id -> what the database keeps of it: its row, the event as it came, and its camera's chain."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import msgspec
import psycopg
from psycopg.rows import dict_row

from contracts.errors import Rejected, Stop, TryAgain
from contracts.messages.plate import PlateEvent
from deploy.verify.links import ChainLine

_ROW = """
    SELECT state, camera, captured_at, best_captured_at, last_captured_at, text, confidence, accepted,
           frame_key, frame_sha256, event
    FROM passages WHERE event_id = %s"""
_CHAIN = """
    SELECT number, event_id::text, content, previous, link FROM chain WHERE camera = %s ORDER BY number"""


@dataclass(frozen=True)
class Kept:
    """`raw` is the event as plain JSON values, `event` the same, checked."""

    row: Mapping[str, Any]
    raw: Mapping[str, Any]
    event: PlateEvent
    chain: tuple[ChainLine, ...]


def kept(database: str, event_id: UUID) -> Kept:
    """Everything about one final.

    Raises:
        Rejected: there is no such event, it is a preview still, or what is stored is no event.
        TryAgain: the database is away. Stop: it is none of ours.
    """
    try:
        with psycopg.connect(database, connect_timeout=10) as connection:
            row = connection.cursor(row_factory=dict_row).execute(_ROW, (event_id,)).fetchone()
            if row is None:
                raise Rejected(f"event {event_id}", "no row has it")
            lines = connection.execute(_CHAIN, (row["camera"],)).fetchall()
    except psycopg.OperationalError as error:
        raise TryAgain("postgres", str(error).splitlines()[0]) from error
    except psycopg.Error as error:
        raise Stop(f"postgres: {str(error).splitlines()[0]}: is it migrated?") from error
    if row["state"] != "final":
        raise Rejected(f"event {event_id}", "it is a preview: only finals are in the chain")
    raw = row.pop("event")
    try:
        # As strict as on the topic: through JSON again.
        event = msgspec.json.decode(msgspec.json.encode(raw), type=PlateEvent)
    except msgspec.ValidationError as error:
        raise Rejected(f"event {event_id}", f"what is stored is no event: {error}") from error
    return Kept(row, raw, event, tuple(_line(*line) for line in lines))


def _line(number: int, event_id: str, content: bytes, previous: bytes, link: bytes) -> ChainLine:
    return ChainLine(number, event_id, bytes(content), bytes(previous), bytes(link))
