"""The camera file as the stages know it: read again when it has changed, as ingest does."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Generic, TypeVar

from contracts.cameras import Camera, read_cameras
from contracts.errors import Stop
from contracts.messages.common import CameraId

log = logging.getLogger(__name__)

Answer = TypeVar("Answer")

_LOOK_EVERY_SEC = 2.0


class CameraBook:
    """Cameras of a file, none without one. A file that breaks later is told of, and the last good one stays.

    Raises:
        Stop: the file is wrong when the book is opened.
    """

    def __init__(self, path: Path | None, *, now_sec: Callable[[], float] = time.monotonic) -> None:
        self._path = path
        self._now_sec = now_sec
        self._looked_sec = now_sec()
        self._changed_ns = self._stamp()
        self.version = 0
        self._cameras = self._read()

    def cameras(self) -> tuple[Camera, ...]:
        """As the file is now, or was two seconds ago."""
        if self._path is None or self._now_sec() - self._looked_sec < _LOOK_EVERY_SEC:
            return self._cameras
        self._looked_sec = self._now_sec()
        changed_ns = self._stamp()
        if changed_ns != self._changed_ns:
            self._changed_ns = changed_ns
            try:
                self._cameras, self.version = self._read(), self.version + 1
            except Stop as error:
                log.warning("%s: the cameras stay as they were", error)
        return self._cameras

    def _read(self) -> tuple[Camera, ...]:
        # Nobody here opens a camera, so its address may keep its `${NAME}`.
        return read_cameras(self._path, environment=None) if self._path else ()

    def _stamp(self) -> int:
        try:
            return self._path.stat().st_mtime_ns if self._path else 0
        except OSError:
            return 0


class Answers(Mapping[CameraId, Answer], Generic[Answer]):
    """One thing about each camera of the book; those of which `ask` knows nothing (None) are left out."""

    def __init__(self, book: CameraBook, ask: Callable[[Camera], Answer | None]) -> None:
        self._book = book
        self._ask = ask
        self._version = -1
        self._known: dict[CameraId, Answer] = {}

    def __getitem__(self, camera: CameraId) -> Answer:
        return self._now()[camera]

    def __iter__(self) -> Iterator[CameraId]:
        return iter(self._now())

    def __len__(self) -> int:
        return len(self._now())

    def _now(self) -> dict[CameraId, Answer]:
        cameras = self._book.cameras()
        if self._version != self._book.version:
            self._version = self._book.version
            asked = ((camera.id, self._ask(camera)) for camera in cameras)
            self._known = {name: answer for name, answer in asked if answer is not None}
        return self._known
