"""Cameras read by the real supervisor, with a sink in this process: for trying the faults of cameras."""

from __future__ import annotations

import threading
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime

from prometheus_client import CollectorRegistry

from contracts.cameras import Camera
from contracts.messages.coverage import Coverage
from contracts.messages.frame import FrameHeader
from ingest.camera.counters import IngestMetrics
from ingest.supervisor import Supervisor
from tests.ingest.fakes import NoBrake


@dataclass(frozen=True)
class Got:
    """A frame that was sent, and when, in seconds of the monotonic clock."""

    header: FrameHeader
    data: bytes
    at_sec: float


class Watched:
    """Takes every frame at once; keeps the last report of each camera, minute and instance."""

    queued_bytes = 0

    def __init__(self) -> None:
        self.frames: dict[str, list[Got]] = defaultdict(list)
        self.reports: dict[tuple[str, str, str], Coverage] = {}
        self.cameras: dict[str, Camera] = {}
        self.supervisor: Supervisor | None = None
        self._lock = threading.Lock()

    def send_frame(
        self, header: FrameHeader, data: bytes, *, delivered: Callable[[bool], None], wait: bool
    ) -> None:
        with self._lock:
            self.frames[header.camera].append(Got(header, data, time.monotonic()))
        delivered(True)

    def send_coverage(self, coverage: Coverage) -> None:
        with self._lock:
            self.reports[coverage.camera, coverage.minute.isoformat(), coverage.instance] = coverage

    def sent(self, camera: str) -> list[Got]:
        """Frames without the end markers."""
        with self._lock:
            return [got for got in self.frames[camera] if not got.header.end]

    def last(self, camera: str) -> Coverage:
        """The newest report, asked for now."""
        assert self.supervisor is not None
        self.supervisor.report()
        with self._lock:
            found = [report for report in self.reports.values() if report.camera == camera]
        nothing = Coverage(camera=camera, minute=datetime.now(UTC), stage="ingest", instance="none")
        return max(found, key=lambda report: report.minute, default=nothing)

    def total(self, camera: str) -> Coverage:
        """All minutes of a camera as one."""
        last = self.last(camera)
        with self._lock:
            reports = [report for report in self.reports.values() if report.camera == camera]
        counts = ("expected", "captured", "gated", "sent", "shed")
        gaps: dict[str, int] = defaultdict(int)
        for report in reports:
            for reason, frames in report.gaps.items():
                gaps[reason] += frames
        return Coverage(
            camera=camera, minute=last.minute, stage="ingest", instance="all", state=last.state,
            note=last.note, gaps=dict(gaps),  # type: ignore[arg-type]
            **{name: sum(getattr(report, name) for report in reports) for name in counts},
        )  # fmt: skip


@contextmanager
def watching(*cameras: Camera) -> Iterator[Watched]:
    """The cameras are read for as long as the block runs; `watched.cameras` may be changed meanwhile."""
    watched = Watched()
    watched.cameras = {camera.id: camera for camera in cameras}
    supervisor = watched.supervisor = Supervisor(
        lambda: watched.cameras,
        publisher=watched,
        brake=NoBrake(),
        metrics=IngestMetrics(CollectorRegistry()),
        instance="test",
    )
    thread = threading.Thread(target=supervisor.run, kwargs={"until_all_ended": False})
    thread.start()
    try:
        yield watched
    finally:
        supervisor.stop()
        thread.join()
    supervisor.report()


def until(true: Callable[[], bool], *, within_sec: float) -> float:
    """Waits; returns after how many seconds it was true.

    Raises:
        AssertionError: it never was.
    """
    began_sec = time.monotonic()
    while not true():
        assert time.monotonic() - began_sec < within_sec, "not in time"
        time.sleep(0.02)
    return time.monotonic() - began_sec
