"""One good message of each kind, with defaults that tests override by keyword."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import msgspec

from contracts.messages.common import LogPosition, ModelUsed, VehicleSeen
from contracts.messages.coverage import Coverage
from contracts.messages.dead_letter import DeadLetter
from contracts.messages.enriched import EnrichedEvent, RegistryAnswer, SealedPersonal, VehicleRecord
from contracts.messages.frame import FrameHeader
from contracts.messages.plate import (
    Candidate,
    CharacterRead,
    Evidence,
    FormatVerdict,
    PlateEvent,
    Reading,
    StoredPicture,
)
from contracts.messages.sighting import CharacterSeen, PlateSeen, Sighting

NOON = datetime(2026, 3, 1, 6, 30, tzinfo=UTC)
TEXT = "MH12AB1234"
CORNERS = ((100.0, 200.0), (200.0, 202.0), (200.0, 226.0), (100.0, 224.0))
MODEL = ModelUsed(name="characters", version="1", sha256="ab" * 32)
FRAME_POSITION = LogPosition(topic="frames", partition=3, offset=42)


def a_frame_header(**changes: Any) -> FrameHeader:
    header = FrameHeader(
        camera="gate",
        epoch="e1",
        sequence=7,
        captured_at_us=1_772_346_600_000_000,
        clock="host",
        width=960,
        height=540,
    )
    return msgspec.structs.replace(header, **changes)


def a_vehicle(**changes: Any) -> VehicleSeen:
    vehicle = VehicleSeen(kind="car", confidence=0.9, xyxy=(50.0, 60.0, 300.0, 260.0))
    return msgspec.structs.replace(vehicle, **changes)


def characters_seen(text: str = TEXT, *, probability: float = 0.95) -> tuple[CharacterSeen, ...]:
    return tuple(
        CharacterSeen(
            xyxy=(100.0 + 10 * place, 202.0, 109.0 + 10 * place, 222.0),
            line=0,
            probabilities={character: probability},
        )
        for place, character in enumerate(text)
    )


def a_plate_seen(**changes: Any) -> PlateSeen:
    plate = PlateSeen(
        corners=CORNERS,
        confidence=0.9,
        lines=1,
        colour="white",
        colour_confidence=0.8,
        vehicle=0,
        sharpness=250.0,
        characters=characters_seen(),
        crop=b"\xff\xd8crop",
    )
    return msgspec.structs.replace(plate, **changes)


def a_sighting(**changes: Any) -> Sighting:
    sighting = Sighting(
        camera="gate",
        epoch="e1",
        sequence=7,
        captured_at=NOON,
        clock="host",
        origin="live",
        width=960,
        height=540,
        frame=FRAME_POSITION,
        processed_at=NOON,
        models=(MODEL,),
        vehicles=(a_vehicle(),),
        plates=(a_plate_seen(),),
    )
    return msgspec.structs.replace(sighting, **changes)


def a_reading(text: str = TEXT, **changes: Any) -> Reading:
    reading = Reading(
        text_read=text,
        text=text,
        confidence=0.97,
        accepted=True,
        format=FormatVerdict(series="standard", state="MH", rto="12", valid=True),
        lines=1,
        colour="white",
        characters=tuple(
            CharacterRead(
                character=character, confidence=0.95, xyxy=seen.xyxy, line=0, probabilities=seen.probabilities
            )
            for character, seen in zip(text, characters_seen(text), strict=True)
        ),
        candidates=(Candidate(text=text, probability=0.97),),
    )
    return msgspec.structs.replace(reading, **changes)


def a_stored_picture(name: str = "ab") -> StoredPicture:
    sha256 = (name * 64)[:64]
    return StoredPicture(key=f"evidence/{sha256[:2]}/{sha256}.jpg", sha256=sha256, width=100, height=40)


def a_plate_event(**changes: Any) -> PlateEvent:
    event = PlateEvent(
        event_id="5b3f7d0c-8f2e-5a51-9d8e-0c6a1a2b3c4d",
        state="final",
        revision=1,
        camera="gate",
        place="North gate",
        direction="approaching",
        origin="live",
        epoch="e1",
        first_captured_at=NOON,
        best_captured_at=NOON,
        last_captured_at=NOON,
        clock="host",
        processed_at=NOON,
        reading=a_reading(),
        corners=CORNERS,
        vehicle=a_vehicle(),
        frames=9,
        reads=7,
        agreement=0.9,
        models=(MODEL,),
        evidence=Evidence(
            position=FRAME_POSITION,
            frame=a_stored_picture("a"),
            vehicle=a_stored_picture("b"),
            plate=a_stored_picture("c"),
        ),
    )
    return msgspec.structs.replace(event, **changes)


def a_registry_answer(**changes: Any) -> RegistryAnswer:
    answer = RegistryAnswer(
        status="found",
        provider="surepass",
        simulated=True,
        asked_at=NOON,
        vehicle=VehicleRecord(
            make="MARUTI SUZUKI",
            model="SWIFT",
            vehicle_class="Motor Car",
            fuel="PETROL",
            colour="WHITE",
            registered_on=date(2019, 5, 4),
            registered_at="Pune",
        ),
        owner_masked="A*I*A S*A*M*",
        personal=SealedPersonal(key_id="0123456789ab", token=b"sealed"),
    )
    return msgspec.structs.replace(answer, **changes)


def an_enriched_event(**changes: Any) -> EnrichedEvent:
    event = EnrichedEvent(plate=a_plate_event(), registry=a_registry_answer(), processed_at=NOON)
    return msgspec.structs.replace(event, **changes)


def a_coverage(**changes: Any) -> Coverage:
    coverage = Coverage(
        camera="gate",
        minute=NOON,
        stage="ingest",
        instance="ingest-1",
        captured=1500,
        gated=1200,
        sent=299,
        shed=1,
        state="live",
    )
    return msgspec.structs.replace(coverage, **changes)


def a_dead_letter(**changes: Any) -> DeadLetter:
    letter = DeadLetter(
        position=FRAME_POSITION,
        stage="sightings",
        error="Rejected",
        reason="no JPEG",
        attempts=1,
        set_aside_at=NOON,
        key=b"gate",
        headers=(("camera", b"gate"),),
        value=b"junk",
    )
    return msgspec.structs.replace(letter, **changes)
