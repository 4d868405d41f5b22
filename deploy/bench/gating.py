"""`python -m deploy.bench.gating VIDEO…`: does the motion gate miss what full decoding finds?

Pieces of a video follow one another with quiet before each: its first picture, still under a sensor's noise.
The film is read through the gate and without it, each twice in a row: at first the gate learns whether the
packets tell of movement, and only the second time counts. A piece is missed when the gate lets fewer than
`LEAST_FRAMES` of it through where full decoding gives as many.
"""

from __future__ import annotations

import sys
import tempfile
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from prometheus_client import CollectorRegistry

from contracts.cameras import Camera, MotionGate
from contracts.messages.frame import FrameHeader
from deploy.bench.figures import Figure, at_most
from deploy.bench.films import PASSAGE_SEC, pieces_film
from ingest.camera.capture import Arrival, Picture
from ingest.camera.counters import CameraCounters, IngestMetrics
from ingest.camera.worker import Worker
from ingest.sources.video import VideoSource

PIECES, QUIET_SEC = 5, 9.0
LEAST_FRAMES = 2
"""A passage is told from two frames on."""
_BEGAN = datetime(2026, 1, 1, tzinfo=UTC)


class NoBrake:
    """Nobody reads the bench's frames, so nobody can be behind."""

    def wait(self, _camera: str, _stopping: threading.Event, /) -> None:
        return


@dataclass(frozen=True)
class Gated:
    """`pieces` that full decoding gave `LEAST_FRAMES` of, how many of them the gate `missed`; frames `sent`
    of the pieces by both ways, and frames `decoded` of `frames` by the gate."""

    pieces: int
    missed: int
    sent: int
    sent_by_full: int
    decoded: int
    frames: int


class _Sent:
    """Seconds of film at which frames were sent."""

    def __init__(self) -> None:
        self.at_sec: list[float] = []

    def send_frame(
        self, header: FrameHeader, _data: bytes, /, *, delivered: Callable[[bool], None], wait: bool
    ) -> None:
        del wait
        if not header.end:
            self.at_sec.append((header.captured_at - _BEGAN).total_seconds())
        delivered(True)


class _Counting(VideoSource):
    decoded = 0

    def decode(self, arrival: Arrival) -> list[Picture]:
        self.decoded += 1
        return super().decode(arrival)


def measure(videos: Sequence[Path]) -> list[Figure]:
    """Over all videos."""
    found = [through_the_gate(video) for video in videos]
    pieces, missed = sum(each.pieces for each in found), sum(each.missed for each in found)
    sent, by_full = sum(each.sent for each in found), sum(each.sent_by_full for each in found)
    decoded, frames = sum(each.decoded for each in found), sum(each.frames for each in found)
    goal, holds = at_most(0, missed)
    return [
        Figure(area="ingest", name="pieces of street after quiet that the gate misses", value=missed,
               unit="", reference=pieces, goal=goal, holds=holds),
        Figure(area="ingest", name="… frames of them, against full decoding", value=sent / max(1, by_full),
               unit="x", reference=by_full),
        Figure(area="ingest", name="… frames decoded, pieces and quiet", value=decoded, unit="",
               reference=frames),
    ]  # fmt: skip


def through_the_gate(video: Path) -> Gated:
    """Pieces of one video, read both ways."""
    with tempfile.TemporaryDirectory(prefix="platestream-gate-") as name:
        film = pieces_film(video, Path(name) / "pieces.mp4", pieces=PIECES, quiet_sec=QUIET_SEC)
        (gated, decoded), (full, frames) = _read(film, "auto"), _read(film, "off")
    spans = [
        (begin + QUIET_SEC, begin + QUIET_SEC + PASSAGE_SEC)
        for begin in (number * (QUIET_SEC + PASSAGE_SEC) for number in range(PIECES))
    ]
    counts = [(_within(gated, *span), _within(full, *span)) for span in spans]
    return Gated(
        pieces=sum(by_full >= LEAST_FRAMES for _, by_full in counts),
        missed=sum(by_gate < LEAST_FRAMES <= by_full for by_gate, by_full in counts),
        sent=sum(by_gate for by_gate, _ in counts),
        sent_by_full=sum(by_full for _, by_full in counts),
        decoded=decoded,
        frames=frames,
    )


def _read(film: Path, gate: MotionGate) -> tuple[list[float], int]:
    """Seconds at which frames were sent, and how many were decoded, the second time."""
    camera = Camera(id="gate", source=str(film), pace="max", motion_gate=gate, started_at=_BEGAN)
    sent = _Sent()
    counters = CameraCounters(camera, instance="bench", metrics=IngestMetrics(CollectorRegistry()))
    worker = Worker(camera, sent, NoBrake(), counters, threading.Event())
    worker.run(VideoSource(camera))
    sent.at_sec.clear()
    source = _Counting(camera)
    worker.run(source)
    return sent.at_sec, source.decoded


def _within(times_sec: Sequence[float], begin_sec: float, end_sec: float) -> int:
    return sum(begin_sec <= at_sec < end_sec for at_sec in times_sec)


if __name__ == "__main__":
    for path in sys.argv[1:]:
        print(path, through_the_gate(Path(path)))
