"""Topic `plates.parked`: which vehicles stand at a camera. Kept for the stage `plates` itself.

A parked vehicle is there for longer than sightings are read again after a restart: what is known of it
stands here, so that it stays one event.
"""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta, Struct

from contracts.messages.common import CameraId, Count, UtcTime, Xyxy
from contracts.messages.plate import PlateEvent

SCHEMA_VERSION = 1


class Stood(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Where one frame showed it."""

    captured_at: UtcTime
    """Capture time of the frame, UTC."""
    xyxy: Xyxy
    """Its box, in pixels of the frame."""


class Stand(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Where a vehicle stands, which need not be where its best frame showed it: it may have driven in. And
    what was seen of it since its last event."""

    plate_xyxy: Xyxy | None = None
    """The box around its plate in the last seconds, in pixels of the frame; null where it was not read."""
    vehicle_xyxy: Xyxy | None = None
    """Its own box in the last seconds, in pixels of the frame; null when only its plate was seen."""
    frames: Count | None = None
    """Frames in which it was tracked so far; null where that is the event's."""
    last_captured_at: UtcTime | None = None
    """Capture time of the last frame with it so far, UTC; null where that is the event's."""
    vehicle_since: UtcTime | None = None
    """Capture time since when its box has been about there, UTC; null where nobody knows."""
    vehicle_until: UtcTime | None = None
    """Capture time of the last frame in which its box was there, UTC; null where nobody knows."""
    vehicle_seen: tuple[Stood, ...] = ()
    """The boxes of the last seconds that its own is the middle of, about one a second, oldest first: they
    tell how firmly it stands there. Messages of earlier releases have none."""
    gone: bool = False
    """It was not there any more after that frame; it is kept for what a restart reads again."""


class ParkedVehicles(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The last event of each vehicle that stands at a camera or left a short time ago; replaces the one
    before."""

    schema: Annotated[int, Meta(ge=SCHEMA_VERSION, le=SCHEMA_VERSION)] = SCHEMA_VERSION
    """Version of this contract."""
    camera: CameraId
    """The camera; it is the message's key."""
    events: tuple[PlateEvent, ...]
    """The last final of each vehicle, as it stands on `plates`."""
    stands: tuple[Stand, ...] = ()
    """Where each of them stands, in the order of `events`. Messages of earlier releases have none."""
