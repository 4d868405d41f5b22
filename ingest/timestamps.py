"""Media times and camera stamps to capture times in UTC, with the clock they come from."""

from __future__ import annotations

from datetime import datetime, timedelta

from contracts.messages.common import Clock

STAMP_TOLERANCE = timedelta(seconds=30)
"""A camera's own time further from the host's than this is not believed."""
JUMP_SEC = 10.0
"""A media time that moves so far from the host's clock has jumped, not lagged."""
_STEP = timedelta(microseconds=1)


class Timeline:
    """Capture times of one opening of a stream. They never go backwards within it."""

    def __init__(self, opened_at: datetime, *, live: bool) -> None:
        self._opened_at = opened_at
        self._live = live
        self._offset_sec: float | None = None
        self._last: datetime | None = None
        self.jumps = 0

    def capture_time(
        self, media_sec: float | None, stamped_at: datetime | None, *, now: datetime
    ) -> tuple[datetime, Clock]:
        """When the frame was taken, and by which clock.

        A file's frames are placed by their media time after the moment of opening. A live stream's go
        by the camera's stamp, else by media time anchored to the host's clock at the first frame.
        """
        time, clock = self._placed(media_sec, stamped_at, now)
        if self._last is not None and time <= self._last:
            time = self._last + _STEP
        self._last = time
        return time, clock

    def _placed(
        self, media_sec: float | None, stamped_at: datetime | None, now: datetime
    ) -> tuple[datetime, Clock]:
        if not self._live:
            return (now, "host") if media_sec is None else (self._after_opening(media_sec), "container")
        if stamped_at is not None and abs(stamped_at - now) <= STAMP_TOLERANCE:
            return stamped_at, "rtcp"
        if media_sec is None:
            return now, "host"
        elapsed_sec = (now - self._opened_at).total_seconds()
        if self._offset_sec is None or abs(media_sec + self._offset_sec - elapsed_sec) > JUMP_SEC:
            self.jumps += self._offset_sec is not None
            self._offset_sec = elapsed_sec - media_sec
        return self._after_opening(media_sec + self._offset_sec), "host"

    def _after_opening(self, seconds: float) -> datetime:
        return self._opened_at + timedelta(seconds=seconds)
