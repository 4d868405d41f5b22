"""One opening of a camera: its frames as they arrive, decoded only when asked.

A source yields an `Arrival` for every frame of the stream; decoding one is a call and turning a picture
into a JPEG another, so that a frame which nobody wants costs neither. A source never tries again: it
raises, and the camera's life decides.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from contracts.errors import PlatestreamError

Grey = NDArray[np.uint8]
"""A small grey picture [height, width]."""


@dataclass(frozen=True, slots=True)
class Jpeg:
    data: bytes
    width: int
    height: int


@dataclass(frozen=True, slots=True)
class Look:
    """A small picture of the whole frame, and how sharp its middle is (variance of the Laplacian of the
    luma at full resolution, in grey levels squared)."""

    grey: Grey
    sharpness: float


@dataclass(frozen=True, slots=True)
class Arrival:
    """A frame as it came, not decoded. `media_sec` is its time within this opening of the stream, from 0,
    None when the stream does not say; `stamped_at` is the camera's own UTC time where it sends one; `key`:
    decoding may begin here; `size` in bytes. `handle` is the source's own."""

    media_sec: float | None
    stamped_at: datetime | None
    key: bool
    size: int
    handle: object


@dataclass(frozen=True, slots=True)
class Picture:
    """A decoded frame. `encode` raises `Rejected` where there is no picture after all."""

    media_sec: float | None
    encode: Callable[[], Jpeg]
    look: Callable[[], Look] | None = None


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known of an opened stream. `rate` is what it says of itself in frames a second; a stream
    `between_keys` has frames that need others before them; `began_at` is the container's creation time."""

    codec: str
    width: int
    height: int
    rate: float | None
    between_keys: bool
    began_at: datetime | None = None


class Source(Protocol):
    """An opened camera."""

    def open(self) -> Facts:
        """Open the stream; once, before anything else.

        Raises:
            CaptureError: it cannot be opened.
        """

    def arrivals(self) -> Iterator[Arrival]:
        """Frames until the stream ends.

        Raises:
            CaptureError: the stream broke off or fell silent.
        """

    def decode(self, arrival: Arrival) -> list[Picture]:
        """The pictures that this frame completes, in order of presentation; none when it is damaged."""

    def restart(self) -> list[Picture]:
        """What the decoder still holds. The next frame that is decoded must be a key frame."""

    def close(self) -> None:
        """Give everything back; also when it was never opened."""


def pictures(source: Source) -> Iterator[Picture]:
    """Every frame of a source, decoded; it is opened and closed.

    Raises:
        CaptureError: see `Source`.
    """
    try:
        source.open()
        for arrival in source.arrivals():
            yield from source.decode(arrival)
        yield from source.restart()
    finally:
        source.close()


class CaptureError(PlatestreamError):
    """A camera gives no frames. `refused` is True when trying again soon is pointless
    (no such file, no such path, wrong password)."""

    def __init__(self, camera: str, reason: str, *, refused: bool = False) -> None:
        super().__init__(f"camera {camera}: {reason}")
        self.camera = camera
        self.reason = reason
        self.refused = refused
