"""The live board's rows: newest passages, passages by id, and what changed since a place in time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import LiteralString
from uuid import UUID

from webapp.database import Database

# Two writers may commit in another order than they took their numbers: a catch-up begins a little earlier,
# and a row that is sent twice replaces itself.
_OVERLAP = 40

LINE_COLUMNS: LiteralString = """
    event_id, change, state, camera, place, origin, captured_at, best_captured_at, text, confidence, accepted,
    format_valid, series, lines, plate_colour, vehicle_class, plate_sha256, registry_status,
    registry_simulated
"""
"""Of `passages`, what a `PassageLine` is made of."""


@dataclass(frozen=True)
class PassageLine:
    """What a list shows of a passage."""

    event_id: UUID
    change: int
    state: str
    camera: str
    place: str | None
    origin: str
    captured_at: datetime
    best_captured_at: datetime
    text: str | None
    confidence: float | None
    accepted: bool | None
    format_valid: bool | None
    series: str | None
    lines: int | None
    plate_colour: str | None
    vehicle_class: str | None
    plate_sha256: str | None
    registry_status: str
    registry_simulated: bool


def newest_passages(database: Database, *, limit: int) -> list[PassageLine]:
    """Passages at cameras, newest capture time first. Uploads have their own page."""
    query = f"""
        SELECT {LINE_COLUMNS} FROM passages WHERE origin <> 'upload'
        ORDER BY captured_at DESC, event_id LIMIT %(limit)s"""  # noqa: S608
    return database.all(PassageLine, query, {"limit": limit})


def passages_by_id(database: Database, *, event_ids: Sequence[UUID]) -> list[PassageLine]:
    """Passages at cameras with these ids, in the order in which they changed."""
    query = f"""
        SELECT {LINE_COLUMNS} FROM passages
        WHERE event_id = ANY(%(event_ids)s) AND origin <> 'upload' ORDER BY change"""  # noqa: S608
    return database.all(PassageLine, query, {"event_ids": list(event_ids)})


def passages_changed(database: Database, *, after: int, limit: int) -> list[PassageLine]:
    """The last `limit` passages at cameras that changed after `after`, in the order of change."""
    query = f"""
        SELECT * FROM (
            SELECT {LINE_COLUMNS} FROM passages WHERE change > %(after)s AND origin <> 'upload'
            ORDER BY change DESC LIMIT %(limit)s) AS latest
        ORDER BY change"""  # noqa: S608
    return database.all(PassageLine, query, {"after": max(after - _OVERLAP, 0), "limit": limit})


@dataclass(frozen=True)
class _Number:
    number: int


def last_change(database: Database) -> int:
    """The number of the latest change of any passage; 0 when there is none."""
    found = database.one(_Number, "SELECT coalesce(max(change), 0) AS number FROM passages", {})
    return found.number if found else 0
