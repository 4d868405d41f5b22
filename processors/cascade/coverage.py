"""How well each camera was looked at: counters of a minute -> `coverage`, repeated while they grow."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from contracts.codec import encode
from contracts.messages.coverage import Coverage
from contracts.topics import ALL_TOPICS, Topic
from processors.engine.stage import Outgoing

_REPORT_EVERY = timedelta(seconds=5)
_FRAMES = next(spec for spec in ALL_TOPICS if spec.name == Topic.FRAMES)
# Frames of a minute come for as long as Kafka holds them: their retention, the segment that is still open,
# and what its cleaner takes until it looks.
_FORGET_AFTER = timedelta(milliseconds=_FRAMES.retention_ms + _FRAMES.segment_ms) + timedelta(minutes=5)


@dataclass(slots=True)
class _Minute:
    processed: int = 0
    shed: int = 0
    plates: int = 0
    lag_ms: int = 0
    changed: bool = False
    touched: timedelta = timedelta()


class CoverageCounters:
    """By the minute of capture. A report holds the whole minute so far and replaces the one before.

    Of a frame that is shed nothing remains but its count, so that is told before the frame is acknowledged.

    A minute is kept for as long as more of its frames may come. Only time in which frames come counts for
    that: while Triton is away, those that are read already wait here longer than any would in Kafka.
    """

    def __init__(self, instance: str) -> None:
        self._instance = instance
        self._minutes: dict[tuple[str, datetime], _Minute] = {}
        self._reported_at: datetime | None = None
        self._shed_since = False
        self._came_for = timedelta()

    def processed(self, camera: str, captured_at: datetime, now: datetime, *, plates: int) -> None:
        minute = self._minute(camera, captured_at, now)
        minute.processed += 1
        minute.plates += plates

    def shed(self, camera: str, captured_at: datetime, now: datetime) -> None:
        """A frame was skipped because it was older than its budget."""
        self._minute(camera, captured_at, now).shed += 1
        self._shed_since = True

    def report(self, now: datetime, *, last: bool = False) -> Sequence[Outgoing]:
        """What has changed since the last report, at most every few seconds, unless frames were shed since it
        or this is the `last` one."""
        if not (last or self._shed_since or self._is_time(now)):
            return ()
        self._shed_since = False
        changed = [(key, minute) for key, minute in self._minutes.items() if minute.changed]
        if changed:
            self._came_for += min(now - (self._reported_at or now), _REPORT_EVERY)
        self._reported_at = now
        for _, minute in changed:
            minute.changed, minute.touched = False, self._came_for
        reports = [self._message(camera, start, minute) for (camera, start), minute in changed]
        for key, minute in list(self._minutes.items()):
            if self._came_for - minute.touched > _FORGET_AFTER:
                del self._minutes[key]
        return reports

    def _is_time(self, now: datetime) -> bool:
        return self._reported_at is None or now - self._reported_at >= _REPORT_EVERY

    def _minute(self, camera: str, captured_at: datetime, now: datetime) -> _Minute:
        minute = self._minutes.setdefault((camera, captured_at.replace(second=0, microsecond=0)), _Minute())
        minute.lag_ms = max(minute.lag_ms, int((now - captured_at).total_seconds() * 1000))
        minute.changed = True
        return minute

    def _message(self, camera: str, start: datetime, minute: _Minute) -> Outgoing:
        coverage = Coverage(
            camera=camera,
            minute=start,
            stage="sightings",
            instance=self._instance,
            processed=minute.processed,
            shed=minute.shed,
            plates=minute.plates,
            lag_ms=max(0, minute.lag_ms),
        )
        return Outgoing(topic=Topic.COVERAGE, key=camera.encode(), value=encode(coverage))
