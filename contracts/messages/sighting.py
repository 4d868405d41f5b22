"""Topic `sightings`: what one frame shows. Written by recognise, read by passages."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta, Struct

from contracts.messages.common import (
    CameraId,
    Clock,
    Corners,
    Count,
    LogPosition,
    ModelUsed,
    Origin,
    PlateColour,
    Probability,
    UtcTime,
    VehicleSeen,
    Xyxy,
)

SCHEMA_VERSION = 1


class CharacterSeen(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One character slot of a plate.

    `probabilities` maps characters of `ALPHABET` to their probability, small ones left out; what is
    missing to 1 belongs to "no character here" and to the classes left out.
    """

    xyxy: Xyxy
    line: Annotated[int, Meta(ge=0, le=3)]
    probabilities: dict[str, Probability]


class PlateSeen(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One plate in the frame, with its characters in reading order, line by line.

    `vehicle` is the index of its vehicle in the sighting, None when none was found around it.
    `sharpness` is the variance of the Laplacian of the rectified plate in grey levels squared.
    `crop` is the rectified plate as a small JPEG: what remains when the frame is no longer retained.
    """

    corners: Corners
    confidence: Probability
    lines: Annotated[int, Meta(ge=1, le=2)]
    colour: PlateColour
    colour_confidence: Probability
    vehicle: Count | None
    sharpness: Annotated[float, Meta(ge=0.0)]
    characters: tuple[CharacterSeen, ...]
    crop: bytes


class Sighting(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Everything seen in one frame; `end` without vehicles and plates closes the camera's epoch."""

    schema: Annotated[int, Meta(ge=SCHEMA_VERSION, le=SCHEMA_VERSION)] = SCHEMA_VERSION
    camera: CameraId
    epoch: Annotated[str, Meta(min_length=1, max_length=64)]
    sequence: Count
    captured_at: UtcTime
    clock: Clock
    origin: Origin
    end: bool = False
    width: Count
    height: Count
    frame: LogPosition
    processed_at: UtcTime
    models: tuple[ModelUsed, ...]
    vehicles: tuple[VehicleSeen, ...] = ()
    plates: tuple[PlateSeen, ...] = ()
