"""The life of one camera: a thread that opens it again whenever it breaks off, and its state.

connecting → live → stalled → connecting …      refused: wrong password or address, tried seldom
                                                off: not enabled, ended, stopped, or a file that broke off
"""

from __future__ import annotations

import contextlib
import logging
import os
import threading
import time
from collections.abc import Callable
from pathlib import Path

from contracts.cameras import Camera
from ingest.camera.capture import CaptureError, Source
from ingest.camera.counters import CameraCounters, IngestMetrics
from ingest.camera.pauses import Pauses
from ingest.camera.worker import Worker
from ingest.ports import Brake, FrameSink
from ingest.seeing.health import SceneHealth
from ingest.sources.folder import FolderSource
from ingest.sources.video import VideoSource

_BACKFILL_NICENESS = 10
STUCK_AFTER_SEC = 20.0
"""So long beyond its own time-outs a camera's thread may be without a sign."""

log = logging.getLogger(__name__)


def open_source(camera: Camera) -> Source:
    """The kind of source that the camera's `source` names."""
    return FolderSource(camera) if Path(camera.source).is_dir() else VideoSource(camera)


class Life:
    """One camera of this process, from `start` to `end`."""

    def __init__(
        self, camera: Camera, *, sink: FrameSink, brake: Brake, counters: CameraCounters,
        metrics: IngestMetrics, open_camera: Callable[[Camera], Source] = open_source,
    ) -> None:  # fmt: skip
        self.camera = camera
        self.counters = counters
        self._metrics = metrics
        self._open = open_camera
        self._stopping = threading.Event()
        self._worker = Worker(camera, sink, brake, counters, self._stopping, SceneHealth())
        self._thread = threading.Thread(target=self._live, name=f"camera-{camera.id}", daemon=True)

    @property
    def is_alive(self) -> bool:
        return self._thread.is_alive()

    @property
    def has_ended(self) -> bool:
        """True for a file that is not read any more. A stream has never ended for good."""
        return not self.camera.is_live and not self.is_alive

    def start(self) -> None:
        self._thread.start()

    def end(self) -> None:
        """End at the next frame; does not wait."""
        self._stopping.set()

    def join(self, timeout_sec: float) -> bool:
        """True when the camera has ended within the time."""
        self._thread.join(max(0.0, timeout_sec))
        return not self._thread.is_alive()

    def is_stuck(self, now_sec: float) -> bool:
        """True when the thread has not come back from a call for longer than any time-out allows."""
        limit_sec = 3 * self.camera.silence_sec + STUCK_AFTER_SEC
        return self.is_alive and self.camera.is_live and now_sec - self._worker.signs.at_sec > limit_sec

    def _live(self) -> None:
        if self.camera.pace == "max" and not self.camera.is_live:
            # Linux has a niceness for every thread; elsewhere the process's own would change.
            with contextlib.suppress(OSError, AttributeError):
                os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), _BACKFILL_NICENESS)
        if not self.camera.enabled:
            self.counters.enter("off", "not enabled")
            return
        pauses = Pauses()
        while not self._stopping.is_set():
            started_sec = time.monotonic()
            self.counters.enter("connecting")
            ended = self._read_once()
            if self._stopping.is_set():
                break
            if ended is None:
                self.counters.enter("off", "ended")
                log.info("camera %s: %s has ended", self.camera.id, self.camera.shown_source())
                return
            if self._is_spent():
                self.counters.enter("off", ended.reason)
                log.error("%s; what it gave stands, it is not begun again", ended)
                return
            self._wait(ended, pauses.after(ran_sec=time.monotonic() - started_sec, refused=ended.refused))
        self.counters.enter("off", "stopped")

    def _is_spent(self) -> bool:
        """True after a run that gave frames of a file. Begun again, it would give all of them once more, and
        break off where it did: a stream's next frames are others, a file's are the same."""
        return not self.camera.is_live and not self.camera.repeat and self._worker.signs.frames > 0

    def _wait(self, ended: CaptureError, pause_sec: float) -> None:
        self._metrics.reconnects.labels(self.camera.id).inc()
        self.counters.enter("refused" if ended.refused else "stalled", ended.reason)
        log.warning("%s; next try in %.1f s", ended, pause_sec)
        until_sec = time.monotonic() + pause_sec
        while not self._stopping.is_set() and time.monotonic() < until_sec:
            self._worker.sign()
            self._stopping.wait(min(1.0, until_sec - time.monotonic()))

    def _read_once(self) -> CaptureError | None:
        """One run; None when the source is read to its end and is not to be read again."""
        while not self._stopping.is_set():
            self._worker.sign()
            try:
                frames = self._worker.run(self._open(self.camera))
            except CaptureError as error:
                return error
            except Exception as error:  # a library's surprise ends one run of one camera
                log.warning("camera %s: unexpected", self.camera.id, exc_info=True)
                return CaptureError(self.camera.id, f"unexpected {type(error).__name__}")
            if self.camera.is_live:
                return CaptureError(self.camera.id, "the camera ended its stream")
            if not self.camera.repeat:
                return None
            log.info("camera %s: %d frames, from the beginning again", self.camera.id, frames)
        return None
