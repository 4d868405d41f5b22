"""Every camera with its last full minutes: frames, shed, plates, and whether it lives."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from webapp.database import Database


@dataclass(frozen=True)
class Camera:
    """A camera as its reports show it. Counts are of the minute `minute`, its last full one."""

    id: str
    place: str | None
    state: str | None
    note: str | None
    scene: str | None
    clock: str | None
    clock_error_ms: int | None
    time_zone: str | None
    last_frame_at: datetime | None
    last_passage_at: datetime | None
    last_frame_key: str | None
    minute: datetime | None
    expected: int | None
    gaps: dict[str, int] | None
    shed_by: dict[str, int] | None
    captured: int | None
    gated: int | None
    sent: int | None
    shed: int | None
    processed: int | None
    plates: int | None
    lag_ms: int | None


_CAMERAS = """
    SELECT c.id, c.place, c.state, c.note, c.scene, c.clock, c.clock_error_ms, c.time_zone,
           c.last_frame_at, c.last_passage_at, c.last_frame_key,
           m.minute, m.expected, m.gaps, m.shed_by, m.captured, m.gated, m.sent, m.shed,
           m.processed, m.plates, m.lag_ms
    FROM cameras c
    LEFT JOIN LATERAL (
        SELECT * FROM coverage_minutes m
        WHERE m.camera = c.id AND m.minute < date_trunc('minute', %(now)s::timestamptz)
              AND m.minute >= date_trunc('minute', %(now)s::timestamptz) - interval '10 minutes'
        ORDER BY m.minute DESC LIMIT 1) m ON true
"""


def all_cameras(database: Database, *, now: datetime) -> list[Camera]:
    """Every camera that ever reported, by name. Uploads are none."""
    query = f"{_CAMERAS} WHERE c.id NOT LIKE 'upload-%%' ORDER BY c.id"
    return database.all(Camera, query, {"now": now})


def one_camera(database: Database, *, camera_id: str, now: datetime) -> Camera | None:
    query = f"{_CAMERAS} WHERE c.id = %(camera_id)s AND c.id NOT LIKE 'upload-%%'"
    return database.one(Camera, query, {"camera_id": camera_id, "now": now})


@dataclass(frozen=True)
class _Name:
    id: str


def camera_names(database: Database) -> list[str]:
    """The names that a search can be limited to."""
    rows = database.all(_Name, "SELECT id FROM cameras WHERE id NOT LIKE 'upload-%%' ORDER BY id", {})
    return [row.id for row in rows]
