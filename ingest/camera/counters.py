"""What became of every frame of a camera, by minute: the ingest side of the topic `coverage`."""

from __future__ import annotations

import threading
from collections import Counter as Tally
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from prometheus_client import CollectorRegistry, Counter, Gauge

from contracts.cameras import Camera
from contracts.messages.coverage import CameraState, Coverage, GapReason, Scene, ShedReason
from contracts.metric_names import Metric
from ingest.camera.ledger import Ledger, Missing
from ingest.camera.timestamps import Moment

STATES: tuple[CameraState, ...] = ("connecting", "live", "stalled", "refused", "off")
_AWAY: dict[CameraState, GapReason] = {
    "connecting": "connecting", "stalled": "stalled", "refused": "refused", "off": "off",
}  # fmt: skip

# For what a decoder or the gate still holds of it.
_MINUTE_IS_KEPT = timedelta(minutes=6)


@dataclass
class _Minute:
    """`on_its_way`: frames that were handed over and whose fate is not known. `told_at`: its last report."""

    captured: int = 0
    on_its_way: int = 0
    gated: int = 0
    sent: int = 0
    gaps: Tally[GapReason] = field(default_factory=Tally)
    shed: Tally[ShedReason] = field(default_factory=Tally)
    changed: bool = True
    told_at: datetime | None = None


class CameraCounters:
    """Counts of one camera. Called from the camera's thread, from delivery reports, from the one that
    reports: locked. Files have no expected rate; what they hold is what is expected."""

    def __init__(
        self, camera: Camera, *, instance: str, metrics: IngestMetrics, since: datetime | None = None
    ) -> None:
        self.camera = camera.id
        self._time_zone = camera.time_zone
        self._instance = instance
        self._metrics = metrics
        self._minutes: dict[datetime, _Minute] = {}
        self._state: CameraState = "connecting"
        self._note: str | None = None
        self._scene: Scene | None = None
        self._moment: Moment | None = None
        rate = camera.stream_frames_per_second
        self._ledger = (
            Ledger(since or datetime.now(UTC), rate=rate or camera.frames_per_second, fixed=rate is not None)
            if camera.is_live
            else None
        )
        self._lock = threading.Lock()
        self._is_forgotten = False
        self._show_state()

    @property
    def state(self) -> CameraState:
        return self._state

    def opened(self, rate: float | None) -> None:
        """The stream was opened and says that it has `rate` frames a second."""
        with self._lock:
            if self._ledger is not None and rate is not None:
                self._ledger.says(rate)

    def captured(self, moment: Moment) -> None:
        """A frame has come."""
        with self._lock:
            self._minute(moment.at).captured += 1
            self._moment = moment
            if self._ledger is not None:
                self._add(self._ledger.frame(moment.at))
        self._metrics.captured.labels(self.camera).inc()

    def stepped_back(self) -> None:
        """The clock of the frames was set back some time before the latest of them."""
        with self._lock:
            if self._ledger is not None and self._moment is not None:
                self._ledger.back_to(self._moment.at)

    def gated(self, captured_at: datetime) -> None:
        """Left out by sampling or by the motion gate."""
        with self._lock:
            self._minute(captured_at).gated += 1
        self._metrics.gated.labels(self.camera).inc()

    def handed_over(self, captured_at: datetime) -> None:
        """On its way to Kafka; `settled` follows once."""
        with self._lock:
            self._minute(captured_at).on_its_way += 1

    def settled(self, captured_at: datetime, *, delivered: bool) -> None:
        """Delivered to Kafka, or given up; that may be hours after it was handed over."""
        with self._lock:
            self._minute(captured_at).on_its_way -= 1
            if delivered:
                self._minute(captured_at).sent += 1
        if delivered:
            self._metrics.sent.labels(self.camera).inc()
        else:
            self.shed(captured_at, "undelivered")

    def shed(self, captured_at: datetime, reason: ShedReason, frames: int = 1) -> None:
        """Given up."""
        if frames:
            with self._lock:
                self._minute(captured_at).shed[reason] += frames
            self._metrics.shed.labels(self.camera, reason).inc(frames)

    def enter(self, state: CameraState, note: str | None = None, *, now: datetime | None = None) -> None:
        """The camera is now in `state`; `note` is a sentence for people, free of credentials."""
        now = now or datetime.now(UTC)
        with self._lock:
            if self._ledger is not None and state != "live":
                # Frames that are missing since the last one are this state's; since an earlier state, its.
                self._add(self._ledger.away(_AWAY[state if self._state == "live" else self._state], now))
            if (state, note) == (self._state, self._note):
                return
            self._state, self._note = state, note
        self._show_state()

    def sees(self, scene: Scene) -> None:
        """What the camera can see."""
        with self._lock:
            self._scene = scene

    def reports(self, now: datetime) -> list[Coverage]:
        """What changed since the last call. The running minute is always told, so that a camera that
        gives nothing is seen to give nothing."""
        with self._lock:
            self._away_until(now)
            self._minute(now).changed = True
            due = [(start, minute) for start, minute in sorted(self._minutes.items()) if minute.changed]
            found = [self._report(start, minute) for start, minute in due]
            for _, minute in due:
                minute.changed, minute.told_at = False, now
            self._minutes = {
                start: minute for start, minute in self._minutes.items() if self._is_kept(start, minute, now)
            }
        return found

    def _is_kept(self, start: datetime, minute: _Minute, now: datetime) -> bool:
        """A report replaces the one before: it must tell of all of a minute, however long ago that was, as in
        a recording or after an outage. A recording that is held up may stand in the midst of one."""
        stands_here = self._moment is not None and start == _minute_of(self._moment.at)
        lately = minute.told_at is not None and now - minute.told_at < _MINUTE_IS_KEPT
        return lately or stands_here or minute.on_its_way > 0

    def forget_metrics(self) -> None:
        """The camera is no longer one of this process, or is counted anew: a thread that was left behind may
        come back and tell of a state, which is not the camera's."""
        self._is_forgotten = True
        for state in STATES:
            self._metrics.state.remove(self.camera, state)

    def _away_until(self, now: datetime) -> None:
        if self._ledger is not None and self._state in _AWAY:
            self._add(self._ledger.away(_AWAY[self._state], now))

    def _add(self, missing: Iterable[Missing]) -> None:
        for minute, reason, frames in missing:
            self._minute(minute).gaps[reason] += frames
            self._metrics.missing.labels(self.camera, reason).inc(frames)

    def _minute(self, at: datetime) -> _Minute:
        minute = self._minutes.setdefault(_minute_of(at), _Minute())
        minute.changed = True
        return minute

    def _show_state(self) -> None:
        if self._is_forgotten:
            return
        for state in STATES:
            self._metrics.state.labels(self.camera, state).set(state == self._state)

    def _report(self, start: datetime, minute: _Minute) -> Coverage:
        moment = self._moment
        return Coverage(
            camera=self.camera, minute=start, stage="ingest", instance=self._instance,
            expected=minute.captured + minute.gaps.total(), captured=minute.captured, gated=minute.gated,
            sent=minute.sent, shed=minute.shed.total(), gaps=dict(minute.gaps), shed_by=dict(minute.shed),
            state=self._state, note=self._note, scene=self._scene,
            clock=moment.clock if moment else None, clock_error_ms=moment.error_ms if moment else None,
            time_zone=self._time_zone,
        )  # fmt: skip


def _minute_of(time: datetime) -> datetime:
    return time.replace(second=0, microsecond=0)


class IngestMetrics:
    """Prometheus metrics of the process; a registry of its own, so that tests can have many."""

    def __init__(self, registry: CollectorRegistry) -> None:
        def counter(name: Metric, text: str, *labels: str) -> Counter:
            return Counter(name.removesuffix("_total"), text, ["camera", *labels], registry=registry)

        self.captured = counter(Metric.FRAMES_CAPTURED, "Frames that a camera gave")
        self.gated = counter(Metric.FRAMES_GATED, "Frames left out by sampling or motion")
        self.sent = counter(Metric.FRAMES_SENT, "Frames delivered to the topic")
        self.shed = counter(Metric.FRAMES_SHED, "Frames given up", "reason")
        self.missing = counter(Metric.FRAMES_MISSING, "Frames that a camera should have given", "reason")
        self.reconnects = counter(Metric.RECONNECTS, "Times a camera's stream was opened anew")
        self.state = Gauge(
            Metric.CAMERA_STATE, "1 for the state that a camera is in", ["camera", "state"], registry=registry
        )
        self.queued = Gauge(Metric.INGEST_QUEUED_BYTES, "Frames that wait for Kafka", registry=registry)
        self.reloads = Counter(
            Metric.CAMERA_FILE_RELOADS.removesuffix("_total"),
            "Changes of the camera file", ["outcome"], registry=registry,
        )  # fmt: skip
