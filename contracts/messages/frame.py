"""Topic `frames`: the value is the JPEG itself, everything else stands in Kafka headers.

An `end` frame has an empty value: this epoch of the camera has ended, open passages may close.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Annotated

import msgspec
from msgspec import Meta, Struct

from contracts.errors import Rejected
from contracts.messages.common import CameraId, Clock, Count, Origin

SCHEMA_VERSION = 1
_EPOCH_START = datetime(1970, 1, 1, tzinfo=UTC)
_EARLIEST_US = 946_684_800_000_000  # 2000-01-01
_LATEST_US = 4_102_444_800_000_000  # 2100-01-01


class FrameHeader(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What travels beside the JPEG, each field as text in a header of its name."""

    schema: Annotated[int, Meta(ge=SCHEMA_VERSION, le=SCHEMA_VERSION)] = SCHEMA_VERSION
    """Version of this contract."""
    camera: CameraId
    """The camera's id; it is the message's key."""
    epoch: Annotated[str, Meta(min_length=1, max_length=64)]
    """Id of this opening of the stream: another one each time, and capture times may jump between them."""
    sequence: Count
    """Counts the frames within the epoch."""
    captured_at_us: Annotated[int, Meta(ge=_EARLIEST_US, le=_LATEST_US)]
    """Capture time in microseconds since 1970, UTC."""
    clock: Clock
    """Source of the capture time: `rtcp`, `container` or `host`."""
    width: Annotated[int, Meta(ge=0, le=16384)]
    """Width of the picture in pixels; 0 at the end."""
    height: Annotated[int, Meta(ge=0, le=16384)]
    """Height of the picture in pixels; 0 at the end."""
    origin: Origin = "live"
    """A `live` camera, a recorded `file`, or an `upload`."""
    end: bool = False
    """`true`: the value is empty, this epoch of the camera has ended. Else `false`."""
    clock_error_ms: Count | None = None
    """By how much the capture time may be wrong, in milliseconds; no header where nothing is known."""

    @property
    def captured_at(self) -> datetime:
        """Capture time, UTC."""
        return _EPOCH_START + timedelta(microseconds=self.captured_at_us)


def microseconds(time: datetime) -> int:
    """Microseconds since 1970 of an aware time."""
    return (time - _EPOCH_START) // timedelta(microseconds=1)


def encode_headers(header: FrameHeader) -> list[tuple[str, bytes]]:
    """Kafka headers, one a field, each value as text in UTF-8."""
    fields = msgspec.to_builtins(header)
    return [
        (name, str(value).lower().encode() if name == "end" else str(value).encode())
        for name, value in fields.items()
        if value is not None
    ]


def decode_headers(headers: Iterable[tuple[str, bytes | None]]) -> FrameHeader:
    """The header fields of a frame.

    Raises:
        Rejected: a field is missing, unknown, no text, or out of its bounds.
    """
    try:
        fields: dict[str, object] = {name: (value or b"").decode() for name, value in headers}
        fields["end"] = fields.get("end", "false") == "true"
        # Headers are text; only the numbers need the lax conversion, bounds are still checked.
        return msgspec.convert(fields, FrameHeader, strict=False)
    except (msgspec.ValidationError, UnicodeDecodeError) as error:
        raise Rejected("frame headers", str(error)) from error
