"""What a file of passages tells of each: what was seen and read, nothing of any owner."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import LiteralString
from uuid import UUID

from webapp.database import Database
from webapp.queries.search import Cursor, Wanted, page_of_passages

_COLUMNS: LiteralString = """
    event_id, state, camera, place, direction, origin, captured_at, best_captured_at, last_captured_at, clock,
    text AS plate, text_read AS plate_read, confidence, accepted, series, format_valid, format_state,
    format_rto, lines, plate_colour, vehicle_class, vehicle_confidence, frames, reads, agreement,
    registry_status, registry_simulated
"""


@dataclass(frozen=True)
class ExportLine:
    """A line of the file; the fields, in this order, are its columns."""

    event_id: UUID
    state: str
    camera: str
    place: str | None
    direction: str | None
    origin: str
    captured_at: datetime
    best_captured_at: datetime
    last_captured_at: datetime
    clock: str
    plate: str | None
    plate_read: str | None
    confidence: float | None
    accepted: bool | None
    series: str | None
    format_valid: bool | None
    format_state: str | None
    format_rto: str | None
    lines: int | None
    plate_colour: str | None
    vehicle_class: str | None
    vehicle_confidence: float | None
    frames: int
    reads: int
    agreement: float
    registry_status: str
    registry_simulated: bool


def export_lines(
    database: Database, *, wanted: Wanted, before: Cursor | None, limit: int
) -> list[ExportLine]:
    """The next lines, newest capture time first."""
    return page_of_passages(database, ExportLine, _COLUMNS, wanted=wanted, before=before, limit=limit)
