"""One passage with everything that is known of it, except the sealed owner data."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, LiteralString
from uuid import UUID

import msgspec

from contracts.messages.common import ModelUsed
from contracts.messages.enriched import VehicleRecord
from contracts.messages.plate import Candidate, CharacterRead, Movement
from webapp.database import Database
from webapp.queries.rights import MAY_SEE

PictureKind = Literal["frame", "vehicle", "plate"]

_COLUMNS = """
    event_id, state, camera, place, direction, origin, captured_at, best_captured_at,
    last_captured_at, clock, processed_at, enriched_at, stored_at, text, text_read, confidence, accepted,
    series, format_state, format_rto, format_valid, lines, plate_colour, characters, candidates, corners,
    vehicle_class, vehicle_confidence, vehicle_xyxy, frames, reads, agreement, models,
    frame_sha256, frame_width, frame_height, vehicle_sha256, vehicle_width, vehicle_height,
    plate_sha256, plate_width, plate_height, frame_position,
    registry_status, registry_provider, registry_simulated, registry_asked_at, registry_reason,
    vehicle_record, owner_masked, event -> 'movement' AS movement,
    (SELECT time_zone FROM cameras WHERE cameras.id = passages.camera) AS time_zone
"""


@dataclass(frozen=True)
class Passage:
    """A row of `passages`. Boxes and corners are in pixels of the frame; `time_zone` is its camera's."""

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
    processed_at: datetime
    enriched_at: datetime
    stored_at: datetime
    text: str | None
    text_read: str | None
    confidence: float | None
    accepted: bool | None
    series: str | None
    format_state: str | None
    format_rto: str | None
    format_valid: bool | None
    lines: int | None
    plate_colour: str | None
    characters: list[dict[str, Any]] | None
    candidates: list[dict[str, Any]] | None
    corners: list[list[float]] | None
    vehicle_class: str | None
    vehicle_confidence: float | None
    vehicle_xyxy: list[float] | None
    frames: int
    reads: int
    agreement: float
    models: list[dict[str, Any]]
    frame_sha256: str | None
    frame_width: int | None
    frame_height: int | None
    vehicle_sha256: str | None
    vehicle_width: int | None
    vehicle_height: int | None
    plate_sha256: str | None
    plate_width: int | None
    plate_height: int | None
    frame_position: dict[str, Any] | None
    registry_status: str
    registry_provider: str
    registry_simulated: bool
    registry_asked_at: datetime | None
    registry_reason: str | None
    vehicle_record: dict[str, Any] | None
    owner_masked: str | None
    movement: dict[str, Any] | None
    time_zone: str | None

    def characters_read(self) -> tuple[CharacterRead, ...]:
        """The characters in reading order."""
        return msgspec.convert(self.characters or (), tuple[CharacterRead, ...])

    def candidate_list(self) -> tuple[Candidate, ...]:
        """What the plate may be, most probable first."""
        return msgspec.convert(self.candidates or (), tuple[Candidate, ...])

    def models_used(self) -> tuple[ModelUsed, ...]:
        return msgspec.convert(self.models, tuple[ModelUsed, ...])

    def moved(self) -> Movement | None:
        """Zones, lines and speed, where its camera's file says something of them."""
        return msgspec.convert(self.movement, Movement) if self.movement else None

    def record(self) -> VehicleRecord | None:
        """What the registry says of the vehicle."""
        return msgspec.convert(self.vehicle_record, VehicleRecord) if self.vehicle_record else None


def passage(database: Database, *, event_id: UUID, user_name: str) -> Passage | None:
    """The passage; None when there is none that this user may see."""
    query = f"SELECT {_COLUMNS} FROM passages WHERE event_id = %(event_id)s AND {MAY_SEE}"  # noqa: S608
    return database.one(Passage, query, {"event_id": event_id, "user_name": user_name})


def passages_of_upload(database: Database, *, upload_id: UUID) -> list[Passage]:
    """What the stream found in an uploaded picture, leftmost plate first."""
    query = f"""
        SELECT {_COLUMNS} FROM passages WHERE camera = %(camera)s
        ORDER BY text IS NULL, (corners -> 0 ->> 0)::float8, event_id LIMIT 50"""  # noqa: S608
    return database.all(Passage, query, {"camera": f"upload-{upload_id}"})


@dataclass(frozen=True)
class PictureKey:
    """Where a picture is, and what its bytes must hash to."""

    key: str | None
    sha256: str | None


_PICTURES: dict[PictureKind, LiteralString] = {
    "frame": "SELECT frame_key AS key, frame_sha256 AS sha256",
    "vehicle": "SELECT vehicle_key AS key, vehicle_sha256 AS sha256",
    "plate": "SELECT plate_key AS key, plate_sha256 AS sha256",
}


def picture_key(
    database: Database, *, event_id: UUID, kind: PictureKind, user_name: str
) -> PictureKey | None:
    """The key of one picture of a passage; None when there is no such passage for this user."""
    query = f"{_PICTURES[kind]} FROM passages WHERE event_id = %(event_id)s AND {MAY_SEE}"
    return database.one(PictureKey, query, {"event_id": event_id, "user_name": user_name})
