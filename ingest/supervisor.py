"""A thread a camera that opens it again whenever it breaks off, with growing pauses; one that reports."""

from __future__ import annotations

import logging
import random
import threading
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path

from contracts.cameras import Camera
from ingest.capture import CaptureError, Source
from ingest.counters import CameraCounters, IngestMetrics
from ingest.folder import FolderSource
from ingest.publisher import Publisher
from ingest.video import VideoSource
from ingest.worker import Brake, Worker

FIRST_PAUSE_SEC = 1.0
LONGEST_PAUSE_SEC = 30.0
REFUSED_PAUSE_SEC = 30.0
GOOD_RUN_SEC = 30.0
REPORT_EVERY_SEC = 5.0

log = logging.getLogger(__name__)


def open_source(camera: Camera) -> Source:
    """The kind of source that the camera's `source` names."""
    return FolderSource(camera) if Path(camera.source).is_dir() else VideoSource(camera)


class Pauses:
    """How long to wait before the next try: doubling with jitter, reset after a good run."""

    def __init__(self, *, jitter: Callable[[float, float], float] = random.uniform) -> None:
        self._next_sec = FIRST_PAUSE_SEC
        self._jitter = jitter

    def after(self, *, ran_sec: float, refused: bool) -> float:
        """Pause in seconds after a run of `ran_sec`."""
        if ran_sec >= GOOD_RUN_SEC:
            self._next_sec = FIRST_PAUSE_SEC
        if refused:
            return REFUSED_PAUSE_SEC * self._jitter(0.8, 1.2)
        pause_sec = self._next_sec
        self._next_sec = min(LONGEST_PAUSE_SEC, 2 * self._next_sec)
        return pause_sec * self._jitter(0.8, 1.2)


class Supervisor:
    """All cameras of one process."""

    def __init__(
        self, cameras: Sequence[Camera], *, publisher: Publisher, brake: Brake, metrics: IngestMetrics,
        instance: str, open_camera: Callable[[Camera], Source] = open_source,
    ) -> None:  # fmt: skip
        self._publisher = publisher
        self._brake = brake
        self._metrics = metrics
        self._open = open_camera
        self._stopping = threading.Event()
        self._counters = {
            camera.id: CameraCounters(camera.id, instance=instance, metrics=metrics) for camera in cameras
        }
        self._threads = [
            threading.Thread(target=self._keep_reading, args=(camera,), name=f"camera-{camera.id}")
            for camera in cameras
        ]

    def run(self) -> None:
        """Read until `stop`, or until every source has ended for good (files that are not repeated)."""
        for thread in self._threads:
            thread.start()
        while not self._stopping.wait(REPORT_EVERY_SEC):
            self._report()
            if not any(thread.is_alive() for thread in self._threads):
                break
        for thread in self._threads:
            thread.join()
        self._report()

    def stop(self) -> None:
        """End all cameras at their next frame."""
        self._stopping.set()

    def _report(self) -> None:
        now = datetime.now(UTC)
        for counters in self._counters.values():
            for coverage in counters.reports(now):
                self._publisher.send_coverage(coverage)

    def _keep_reading(self, camera: Camera) -> None:
        counters = self._counters[camera.id]
        worker = Worker(camera, self._publisher, self._brake, counters, self._stopping)
        pauses = Pauses()
        while not self._stopping.is_set():
            started_sec = time.monotonic()
            counters.enter("connecting")
            ended = self._read_once(camera, worker)
            if ended is None:
                counters.enter("off", "ended")
                log.info("camera %s: %s has ended", camera.id, camera.shown_source())
                return
            if self._stopping.is_set():
                break
            self._metrics.reconnects.labels(camera.id).inc()
            counters.enter("refused" if ended.refused else "stalled", ended.reason)
            pause_sec = pauses.after(ran_sec=time.monotonic() - started_sec, refused=ended.refused)
            log.warning("%s; next try in %.0f s", ended, pause_sec)
            self._stopping.wait(pause_sec)
        counters.enter("off", "stopped")

    def _read_once(self, camera: Camera, worker: Worker) -> CaptureError | None:
        """One run; None when the source is read to its end and is not to be read again."""
        while not self._stopping.is_set():
            try:
                frames = worker.run(self._open(camera))
            except CaptureError as error:
                return error
            if camera.is_live:
                return CaptureError(camera.id, "the camera ended its stream")
            if not camera.repeat:
                return None
            log.info("camera %s: %d frames, from the beginning again", camera.id, frames)
        return CaptureError(camera.id, "stopped")
