"""Types that several messages share: places in the log, boxes, corners, classes, colours."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from msgspec import Meta, Struct

CameraId = Annotated[str, Meta(pattern=r"^[a-z0-9][a-z0-9_-]{0,62}$")]
UtcTime = Annotated[datetime, Meta(tz=True)]
Probability = Annotated[float, Meta(ge=0.0, le=1.0)]
Count = Annotated[int, Meta(ge=0)]

Point = tuple[float, float]
Corners = tuple[Point, Point, Point, Point]
"""Top-left, top-right, bottom-right, bottom-left, in pixels of the frame."""
Xyxy = tuple[float, float, float, float]
"""x0, y0, x1, y1 in pixels of the frame."""

Clock = Literal["rtcp", "container", "host"]
"""Where a capture time comes from: the camera's sender reports, the file, or the ingest host."""
Origin = Literal["live", "file", "upload"]
VehicleKind = Literal["car", "motorcycle", "auto-rickshaw", "bus", "truck", "other"]
PlateColour = Literal["white", "yellow", "green", "black", "blue", "red", "other"]

VEHICLE_CLASSES: tuple[VehicleKind, ...] = ("car", "motorcycle", "auto-rickshaw", "bus", "truck", "other")
PLATE_COLOURS: tuple[PlateColour, ...] = ("white", "yellow", "green", "black", "blue", "red", "other")
ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
"""Order of the character classes; the reader's blank class follows after the last."""


class LogPosition(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Where a message stands in Kafka."""

    topic: str
    """Name of the topic."""
    partition: Count
    """Number of the partition."""
    offset: Count
    """Offset within the partition."""


class ModelUsed(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A model that took part, by the checksum of its file."""

    name: str
    """`vehicle`, `plate`, `characters` or `lines`."""
    version: str
    """Version by the model's card."""
    sha256: str
    """SHA-256 of the model's file, in hexadecimal digits."""


class VehicleSeen(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A vehicle in a frame."""

    kind: VehicleKind
    """Class of the vehicle."""
    confidence: Probability
    """The detector's score of this box, by the class that it saw there in this frame, 0 to 1."""
    xyxy: Xyxy
    """Box x0, y0, x1, y1 in pixels of the frame."""
