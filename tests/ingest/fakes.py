"""Hand-written stand-ins for the edges of a worker."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator

from contracts.messages.frame import FrameHeader
from ingest.capture import Captured, Jpeg


class Outbox:
    """A frame sink that keeps what it is given; `broken` makes every delivery fail."""

    def __init__(self, *, broken: bool = False) -> None:
        self.frames: list[tuple[FrameHeader, bytes]] = []
        self.waits: list[bool] = []
        self._broken = broken

    def send_frame(
        self, header: FrameHeader, data: bytes, *, delivered: Callable[[bool], None], wait: bool
    ) -> None:
        self.frames.append((header, data))
        self.waits.append(wait)
        delivered(not self._broken)


class NoBrake:
    def __init__(self) -> None:
        self.asked = 0

    def wait(self, camera: str, stopping: threading.Event) -> None:
        self.asked += 1


class Reel:
    """A source of frames at given media times; raises `ends_with` after the last."""

    def __init__(self, media_secs: list[float | None], *, ends_with: Exception | None = None) -> None:
        self._media_secs = media_secs
        self._ends_with = ends_with

    def frames(self) -> Iterator[Captured]:
        for media_sec in self._media_secs:
            yield Captured(media_sec, None, lambda: Jpeg(b"jpeg", 4, 3))
        if self._ends_with is not None:
            raise self._ends_with
