"""Topic `coverage`: how well a camera was looked at, per camera, minute and writing stage.

Each writer sends its own counters of a minute, possibly more than once while the minute lasts: a later
report of the same (camera, minute, stage, instance) replaces the earlier one, so that repeats add nothing.

    expected = captured + all gaps        captured = gated + sent + shed + those still on their way

A minute without any report was not looked at by anybody.
"""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta, Struct

from contracts.messages.common import CameraId, Clock, Count, UtcTime

SCHEMA_VERSION = 1

CoverageStage = Literal["ingest", "sightings"]
CameraState = Literal["connecting", "live", "stalled", "refused", "off"]
GapReason = Literal["connecting", "stalled", "refused", "off", "lost"]
"""Why frames are missing: the state that the camera was in, or `lost` out of a stream that went on."""
ShedReason = Literal["damaged", "late", "unreadable", "undelivered"]
"""Why captured frames were given up: they cannot be decoded; this machine is too slow; no picture could
be made; Kafka did not take them in time."""
Scene = Literal["ok", "black", "blocked", "blurred", "frozen", "glare", "moved"]


class Coverage(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Counters of a camera and minute of capture by one writer. What another stage fills stays 0 or null."""

    schema: Annotated[int, Meta(ge=SCHEMA_VERSION, le=SCHEMA_VERSION)] = SCHEMA_VERSION
    """Version of this contract."""
    camera: CameraId
    """The camera's id; it is the message's key."""
    minute: UtcTime
    """Start of the minute in which the frames were captured, UTC."""
    stage: CoverageStage
    """Who counted: `ingest` or `sightings`."""
    instance: Annotated[str, Meta(min_length=1, max_length=64)]
    """Id of the writer; another one whenever it begins to count anew, as after a restart."""
    captured: Count = 0
    """Frames that the camera gave. By `ingest`."""
    gated: Count = 0
    """Frames left out by sampling or for want of motion. By `ingest`."""
    sent: Count = 0
    """Frames delivered to `frames`. By `ingest`."""
    shed: Count = 0
    """Frames given up: by `ingest` as `shed_by` says, by `sightings` those older than their budget."""
    processed: Count = 0
    """Frames that were looked at. By `sightings`."""
    plates: Count = 0
    """Plates found in them, the same plate once in each frame. By `sightings`."""
    lag_ms: Count = 0
    """Greatest age of a frame when it was done or given up, in milliseconds. By `sightings`."""
    state: CameraState | None = None
    """The camera's state at the time of the report. By `ingest`."""
    note: str | None = None
    """What is wrong with the camera, for people, without credentials; null when nothing is to be said."""
    expected: Count = 0
    """Frames that the camera should have given: `captured` and all `gaps`. By `ingest`."""
    gaps: dict[GapReason, Count] = {}
    """Missing frames by reason: the camera's state at that time, or `lost` out of a stream that went on."""
    shed_by: dict[ShedReason, Count] = {}
    """Frames that `ingest` gave up, by reason."""
    scene: Scene | None = None
    """What the camera can see: `ok`, or what hinders it. By `ingest`; null while no frame has come."""
    clock: Clock | None = None
    """Source of the latest capture time; null while no frame has come."""
    clock_error_ms: Count | None = None
    """By how much the latest capture time may be wrong, in milliseconds; null where nothing is known."""
    time_zone: Annotated[str, Meta(min_length=1, max_length=64)] | None = None
    """Time zone of the camera's place (IANA), by `ingest`; null where the camera file names none."""
