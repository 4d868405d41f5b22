"""Frames that wait for Kafka: a queue within a budget that gives up its oldest frames, not its newest.

Live frames go first. Files, which do not run away, wait for room and for live frames.
"""

from __future__ import annotations

import threading
from collections import deque
from dataclasses import dataclass

from contracts.messages.frame import FrameHeader
from ingest.ports import Delivered
from ingest.sending.ring import DiskRing, Kept

FILES_BYTES = 16 * 1024 * 1024
_LOOK_AGAIN_SEC = 0.2


@dataclass(frozen=True, slots=True)
class Parcel:
    """A frame on its way; `delivered` is called once with its fate."""

    header: FrameHeader
    data: bytes
    delivered: Delivered


class Outbox:
    """Thread-safe. Memory first, then the disk ring where there is one, then the oldest are given up."""

    def __init__(self, budget_bytes: int, ring: DiskRing | None = None) -> None:
        self._budget_bytes = budget_bytes
        self._ring = ring
        self._live: deque[Parcel] = deque()
        self._files: deque[Parcel] = deque()
        self._live_bytes = self._files_bytes = 0
        self._closed = False
        self._changed = threading.Condition()

    @property
    def queued_bytes(self) -> int:
        """In memory."""
        return self._live_bytes + self._files_bytes

    def put(self, parcel: Parcel, *, wait: bool) -> None:
        """Take a frame. With `wait` a full queue is waited for, without its oldest frames are given up."""
        given_up: list[Delivered] = []
        with self._changed:
            if wait:
                while not self._closed and self._files_bytes > FILES_BYTES:
                    self._changed.wait(_LOOK_AGAIN_SEC)
            if self._closed:
                given_up.append(parcel.delivered)
            elif wait:
                self._files.append(parcel)
                self._files_bytes += len(parcel.data)
            else:
                self._live.append(parcel)
                self._live_bytes += len(parcel.data)
                given_up = self._make_room()
            self._changed.notify_all()
        for delivered in given_up:
            delivered(False)

    def take(self, timeout_sec: float) -> Parcel | None:
        """The next frame to send, oldest live ones first; None when there is none in time."""
        with self._changed:
            if not self._live and not self._files and not self._on_disk():
                self._changed.wait(timeout_sec)
            kept = self._ring.pop() if self._ring is not None else None
            if kept is not None:
                return Parcel(kept.header, kept.data, kept.delivered)
            if self._live:
                parcel = self._live.popleft()
                self._live_bytes -= len(parcel.data)
            elif self._files:
                parcel = self._files.popleft()
                self._files_bytes -= len(parcel.data)
            else:
                return None
            self._changed.notify_all()
            return parcel

    def is_empty(self) -> bool:
        return not self._live and not self._files and not self._on_disk()

    def close(self) -> int:
        """Take nothing more; what is left is given up. Returns how many frames that were."""
        with self._changed:
            self._closed = True
            left = [parcel.delivered for parcel in (*self._live, *self._files)]
            if self._ring is not None:
                left += self._ring.clear()
            self._live.clear()
            self._files.clear()
            self._live_bytes = self._files_bytes = 0
            self._changed.notify_all()
        for delivered in left:
            delivered(False)
        return len(left)

    def _on_disk(self) -> bool:
        return self._ring is not None and not self._ring.is_empty()

    def _make_room(self) -> list[Delivered]:
        given_up: list[Delivered] = []
        while self._live_bytes > self._budget_bytes:
            oldest = self._live.popleft()
            self._live_bytes -= len(oldest.data)
            if self._ring is None:
                given_up.append(oldest.delivered)
            else:
                given_up += self._ring.push(Kept(oldest.header, oldest.data, oldest.delivered))
        return given_up
