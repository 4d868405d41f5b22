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
SpeedClass = Literal["standing", "slow", "moderate", "fast"]


class FormatVerdict(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What the grammar of registration numbers says of a text. `valid` false is no veto."""

    series: SeriesKind
    """Kind of registration series that the text fits."""
    state: str | None
    """State's letters, such as `MH`; null where the series names none."""
    rto: str | None
    """Digits of the registering office within the state; null where the series names none."""
    valid: bool
    """Whether the text fits a series in use. False is no veto: foreign and irregular plates are read too."""


class CharacterRead(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One character of the final text; box in pixels of the best frame."""

    character: Annotated[str, Meta(min_length=1, max_length=1)]
    """Digit or capital letter."""
    confidence: Probability
    """Probability of this character, 0 to 1."""
    xyxy: Xyxy
    """Box x0, y0, x1, y1 in pixels of the best frame."""
    line: Annotated[int, Meta(ge=0, le=3)]
    """Line of the plate, from 0 at the top."""
    probabilities: dict[str, Probability]
    """Probability of each character that could stand here; those of next to none are left out."""


class Candidate(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A text that the plate may have."""

    text: str
    """Capitals and digits, without spaces."""
    probability: Probability
    """Probability that this is the text of the plate, 0 to 1."""


class Reading(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The plate as read.

    `text_read` is the most probable characters as they stand, `text` the chosen candidate under the
    grammar's prior, normalised (capitals and digits only). `confidence` is the calibrated probability
    that `text` is right; `accepted` says that it passed the threshold in force.
    """

    text_read: str
    """The most probable characters as they stand, without any grammar."""
    text: str
    """The chosen text: capitals and digits, without spaces."""
    confidence: Probability
    """Calibrated probability that `text` is right, 0 to 1."""
    accepted: bool
    """Whether the confidence passed the threshold in force when it was read."""
    format: FormatVerdict
    """What the grammar of registration numbers says of `text`."""
    lines: Annotated[int, Meta(ge=1, le=2)]
    """Lines of writing on the plate."""
    colour: PlateColour
    """Ground colour of the plate; `other` where no frame tells it."""
    characters: tuple[CharacterRead, ...]
    """The characters of `text` in reading order, by line."""
    candidates: tuple[Candidate, ...]
    """The most probable texts, the best first."""


class Crossing(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A vehicle went over one of the camera's lines."""

    line: str
    """Name of the line, from the camera file."""
    captured_at: UtcTime
    """Capture time of the first frame beyond it, UTC."""
    to: Literal["left", "right"]
    """To which side, as seen from the line's first end towards its second."""


class Movement(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How the vehicle moved, by what the camera file says of zones, lines and the field of view."""

    zones: tuple[str, ...]
    """Names of the zones in which it was, in the order in which it entered them."""
    crossings: tuple[Crossing, ...]
    """The lines that it crossed, in order of time."""
    speed: SpeedClass | None
    """`standing` below 5 km/h, `slow` below 20, `moderate` below 60, else `fast`, estimated from the plate's
    size in the picture; null without a field of view, or where it was seen for too short a time."""


class StoredPicture(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A picture in the object store: its key there and the SHA-256 of its bytes."""

    key: str
    """Key in the object store."""
    sha256: Annotated[str, Meta(pattern=r"^[0-9a-f]{64}$")]
    """SHA-256 of the picture's bytes, in hexadecimal digits."""
    width: Count
    """Width in pixels."""
    height: Count
    """Height in pixels."""


class StoredReads(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What each frame showed of the plate, of which the text was voted: a JSON file, its key in the object
    store and the SHA-256 of its bytes."""

    key: str
    """Key in the object store."""
    sha256: Annotated[str, Meta(pattern=r"^[0-9a-f]{64}$")]
    """SHA-256 of the file's bytes, in hexadecimal digits."""


class Evidence(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Pictures of the passage, JPEG. A final has `frame` and what is cut upright out of it; a preview, and a
    final whose frame was no longer retained, has the sighting's small picture of the plate alone. On
    `plates.replay` an event that was made of a stored frame has that `frame` alone."""

    position: LogPosition
    """Where the frame that the pictures show stands in Kafka, for as long as it is retained."""
    frame: StoredPicture | None
    """The very frame that was read, byte for byte; of a vehicle whose plate nobody could read, the one
    that shows it best. Null in a preview, and where it was no longer retained."""
    vehicle: StoredPicture | None
    """An upright cutting of `frame`: the vehicle's box and 6 % of its smaller side around it. Where the best
    frame has no vehicle but a plate, the plate's surroundings: 2.5 of its widths to each side, 3.75 above and
    1.25 below. Null without `frame`, where there is neither, and where the frame alone is told."""
    plate: StoredPicture | None
    """With `frame`, an upright cutting of it: the box around the plate's corners and a quarter of its smaller
    side around it, neither turned nor straightened. Without, the `crop` of the sighting, which is rectified:
    the plate seen straight on. Null where no plate was read, and where the frame alone is told."""
    reads: StoredReads | None = None
    """What each frame showed of the plate; null for a preview, where the frame alone is told, and in events
    of before there were any."""


class PlateEvent(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One passage of a vehicle at a camera.

    `event_id` is deterministic: the same frames give the same id. `reading`, `corners` are null for an
    upload or a passage in which no plate was found. `frames` counts the frames in which the vehicle was
    tracked, `reads` those in which its plate was read, `agreement` the share of reads equal to `text`.
    """

    schema: Annotated[int, Meta(ge=SCHEMA_VERSION, le=SCHEMA_VERSION)] = SCHEMA_VERSION
    """Version of this contract."""
    event_id: Annotated[str, Meta(pattern=r"^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$")]
    """UUID of the passage, the same in all its events: the same frames give the same id."""
    state: State
    """`preview` while the vehicle is in sight, `final` once it has left or stopped."""
    revision: Count
    """Of an event id the highest is in force, of equal ones the later `processed_at`. 0 in a preview; in
    finals it grows with the time over which the vehicle was followed, not by one, and stops at 2147483647."""
    camera: CameraId
    """The camera's id."""
    place: str | None = None
    """Name of the place, from the camera file."""
    direction: Direction | None = None
    """The vehicle's way, as the camera sees it; null where it did not move clearly."""
    movement: Movement | None = None
    """Zones, lines and speed; null where the camera file says nothing of them."""
    origin: Origin
    """A live camera, a recorded file, or an uploaded picture."""
    epoch: str
    """Id of this opening of the stream: capture times of different epochs may jump."""
    first_captured_at: UtcTime
    """Capture time of the first frame with the vehicle, UTC."""
    best_captured_at: UtcTime
    """Capture time of the frame that is the evidence, UTC."""
    last_captured_at: UtcTime
    """Capture time of the last frame with the vehicle so far, UTC."""
    clock: Clock
    """Source of the capture times."""
    processed_at: UtcTime
    """When this event was made, UTC, by the clock of the host."""
    reading: Reading | None
    """The plate as read; null when none was."""
    corners: Corners | None
    """Corners of the plate from top-left clockwise, x, y in pixels of the best frame; null if none."""
    vehicle: VehicleSeen | None
    """The vehicle in the best frame, of the class that most frames saw; null when only its plate was seen."""
    frames: Count
    """Frames in which the vehicle was tracked."""
    reads: Count
    """Frames in which its plate was read, or what was taken for it; `reading` null: it gave no text."""
    agreement: Probability
    """Share of the reads that equal `text`, 0 to 1."""
    models: tuple[ModelUsed, ...]
    """The models that its last sighting was looked at with; not each of them has to have found something."""
    settings: Annotated[str, Meta(pattern=r"^[0-9a-f]{64}$")] | None = None
    """SHA-256 of the settings and the grammar that it was made with, in hexadecimal digits; null in events of
    earlier releases."""
    evidence: Evidence | None
    """Pictures of the passage; null while there are none."""
