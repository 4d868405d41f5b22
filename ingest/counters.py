"""What became of every frame of a camera, by minute: the ingest side of the topic `coverage`."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Literal

from prometheus_client import CollectorRegistry, Counter

from contracts.messages.coverage import CameraState, Coverage
from contracts.metric_names import Metric

Fate = Literal["captured", "gated", "sent", "shed"]

# A delivery report may come late; after this its minute is told for the last time.
_MINUTE_IS_KEPT = timedelta(minutes=6)


@dataclass
class _Minute:
    counts: dict[Fate, int] = field(
        default_factory=lambda: dict.fromkeys(("captured", "gated", "sent", "shed"), 0)
    )
    changed: bool = True


class CameraCounters:
    """Counts of one camera. Called from the camera's thread and from delivery reports: locked."""

    def __init__(self, camera: str, *, instance: str, metrics: IngestMetrics) -> None:
        self._camera = camera
        self._instance = instance
        self._metrics = metrics
        self._minutes: dict[datetime, _Minute] = {}
        self._state: CameraState = "connecting"
        self._note: str | None = None
        self._lock = threading.Lock()

    def count(self, fate: Fate, captured_at: datetime) -> None:
        """One frame's fate, in the minute in which it was captured."""
        with self._lock:
            minute = self._minutes.setdefault(captured_at.replace(second=0, microsecond=0), _Minute())
            minute.counts[fate] += 1
            minute.changed = True
        self._metrics.frames[fate].labels(self._camera).inc()

    def enter(self, state: CameraState, note: str | None = None) -> None:
        """The camera is now in `state`; `note` is a sentence for people, free of credentials."""
        with self._lock:
            self._state, self._note = state, note

    def reports(self, now: datetime) -> list[Coverage]:
        """What changed since the last call. The running minute is always told, so that a camera that
        gives nothing is seen to give nothing."""
        this_minute = now.replace(second=0, microsecond=0)
        with self._lock:
            self._minutes.setdefault(this_minute, _Minute()).changed = True
            due = [(start, minute) for start, minute in sorted(self._minutes.items()) if minute.changed]
            found = [self._report(start, minute) for start, minute in due]
            for _, minute in due:
                minute.changed = False
            self._minutes = {
                start: minute for start, minute in self._minutes.items() if now - start < _MINUTE_IS_KEPT
            }
        return found

    def _report(self, start: datetime, minute: _Minute) -> Coverage:
        return Coverage(
            camera=self._camera, minute=start, stage="ingest", instance=self._instance,
            state=self._state, note=self._note, **minute.counts,
        )  # fmt: skip


class IngestMetrics:
    """Prometheus counters of the process; a registry of its own, so that tests can have many."""

    def __init__(self, registry: CollectorRegistry) -> None:
        def counter(name: Metric, text: str) -> Counter:
            return Counter(name.removesuffix("_total"), text, ["camera"], registry=registry)

        self.frames: dict[Fate, Counter] = {
            "captured": counter(Metric.FRAMES_CAPTURED, "Frames that a camera gave"),
            "gated": counter(Metric.FRAMES_GATED, "Frames left out by sampling"),
            "sent": counter(Metric.FRAMES_SENT, "Frames delivered to the topic"),
            "shed": counter(Metric.FRAMES_SHED, "Frames given up"),
        }
        self.reconnects = counter(Metric.RECONNECTS, "Times a camera's stream was opened anew")
