"""`plates.enriched` and `coverage` in, rows of PostgreSQL out: what the portal shows.

Messages may come again and out of order: a row only ever changes to a later state of its passage
(`database.Database` decides by state, revision and the registry's answer), so repeating adds nothing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

import msgspec

from contracts.codec import decode
from contracts.messages.coverage import Coverage
from contracts.messages.enriched import EnrichedEvent, RegistryAnswer
from contracts.messages.plate import Evidence, PlateEvent, Reading, StoredPicture
from contracts.topics import Topic
from processors.engine.stage import Incoming

Columns = Mapping[str, Any]
"""Column of `passages` -> value; JSON columns hold plain lists and dicts."""


@dataclass(frozen=True, kw_only=True)
class CoverageRow:
    """`reported_at`: when the report stood in the log."""

    report: Coverage
    reported_at: datetime


Row = EnrichedEvent | CoverageRow


class Tables(Protocol):
    """Writes a batch, all or nothing; repeating it changes nothing."""

    async def write(self, passages: Sequence[Columns], coverage: Sequence[CoverageRow]) -> None: ...


class Rows:
    """`BatchStage` on `plates.enriched` and `coverage`."""

    def __init__(self, tables: Tables) -> None:
        self._tables = tables

    def prepare(self, message: Incoming) -> Row:
        if message.position.topic == Topic.COVERAGE:
            return CoverageRow(report=decode(Coverage, message.value), reported_at=message.timestamp)
        return decode(EnrichedEvent, message.value)

    async def write(self, rows: Sequence[Row]) -> None:
        passages = [passage_columns(row) for row in rows if isinstance(row, EnrichedEvent)]
        coverage = [row for row in rows if isinstance(row, CoverageRow)]
        await self._tables.write(passages, coverage)


def passage_columns(enriched: EnrichedEvent) -> dict[str, Any]:
    """The row of one event."""
    return {
        **plate_columns(enriched.plate),
        "enriched_at": enriched.processed_at,
        **_registry_columns(enriched.registry),
        "event": msgspec.to_builtins(enriched.plate),
    }


def plate_columns(event: PlateEvent) -> dict[str, Any]:
    """What of the row follows from the plate event alone. `captured_at` is the first capture time: it stays
    from preview to final."""
    return {
        "event_id": event.event_id,
        "captured_at": event.first_captured_at,
        "best_captured_at": event.best_captured_at,
        "last_captured_at": event.last_captured_at,
        "clock": event.clock,
        "processed_at": event.processed_at,
        "state": event.state,
        "revision": event.revision,
        "camera": event.camera,
        "place": event.place,
        "direction": event.direction,
        "origin": event.origin,
        "epoch": event.epoch,
        **_reading_columns(event.reading),
        "corners": msgspec.to_builtins(event.corners),
        **_vehicle_columns(event),
        "frames": event.frames,
        "reads": event.reads,
        "agreement": event.agreement,
        "models": msgspec.to_builtins(event.models),
        **_evidence_columns(event.evidence),
    }


def _reading_columns(reading: Reading | None) -> dict[str, Any]:
    if reading is None:
        return dict.fromkeys(_READING_COLUMNS)
    return {
        "text": reading.text,
        "text_read": reading.text_read,
        "confidence": reading.confidence,
        "accepted": reading.accepted,
        "series": reading.format.series,
        "format_state": reading.format.state,
        "format_rto": reading.format.rto,
        "format_valid": reading.format.valid,
        "lines": reading.lines,
        "plate_colour": reading.colour,
        "characters": msgspec.to_builtins(reading.characters),
        "candidates": msgspec.to_builtins(reading.candidates),
        "candidate_texts": [candidate.text for candidate in reading.candidates],
        "posterior": [character.probabilities for character in reading.characters],
    }


_READING_COLUMNS = (
    *("text", "text_read", "confidence", "accepted", "series", "format_state", "format_rto", "format_valid"),
    *("lines", "plate_colour", "characters", "candidates", "candidate_texts", "posterior"),
)


def _vehicle_columns(event: PlateEvent) -> dict[str, Any]:
    vehicle = event.vehicle
    return {
        "vehicle_class": vehicle.kind if vehicle else None,
        "vehicle_confidence": vehicle.confidence if vehicle else None,
        "vehicle_xyxy": list(vehicle.xyxy) if vehicle else None,
    }


def _evidence_columns(evidence: Evidence | None) -> dict[str, Any]:
    return {
        **_picture_columns("frame", evidence.frame if evidence else None),
        **_picture_columns("vehicle", evidence.vehicle if evidence else None),
        **_picture_columns("plate", evidence.plate if evidence else None),
        "frame_position": msgspec.to_builtins(evidence.position) if evidence else None,
    }


def _picture_columns(name: str, picture: StoredPicture | None) -> dict[str, Any]:
    return {
        f"{name}_key": picture.key if picture else None,
        f"{name}_sha256": picture.sha256 if picture else None,
        f"{name}_width": picture.width if picture else None,
        f"{name}_height": picture.height if picture else None,
    }


def _registry_columns(answer: RegistryAnswer) -> dict[str, Any]:
    sealed = answer.personal
    return {
        "registry_status": answer.status,
        "registry_provider": answer.provider,
        "registry_simulated": answer.simulated,
        "registry_asked_at": answer.asked_at,
        "registry_reason": answer.reason,
        "vehicle_record": msgspec.to_builtins(answer.vehicle),
        "owner_masked": answer.owner_masked,
        "sealed_key_id": sealed.key_id if sealed else None,
        "sealed_personal": sealed.token if sealed else None,
    }
