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
    """A place on the plate where a character may stand."""

    xyxy: Xyxy
    """Upright box around it: x0, y0, x1, y1 in pixels of the frame."""
    line: Annotated[int, Meta(ge=0, le=3)]
    """Line of the plate, from 0 at the top."""
    probabilities: dict[str, Probability]
    """Probability, 0 to 1, of each digit and capital letter here. Those below 0.001 are left out; what is
    missing to 1 belongs to them and to there being no character."""


class PlateSeen(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A plate in the frame."""

    corners: Corners
    """Its corners: top-left, top-right, bottom-right, bottom-left as it is read, x, y in pixels of the frame;
    some may lie outside."""
    confidence: Probability
    """The detector's score that this is a plate, 0 to 1."""
    lines: Annotated[int, Meta(ge=1, le=2)]
    """Lines of writing on it."""
    colour: PlateColour
    """Its ground colour; `other` where it cannot be told."""
    colour_confidence: Probability
    """How sure the colour is, 0 to 1: by the pixels around and between its characters and the detector's
    word; by that alone where no character is found; 0 where the colour cannot be told."""
    vehicle: Count | None
    """Index of its vehicle in `vehicles` of the sighting, from 0; null when none was found around it."""
    sharpness: Annotated[float, Meta(ge=0.0)]
    """Variance of the Laplacian of the plate, rectified to the reader's size, in grey levels squared: low for
    a blurred plate."""
    characters: tuple[CharacterSeen, ...]
    """Its characters in reading order, line by line."""
    crop: bytes
    """The plate rectified, that is seen straight on, with a margin, as a small JPEG in base64: what remains
    of it when the frame is no longer retained."""


class Sighting(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Everything seen in one frame of a camera, of what the camera file asks for."""

    schema: Annotated[int, Meta(ge=SCHEMA_VERSION, le=SCHEMA_VERSION)] = SCHEMA_VERSION
    """Version of this contract."""
    camera: CameraId
    """The camera's id; it is the message's key."""
    epoch: Annotated[str, Meta(min_length=1, max_length=64)]
    """Id of this opening of the stream: capture times of different epochs may jump."""
    sequence: Count
    """The frame's number within the epoch, as `frames` has it."""
    captured_at: UtcTime
    """Capture time of the frame, UTC."""
    clock: Clock
    """Source of the capture time."""
    origin: Origin
    """A live camera, a recorded file, or an uploaded picture."""
    end: bool = False
    """True: there is no frame, the epoch has ended; vehicles and plates are empty."""
    width: Count
    """Width of the frame in pixels; 0 at the end."""
    height: Count
    """Height of the frame in pixels; 0 at the end."""
    frame: LogPosition
    """Where the frame stands in Kafka, for as long as it is retained."""
    processed_at: UtcTime
    """When this message was made, UTC, by the clock of the host."""
    models: tuple[ModelUsed, ...]
    """The models in use."""
    vehicles: tuple[VehicleSeen, ...] = ()
    """The vehicles in the frame."""
    plates: tuple[PlateSeen, ...] = ()
    """The plates in the frame."""
