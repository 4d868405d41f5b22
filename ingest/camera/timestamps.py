"""Media times and camera stamps to capture times in UTC, with the clock they come from and its error."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from contracts.messages.common import Clock

STAMP_TOLERANCE = timedelta(seconds=30)
"""A camera's own time further from the host's than this is not believed,"""
BELIEVED_AGAIN = timedelta(seconds=20)
"""and one that was not must come so near: else a clock that is off by just as much would be believed in one
frame and not in the next, and time would jump to and fro."""
JUMP_SEC = 10.0
"""A media time that falls so far behind the host's clock has jumped, not lagged."""
BACK_SEC = 0.5
"""A media time that steps back so far has jumped; less is frames in another order."""
AHEAD_SEC = 1.0
"""A frame cannot come before it was taken: a media time so far ahead of the host's clock has jumped."""
STEP_BACK_SEC = 1.0
"""Capture times that go back further are a clock that was set; less is jitter and frames in another order."""
_WINDOW_SEC = 30.0
_FROZEN_ARRIVALS = 3
_STEP = timedelta(microseconds=1)

# Errors in milliseconds. RTCP: what a camera under NTP is off by. Host: the camera's own delay of encoding,
# which nobody can see from here, is 50 to 200 ms for usual cameras.
RTCP_ERROR_MS = 20
HOST_ERROR_MS = 150
UNKNOWN_DELAY_MS = 500
CONTAINER_ERROR_MS = 1000
_PLAUSIBLE_DELAY_SEC = (-0.05, 2.0)


@dataclass(frozen=True, slots=True)
class Moment:
    """When a frame was taken, by which clock, and by how much that may be wrong."""

    at: datetime
    clock: Clock
    error_ms: int | None


class Timeline:
    """Capture times of one opening of a stream."""

    def __init__(self, opened_at: datetime, *, live: bool, recorded: bool = False) -> None:
        """`recorded`: `opened_at` is when a recording began, by the word of the file or of its owner."""
        self._opened_at = opened_at
        self._live = live
        self._file_error_ms = CONTAINER_ERROR_MS if recorded else None
        self._offset = LeastDelay()
        self._last_media_sec: float | None = None
        self._same = 0
        self._is_disbelieved = False
        self._forward: datetime | None = None
        self.jumps = 0

    def observe(self, media_sec: float | None, stamped_at: datetime | None, *, now: datetime) -> Moment:
        """A frame's moment, as it arrives.

        A file's frames are placed by their media time after its beginning. A live stream's go by the
        camera's stamp, else by media time laid on the host's clock with the least delay that was seen of
        late, else by the moment of arrival.
        """
        if not self._live:
            if media_sec is None:
                return Moment(now, "host", UNKNOWN_DELAY_MS)
            return Moment(self._opened_at + timedelta(seconds=media_sec), "container", self._file_error_ms)
        if stamped_at is not None and self._is_believed(stamped_at, now):
            return Moment(stamped_at, "rtcp", _stamp_error_ms((now - stamped_at).total_seconds()))
        if media_sec is None or self._is_frozen(media_sec):
            return Moment(now, "host", UNKNOWN_DELAY_MS)
        elapsed_sec = (now - self._opened_at).total_seconds()
        if self._has_jumped(media_sec, elapsed_sec):
            self.jumps += 1
            self._offset = LeastDelay()
        self._last_media_sec = media_sec
        offset_sec, jitter_sec = self._offset.update(elapsed_sec - media_sec, elapsed_sec)
        at = self._opened_at + timedelta(seconds=media_sec + offset_sec)
        return Moment(at, "host", HOST_ERROR_MS + round(2000 * jitter_sec))

    def stepped_back_sec(self, moment: Moment) -> float:
        """By how much the clock was set back before this frame, which is then a beginning; else 0. Times that
        were only pushed forward would stand still for as long."""
        back_sec = (self._forward - moment.at).total_seconds() if self._forward is not None else 0.0
        if back_sec <= STEP_BACK_SEC:
            return 0.0
        self._forward = None
        return back_sec

    def forward(self, moment: Moment) -> Moment:
        """The moment itself, or just after the one before where it would not be later."""
        at = moment.at
        if self._forward is not None and at <= self._forward:
            at = self._forward + _STEP
        self._forward = at
        return moment if at == moment.at else Moment(at, moment.clock, moment.error_ms)

    def _is_believed(self, stamped_at: datetime, now: datetime) -> bool:
        tolerance = BELIEVED_AGAIN if self._is_disbelieved else STAMP_TOLERANCE
        self._is_disbelieved = abs(stamped_at - now) > tolerance
        return not self._is_disbelieved

    def _is_frozen(self, media_sec: float) -> bool:
        """A stream that stamps every frame alike says nothing."""
        self._same = self._same + 1 if media_sec == self._last_media_sec else 0
        return self._same >= _FROZEN_ARRIVALS

    def _has_jumped(self, media_sec: float, elapsed_sec: float) -> bool:
        if self._last_media_sec is None or not self._offset.known:
            return False
        if media_sec < self._last_media_sec - BACK_SEC:
            return True
        late_sec = elapsed_sec - media_sec - self._offset.least_sec
        return late_sec < -AHEAD_SEC or late_sec > JUMP_SEC


class LeastDelay:
    """The least of `host time - media time` over the last half to whole minute: network delay only ever
    adds to it, so the least is nearest to the truth; a window, since a camera's clock drifts."""

    def __init__(self) -> None:
        self._old = self._young = float("inf")
        self._began_sec: float | None = None
        self._jitter_sec = 0.0

    @property
    def known(self) -> bool:
        return self._began_sec is not None

    @property
    def least_sec(self) -> float:
        return min(self._old, self._young)

    def update(self, offset_sec: float, elapsed_sec: float) -> tuple[float, float]:
        """The least offset and the mean delay above it, in seconds."""
        if self._began_sec is None:
            self._began_sec = elapsed_sec
        elif elapsed_sec - self._began_sec > _WINDOW_SEC:
            self._old, self._young, self._began_sec = self._young, float("inf"), elapsed_sec
        self._young = min(self._young, offset_sec)
        self._jitter_sec += 0.05 * (offset_sec - self.least_sec - self._jitter_sec)
        return self.least_sec, max(0.0, self._jitter_sec)


def _stamp_error_ms(delay_sec: float) -> int:
    """A camera whose stamps come from the future, or from long ago, has a clock that is off by as much."""
    earliest, latest = _PLAUSIBLE_DELAY_SEC
    return RTCP_ERROR_MS if earliest <= delay_sec <= latest else round(abs(delay_sec) * 1000)
