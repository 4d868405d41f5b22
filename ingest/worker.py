"""One opening of one camera, from its first frame to its last: stamp, sample, encode, send."""

from __future__ import annotations

import logging
import secrets
import threading
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Protocol

from contracts.cameras import Camera
from contracts.errors import Rejected
from contracts.messages.common import Clock
from contracts.messages.frame import FrameHeader, microseconds
from ingest.backlog import CHECK_EVERY_FRAMES
from ingest.capture import Captured, Source
from ingest.counters import CameraCounters
from ingest.sampling import Sampler
from ingest.timestamps import Timeline

log = logging.getLogger(__name__)


class FrameSink(Protocol):
    """Where frames go: `Publisher` in production."""

    def send_frame(self, header: FrameHeader, data: bytes, *, delivered: _Delivered, wait: bool) -> None: ...


class Brake(Protocol):
    """What a file at full speed waits for: `Backlog` in production."""

    def wait(self, camera: str, stopping: threading.Event) -> None: ...


class _Delivered(Protocol):
    def __call__(self, delivered: bool, /) -> None: ...


@dataclass(frozen=True)
class Worker:
    """Reads `camera` once. `stopping` ends it at the next frame."""

    camera: Camera
    sink: FrameSink
    brake: Brake
    counters: CameraCounters
    stopping: threading.Event

    def run(self, source: Source) -> int:
        """Read the source to its end; returns the number of frames sent.

        However the source ends, an end marker follows, so that open passages may close.

        Raises:
            CaptureError: see `Source.frames`.
        """
        return _Opening(self).read(source)


class _Opening:
    """The state of one opening: its epoch, its clock, its sampler, its sequence number."""

    def __init__(self, worker: Worker) -> None:
        self._worker = worker
        self._camera = worker.camera
        self._opened_at = datetime.now(UTC)
        self._opened_monotonic_sec = time.monotonic()
        self._epoch = f"{self._opened_at:%Y%m%dT%H%M%S.%fZ}-{secrets.token_hex(2)}"
        self._timeline = Timeline(self._opened_at, live=self._camera.is_live)
        self._sampler = Sampler(self._camera.frames_per_second)
        self._last: tuple[datetime, Clock] = (self._opened_at, "host")
        self._sequence = 0

    def read(self, source: Source) -> int:
        try:
            for captured in source.frames():
                if self._worker.stopping.is_set():
                    break
                self._take(captured)
        finally:
            if self._sequence:
                self._send_end()
        return self._sequence

    def _take(self, captured: Captured) -> None:
        self._keep_pace(captured)
        counters = self._worker.counters
        time_and_clock = self._timeline.capture_time(
            captured.media_sec, captured.stamped_at, now=datetime.now(UTC)
        )
        captured_at = time_and_clock[0]
        counters.count("captured", captured_at)
        counters.enter("live")
        if not self._sampler.wants(captured_at):
            counters.count("gated", captured_at)
            return
        self._last = time_and_clock
        try:
            jpeg = captured.encode()
        except Rejected as error:
            log.warning("camera %s: %s", self._camera.id, error)
            counters.count("shed", captured_at)
            return
        self._send(jpeg.data, jpeg.width, jpeg.height)

    def _keep_pace(self, captured: Captured) -> None:
        """A file's frames wait for their moment, unless it is read at full speed."""
        if not self._camera.is_live and self._camera.pace == "real":
            due_sec = self._opened_monotonic_sec + (captured.media_sec or 0.0)
            self._worker.stopping.wait(max(0.0, due_sec - time.monotonic()))

    def _send(self, data: bytes, width: int, height: int) -> None:
        captured_at, _ = self._last
        counters = self._worker.counters
        header = self._header(width=width, height=height, end=False)
        self._sequence += 1
        self._worker.sink.send_frame(
            header,
            data,
            delivered=lambda arrived: counters.count("sent" if arrived else "shed", captured_at),
            wait=not self._camera.is_live,
        )
        if self._camera.pace == "max" and self._sequence % CHECK_EVERY_FRAMES == 0:
            self._worker.brake.wait(self._camera.id, self._worker.stopping)

    def _send_end(self) -> None:
        header = self._header(width=0, height=0, end=True)
        self._worker.sink.send_frame(header, b"", delivered=lambda _arrived: None, wait=True)

    def _header(self, *, width: int, height: int, end: bool) -> FrameHeader:
        captured_at, clock = self._last
        return FrameHeader(
            camera=self._camera.id,
            epoch=self._epoch,
            sequence=self._sequence,
            captured_at_us=microseconds(captured_at),
            clock=clock,
            width=width,
            height=height,
            origin="live" if self._camera.is_live else "file",
            end=end,
        )
