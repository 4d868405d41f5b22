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
    """Counters of one minute. `minute` is its start. Fields another stage fills stay 0.

    expected: frames that the camera gives in the time in which it should be read; captured: frames that it
    gave; gated: left out by sampling or motion; sent: delivered to `frames`; shed: given up; processed:
    recognised; plates: plates found in them; lag_ms: oldest age of a frame when it was done. `gaps` and
    `shed_by` are frames by reason. `clock`, `clock_error_ms`: of the latest capture time. `scene`: what
    the camera can see. `time_zone`: of its place (IANA), where the camera file names it. `instance` tells
    restarts apart.
    """

    schema: Annotated[int, Meta(ge=SCHEMA_VERSION, le=SCHEMA_VERSION)] = SCHEMA_VERSION
    camera: CameraId
    minute: UtcTime
    stage: CoverageStage
    instance: Annotated[str, Meta(min_length=1, max_length=64)]
    captured: Count = 0
    gated: Count = 0
    sent: Count = 0
    shed: Count = 0
    processed: Count = 0
    plates: Count = 0
    lag_ms: Count = 0
    state: CameraState | None = None
    note: str | None = None
    expected: Count = 0
    gaps: dict[GapReason, Count] = {}
    shed_by: dict[ShedReason, Count] = {}
    scene: Scene | None = None
    clock: Clock | None = None
    clock_error_ms: Count | None = None
    time_zone: Annotated[str, Meta(min_length=1, max_length=64)] | None = None
