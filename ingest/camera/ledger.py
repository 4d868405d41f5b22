"""How many frames a camera should have given, and why some are missing: sums that add up to the frame.

    expected = captured + missing (gaps by reason)      captured = gated + sent + shed, once all is settled

A camera's own rate says how many frames a second are expected. While it lives, time stamps between two
frames tell of those that were lost; while it does not, the host's clock does. Where an encoder sends frames
in another order than that of their times, they wait for one another.
"""

from __future__ import annotations

import heapq
from collections import deque
from collections.abc import Iterator
from datetime import datetime, timedelta
from statistics import median

from contracts.messages.coverage import GapReason

_LEARNT_GAPS = 20
_KEPT_GAPS = 101
# A frame that comes so many periods after the one before has others missing between; less is jitter.
_LOST_PERIODS = 1.5
_MOST_CREDIT = 0.45
_REORDERED_FRAMES = 4
"""Encoders put so many frames in another order, hardly ever more."""
_MINUTE = timedelta(minutes=1)

Missing = tuple[datetime, GapReason, int]
"""The start of a minute, why, and how many frames."""


class Ledger:
    """Expected frames of one live camera, from `since` on. `rate` in frames a second holds until the
    stream's own is known; with `fixed` it holds for good."""

    def __init__(self, since: datetime, *, rate: float, fixed: bool = False) -> None:
        self._rate = rate
        self._fixed = fixed
        self._at = since
        self._gaps_sec: deque[float] = deque(maxlen=_KEPT_GAPS)
        self._credit = 0.0
        self._fraction = 0.0
        self._away: GapReason | None = "connecting"
        self._reordered = False
        self._waiting: list[datetime] = []

    @property
    def rate(self) -> float:
        """Frames a second that are expected."""
        return self._rate

    def says(self, rate: float) -> None:
        """The stream's own word on its rate, believed until it is measured."""
        if not self._fixed and not self._gaps_sec:
            self._rate = rate

    def frame(self, at: datetime) -> list[Missing]:
        """A frame was captured; what is missing before it."""
        if self._away is not None:
            found = list(self._absent(at - timedelta(seconds=0.5 / self._rate)))
            self._away, self._credit, self._fraction = None, 0.0, 0.0
            self._at = max(self._at, at)
            return found
        if at < self._at and not self._reordered:
            self._reordered = True
            self._gaps_sec.clear()  # they were of frames that had overtaken others
        if not self._reordered:
            return self._next(at)
        heapq.heappush(self._waiting, at)
        return self._next(heapq.heappop(self._waiting)) if len(self._waiting) > _REORDERED_FRAMES else []

    def _next(self, at: datetime) -> list[Missing]:
        """The next frame by its time."""
        gap_sec = (at - self._at).total_seconds()
        self._at = max(self._at, at)
        if not self._measured(gap_sec):
            return []
        due = gap_sec * self._rate + self._credit
        steps = max(1, round(due)) if gap_sec * self._rate >= _LOST_PERIODS else 1
        # A frame that came late makes the next gap short: the rest is carried on, less than half a frame.
        self._credit = min(_MOST_CREDIT, max(-_MOST_CREDIT, due - steps))
        return [(_minute(at), "lost", steps - 1)] if steps > 1 else []

    def back_to(self, at: datetime) -> None:
        """The clock of the frames was set back. The latest came at `at`, the next is expected after it."""
        self._at, self._credit = at, 0.0
        self._reordered = False
        self._waiting.clear()

    def away(self, reason: GapReason, until: datetime) -> list[Missing]:
        """The camera gave nothing up to `until`, because of `reason`."""
        found = [each for _ in range(len(self._waiting)) for each in self._next(heapq.heappop(self._waiting))]
        self._away = reason
        return found + list(self._absent(until))

    def _absent(self, until: datetime) -> Iterator[Missing]:
        reason = self._away or "stalled"
        while self._at < until:
            end = min(until, _minute(self._at) + _MINUTE)
            missing = (end - self._at).total_seconds() * self._rate + self._fraction
            whole = int(missing)
            self._fraction = missing - whole
            if whole:
                yield _minute(self._at), reason, whole
            self._at = end

    def _measured(self, gap_sec: float) -> bool:
        """True once the rate is known well enough to say what is lost; what a stream says is not."""
        if self._fixed:
            return True
        if gap_sec > 0:
            self._gaps_sec.append(gap_sec)
        if len(self._gaps_sec) < _LEARNT_GAPS:
            return False
        self._rate = min(240.0, max(0.01, 1.0 / median(self._gaps_sec)))
        return True


def _minute(time: datetime) -> datetime:
    return time.replace(second=0, microsecond=0)
