"""Which frames of a stream are sent: a steady rate by capture time, whatever the stream's own rate is."""

from __future__ import annotations

from datetime import datetime, timedelta

# A frame this share of a period early still counts as on time, so that 25 -> 5 takes every fifth.
_EARLY_SHARE = 0.15


class Sampler:
    """Lets through at most the wanted rate, evenly spaced. The rate may change from frame to frame."""

    def __init__(self, frames_per_second: float) -> None:
        self._period = timedelta(seconds=1.0 / frames_per_second)
        self._due: datetime | None = None

    def at_rate(self, frames_per_second: float) -> None:
        """From now on so many frames a second. A faster rate begins with the next frame."""
        period = timedelta(seconds=1.0 / frames_per_second)
        if self._due is not None:
            self._due += min(period - self._period, timedelta())
        self._period = period

    def wants(self, captured_at: datetime) -> bool:
        """True for a frame that is due. Frames must come in order of capture time."""
        if self._due is None:
            self._due = captured_at + self._period
            return True
        if captured_at < self._due - self._period * _EARLY_SHARE:
            return False
        self._due += self._period
        if self._due <= captured_at:  # a gap in the stream: do not make up for it with a burst
            self._due = captured_at + self._period
        return True
