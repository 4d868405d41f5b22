"""Topic `coverage`: how well a camera was looked at, per camera, minute and writing stage.

Each writer sends its own counters of a minute, possibly more than once while the minute lasts: a later
report of the same (camera, minute, stage, instance) replaces the earlier one, so that repeats add nothing.
"""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta, Struct

from contracts.messages.common import CameraId, Count, UtcTime

SCHEMA_VERSION = 1

CoverageStage = Literal["ingest", "sightings"]
CameraState = Literal["connecting", "live", "stalled", "refused", "off"]


class Coverage(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Counters of one minute. `minute` is its start. Fields another stage fills stay 0.

    captured: frames that the camera gave; gated: left out by sampling or motion; sent: delivered to
    `frames`; shed: given up (queue full, broker away, stale); processed: recognised; plates: plates
    found in them; lag_ms: oldest age of a frame when it was done. `instance` tells restarts apart.
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
