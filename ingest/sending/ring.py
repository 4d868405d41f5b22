"""A ring of frames on disk, for when Kafka is away longer than memory lasts. It ends with the process."""

from __future__ import annotations

import errno
import fcntl
import logging
import os
from collections import deque
from dataclasses import dataclass
from pathlib import Path

from contracts.errors import Stop
from contracts.messages.frame import FrameHeader
from ingest.ports import Delivered

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Kept:
    header: FrameHeader
    data: bytes
    delivered: Delivered


@dataclass(frozen=True, slots=True)
class _Place:
    offset: int
    length: int
    header: FrameHeader
    delivered: Delivered


class DiskRing:
    """First in, first out, within `capacity_bytes` of one file. Not thread-safe: the outbox locks."""

    def __init__(self, path: Path, capacity_bytes: int) -> None:
        """
        Raises:
            Stop: the file cannot be made, or another process has it.
        """
        self._path = path
        self._capacity = capacity_bytes
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._file = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
            # Two that write into one file would send each other's bytes as their frames.
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            os.close(self._file)
            raise Stop(f"frame ring {path}: another process has it; each needs a file of its own") from error
        except OSError as error:
            raise Stop(f"frame ring {path}: {error.strerror}") from error
        self._places: deque[_Place] = deque()
        self._end = 0
        self._full = False

    def is_empty(self) -> bool:
        return not self._places

    def push(self, kept: Kept) -> list[Delivered]:
        """Keep a frame; returns who must be told that theirs was given up for it."""
        length = len(kept.data)
        if length > self._capacity:
            return [kept.delivered]
        given_up = []
        if self._end + length > self._capacity:
            # Back to the beginning; what the last round left behind the end is the oldest of all.
            while self._places and self._places[0].offset >= self._end:
                given_up.append(self._places.popleft().delivered)
            self._end = 0
        while self._places and _overlap(self._places[0], self._end, length):
            given_up.append(self._places.popleft().delivered)
        try:
            _write(self._file, kept.data, self._end)
        except OSError as error:
            if not self._full:
                log.warning(
                    "frame ring %s: %s; what memory cannot hold is given up", self._path, error.strerror
                )
            self._full = True
            return [*given_up, kept.delivered]
        self._full = False
        self._places.append(_Place(self._end, length, kept.header, kept.delivered))
        self._end += length
        return given_up

    def pop(self) -> Kept | None:
        """The oldest frame."""
        while self._places:
            place = self._places.popleft()
            try:
                data = os.pread(self._file, place.length, place.offset)
            except OSError as error:
                log.warning("frame ring %s: %s", self._path, error.strerror)
                data = b""
            if len(data) == place.length:
                return Kept(place.header, data, place.delivered)
            place.delivered(False)
        return None

    def clear(self) -> list[Delivered]:
        """Forget everything; returns who must be told."""
        found = [place.delivered for place in self._places]
        self._places.clear()
        return found

    def close(self) -> None:
        """Give the disk space back. The name goes while the lock holds, so that it is never another's."""
        self._path.unlink(missing_ok=True)
        os.close(self._file)


def _write(file: int, data: bytes, offset: int) -> None:
    if os.pwrite(file, data, offset) < len(data):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def _overlap(place: _Place, offset: int, length: int) -> bool:
    return place.offset < offset + length and offset < place.offset + place.length
