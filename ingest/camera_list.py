"""The camera file while it changes: a new one is taken up; a broken one leaves the last good one in force."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Mapping
from pathlib import Path

from contracts.cameras import Camera, read_cameras
from contracts.errors import Stop

LOOK_EVERY_SEC = 2.0

log = logging.getLogger(__name__)

Mark = tuple[int, int, int]


class CameraList:
    """The cameras of a file. `changed` is told `True` for a new file taken, `False` for one refused."""

    def __init__(
        self, path: Path, *, environment: Mapping[str, str], changed: Callable[[bool], None]
    ) -> None:
        """
        Raises:
            Stop: the file is wrong at the start; there is nothing older to go on with.
        """
        self._path = path
        self._environment = environment
        self._changed = changed
        self._mark = _mark(path)
        self._next_sec = time.monotonic() + LOOK_EVERY_SEC
        self.cameras = _by_id(read_cameras(path, environment=environment))

    def current(self) -> Mapping[str, Camera]:
        """The cameras by id, of the file as it is now or was when it was last right."""
        if time.monotonic() >= self._next_sec:
            self._next_sec = time.monotonic() + LOOK_EVERY_SEC
            mark = _mark(self._path)
            if mark != self._mark:
                self._mark = mark
                self._read()
        return self.cameras

    def _read(self) -> None:
        try:
            found = _by_id(read_cameras(self._path, environment=self._environment))
        except Stop as error:
            log.error("%s; the cameras stay as they were", error)  # noqa: TRY400 - its line, not a trace
            self._changed(False)
            return
        log.info("%s: %d cameras", self._path, len(found))
        self.cameras = found
        self._changed(True)


def _by_id(cameras: tuple[Camera, ...]) -> dict[str, Camera]:
    return {camera.id: camera for camera in cameras}


def _mark(path: Path) -> Mark | None:
    """What changes when the file does, also when an editor puts a new one in its place."""
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_mtime_ns, found.st_size, found.st_ino
