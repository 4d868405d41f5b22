"""Event id -> what the database keeps of it: its row, the event as it came, and its camera's chain."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
import psycopg
from psycopg import sql
from psycopg.rows import dict_row

from contracts.database_address import check_database_address
from contracts.errors import Rejected, Stop, TryAgain
from contracts.messages.plate import PlateEvent
from deploy.verify.chained import ChainLine
from processors.rows import plate_columns

_EVENTS = "SELECT captured_at, event FROM passages WHERE event_id = %s ORDER BY captured_at"
_ROW = "SELECT {} FROM passages WHERE event_id = %s AND captured_at = %s"
CHAIN = """
    SELECT number, event_id::text, content, previous, link, form FROM chain
    WHERE camera = %s ORDER BY number"""
"""The columns of `line_of`."""

_CHAIN_OF_EVENT = "SELECT camera, number FROM chain WHERE event_id = %s ORDER BY number"


@dataclass(frozen=True)
class Kept:
    """`raw` is the event as plain JSON values, `event` the same, checked. `row` is the earliest of the
    `times` rows that have its id: the key has the capture time as well, so that a second one can be."""

    row: Mapping[str, Any]
    times: int
    raw: Mapping[str, Any]
    event: PlateEvent
    chain: tuple[ChainLine, ...]


def kept(database: str, event_id: UUID) -> Kept:
    """Everything about one final.

    Raises:
        Rejected: no row has it (any more), it is a preview still, or what is stored is no event.
        TryAgain: the database is away. Stop: it is none of ours, or its address is none.
    """
    check_database_address(database)
    try:
        with psycopg.connect(database, connect_timeout=10) as connection:
            # Row and chain of one moment, also while the stage writes.
            connection.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
            found = connection.execute(_EVENTS, (event_id,)).fetchall()
            known = connection.execute(_CHAIN_OF_EVENT, (event_id,)).fetchall()
            if not found:
                raise Rejected(f"event {event_id}", _why_no_row(known))
            captured_at, raw = found[0]
            event = _event(event_id, raw)
            row = _row(connection, event, event_id, captured_at)
            lines = connection.execute(CHAIN, (event.camera,)).fetchall()
    except psycopg.OperationalError as error:
        raise TryAgain("postgres", str(error).splitlines()[0]) from error
    except psycopg.Error as error:
        raise Stop(f"postgres: {str(error).splitlines()[0]}: is it migrated?") from error
    # One that a chain knows was a final, whatever state and camera it says of itself now.
    if event.state != "final" and not known:
        raise Rejected(f"event {event_id}", "it is a preview: only finals are in the chain")
    return Kept(row, len(found), raw, event, tuple(line_of(*line) for line in lines))


def _why_no_row(known: Sequence[tuple[str, int]]) -> str:
    """An id that never was is told apart from a final whose row was deleted. `known`: camera and number of
    its lines in the chains."""
    if not known:
        return "no row has it, and no chain knows it"
    numbers, camera = ", ".join(str(number) for _, number in known), known[0][0]
    why = "somebody took it out, unless rows of its time were deleted on purpose"
    return f"its row is gone, but it is number {numbers} of the chain of {camera}: {why}"


def _event(event_id: UUID, raw: object) -> PlateEvent:
    """The stored event, as strictly as on the topic: through JSON again."""
    try:
        return msgspec.json.decode(msgspec.json.encode(raw), type=PlateEvent)
    except msgspec.ValidationError as error:
        raise Rejected(f"event {event_id}", f"what is stored is no event: {error}") from error


def _row(
    connection: psycopg.Connection, event: PlateEvent, event_id: UUID, captured_at: datetime
) -> dict[str, Any]:
    """The columns that follow from the event."""
    names = sql.SQL(", ").join(map(sql.Identifier, plate_columns(event)))
    cursor = connection.cursor(row_factory=dict_row)
    return cursor.execute(sql.SQL(_ROW).format(names), (event_id, captured_at)).fetchone() or {}


def line_of(number: int, event_id: str, content: bytes, previous: bytes, link: bytes, form: int) -> ChainLine:
    return ChainLine(number, event_id, bytes(content), bytes(previous), bytes(link), form)
