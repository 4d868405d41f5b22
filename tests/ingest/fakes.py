"""Hand-written stand-ins for the edges of a worker."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence

import numpy as np

from contracts.messages.frame import FrameHeader
from ingest.camera.capture import Arrival, CaptureError, Facts, Jpeg, Look, Picture


class Outgoing:
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
    """A source of frames at given media times; raises `ends_with` after the last. `damaged` are numbers of
    frames that cannot be decoded; `between_keys` makes every 25th a key frame, and pictures that differ
    where `moves` says so by frame number."""

    def __init__(
        self, media_secs: Sequence[float | None], *, ends_with: Exception | None = None,
        damaged: frozenset[int] = frozenset(), between_keys: bool = False,
        moves: Callable[[int], bool] = lambda _number: True,
    ) -> None:  # fmt: skip
        self._media_secs = media_secs
        self._ends_with = ends_with
        self._damaged = damaged
        self._between_keys = between_keys
        self._moves = moves
        self.decoded: list[int] = []
        self.thing_from = len(media_secs)

    def open(self) -> Facts:
        return Facts("reel", 4, 3, None, self._between_keys)

    def arrivals(self) -> Iterator[Arrival]:
        for number, media_sec in enumerate(self._media_secs):
            key = not self._between_keys or number % 25 == 0
            size = 20_000 if key else 4_000 if self._moves(number) else 1_000
            yield Arrival(media_sec, None, key, size, number)
        if self._ends_with is not None:
            raise self._ends_with

    def decode(self, arrival: Arrival) -> list[Picture]:
        number = arrival.handle
        assert isinstance(number, int)
        self.decoded.append(number)
        if number in self._damaged:
            return []
        return [Picture(arrival.media_sec, lambda: Jpeg(b"jpeg", 4, 3), lambda: self._look(number))]

    def restart(self) -> list[Picture]:
        return []

    def close(self) -> None:
        return None

    def _look(self, number: int) -> Look:
        grey = np.full((90, 160), 60, np.uint8)
        grey[::2] = 120
        if self._moves(number):
            left = number * 3 % 140
            grey[40:60, left : left + 20] = 255
        if number >= self.thing_from:
            grey[10:30, 20:50] = 250
        return Look(grey, 100.0)


class Shut(Reel):
    """A source that cannot be opened."""

    def __init__(self, error: CaptureError) -> None:
        super().__init__([])
        self._error = error

    def open(self) -> Facts:
        raise self._error
