"""What `platestream read --json` says of a picture: one line each, its keys in this order.

Boxes are x0, y0, x1, y1 and corners go from top-left clockwise, in pixels of the upright picture.
"""

from __future__ import annotations

import msgspec
from msgspec import Struct

from contracts.messages.common import Corners, PlateColour, VehicleKind, VehicleSeen, Xyxy
from contracts.messages.plate import Candidate, Reading, SeriesKind
from contracts.messages.sighting import PlateSeen
from contracts.plate_number import verdict


class Format(Struct, frozen=True, kw_only=True):
    series: SeriesKind
    state: str | None
    rto: str | None
    valid: bool


class Character(Struct, frozen=True, kw_only=True):
    character: str
    confidence: float
    box: Xyxy


class Vehicle(Struct, frozen=True, kw_only=True, rename={"kind": "class"}):
    kind: VehicleKind
    confidence: float
    box: Xyxy


class PlateAnswer(Struct, frozen=True, kw_only=True):
    """`text` is empty when a plate was found and nothing on it could be read."""

    text: str
    confidence: float
    accepted: bool
    corners: Corners
    lines: int
    colour: PlateColour
    format: Format
    characters: tuple[Character, ...]
    candidates: tuple[Candidate, ...]
    vehicle: Vehicle | None


class PictureAnswer(Struct, frozen=True, kw_only=True):
    """`error` says why a picture could not be read; its size stands there if the file still says it."""

    picture: str
    width: int | None
    height: int | None
    error: str | None
    plates: tuple[PlateAnswer, ...]


def plate_answer(plate: PlateSeen, reading: Reading | None, vehicle: VehicleSeen | None) -> PlateAnswer:
    format_verdict = reading.format if reading else verdict("")
    return PlateAnswer(
        text=reading.text if reading else "",
        confidence=round(reading.confidence, 4) if reading else 0.0,
        accepted=reading.accepted if reading else False,
        corners=plate.corners,
        lines=plate.lines,
        colour=plate.colour,
        format=Format(**msgspec.structs.asdict(format_verdict)),
        characters=_characters(reading) if reading else (),
        candidates=_candidates(reading) if reading else (),
        vehicle=Vehicle(kind=vehicle.kind, confidence=round(vehicle.confidence, 4), box=vehicle.xyxy)
        if vehicle
        else None,
    )


def broken(picture: str, reason: str, size: tuple[int, int] | None) -> PictureAnswer:
    width, height = size or (None, None)
    return PictureAnswer(picture=picture, width=width, height=height, error=reason, plates=())


def _characters(reading: Reading) -> tuple[Character, ...]:
    return tuple(
        Character(character=each.character, confidence=round(each.confidence, 4), box=each.xyxy)
        for each in reading.characters
    )


def _candidates(reading: Reading) -> tuple[Candidate, ...]:
    return tuple(
        Candidate(text=each.text, probability=round(each.probability, 4)) for each in reading.candidates
    )
