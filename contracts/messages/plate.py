"""Topic `plates`: the public contract. One event a passage, first `preview`, then `final`.

No personal data. A later event with the same `event_id` and a higher `revision` replaces the earlier.
"""

from __future__ import annotations

from typing import Annotated, Literal

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

SeriesKind = Literal[
    "standard", "delhi", "bharat", "vintage", "temporary", "diplomatic", "military", "pre-1989", "unknown"
]
State = Literal["preview", "final"]
Direction = Literal["approaching", "leaving", "left", "right"]


class FormatVerdict(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What the grammar of registration numbers says of a text. `valid` false is no veto."""

    series: SeriesKind
    state: str | None
    rto: str | None
    valid: bool


class CharacterRead(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One character of the final text; box in pixels of the best frame."""

    character: Annotated[str, Meta(min_length=1, max_length=1)]
    confidence: Probability
    xyxy: Xyxy
    line: Annotated[int, Meta(ge=0, le=3)]
    probabilities: dict[str, Probability]


class Candidate(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    text: str
    probability: Probability


class Reading(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The plate as read.

    `text_read` is the most probable characters as they stand, `text` the chosen candidate under the
    grammar's prior, normalised (capitals and digits only). `confidence` is the calibrated probability
    that `text` is right; `accepted` says that it passed the threshold in force.
    """

    text_read: str
    text: str
    confidence: Probability
    accepted: bool
    format: FormatVerdict
    lines: Annotated[int, Meta(ge=1, le=2)]
    colour: PlateColour
    characters: tuple[CharacterRead, ...]
    candidates: tuple[Candidate, ...]


class StoredPicture(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A picture in the object store: its key there and the SHA-256 of its bytes."""

    key: str
    sha256: Annotated[str, Meta(pattern=r"^[0-9a-f]{64}$")]
    width: Count
    height: Count


class Evidence(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Pictures of the passage. `frame` is the very frame that was read; None once it was not retained."""

    position: LogPosition
    frame: StoredPicture | None
    vehicle: StoredPicture | None
    plate: StoredPicture | None


class PlateEvent(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One passage of a vehicle at a camera.

    `event_id` is deterministic: the same frames give the same id. `reading`, `corners` are None for an
    upload or a passage in which no plate was found. `frames` counts the frames in which the vehicle was
    tracked, `reads` those in which its plate was read, `agreement` the share of reads equal to `text`.
    """

    schema: Annotated[int, Meta(ge=SCHEMA_VERSION, le=SCHEMA_VERSION)] = SCHEMA_VERSION
    event_id: Annotated[str, Meta(pattern=r"^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$")]
    state: State
    revision: Count
    camera: CameraId
    place: str | None = None
    direction: Direction | None = None
    origin: Origin
    epoch: str
    first_captured_at: UtcTime
    best_captured_at: UtcTime
    last_captured_at: UtcTime
    clock: Clock
    processed_at: UtcTime
    reading: Reading | None
    corners: Corners | None
    vehicle: VehicleSeen | None
    frames: Count
    reads: Count
    agreement: Probability
    models: tuple[ModelUsed, ...]
    evidence: Evidence | None
