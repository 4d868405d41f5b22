"""One opening of a camera: its frames, one after the other, as things that can still be left out.

A source yields `Captured` frames; turning one into a JPEG is a call, so that a frame which sampling
leaves out costs no encoding. A source never tries again: it raises, and the supervisor decides.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from contracts.errors import PlatestreamError


@dataclass(frozen=True, slots=True)
class Jpeg:
    data: bytes
    width: int
    height: int


@dataclass(frozen=True, slots=True)
class Captured:
    """One frame. `media_sec` is its time within this opening of the stream, from 0, None when the
    stream does not say; `stamped_at` is the camera's own UTC time where it sends one."""

    media_sec: float | None
    stamped_at: datetime | None
    encode: Callable[[], Jpeg]


class Source(Protocol):
    """An opened camera."""

    def frames(self) -> Iterator[Captured]:
        """Frames until the stream ends.

        Raises:
            CaptureError: the stream cannot be opened, broke off or fell silent.
        """


class CaptureError(PlatestreamError):
    """A camera gives no frames. `refused` is True when trying again soon is pointless
    (no such file, no such path, wrong password)."""

    def __init__(self, camera: str, reason: str, *, refused: bool = False) -> None:
        super().__init__(f"camera {camera}: {reason}")
        self.camera = camera
        self.reason = reason
        self.refused = refused
