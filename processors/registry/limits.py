"""When a registry may be asked: a budget a minute, and a breaker that opens while asking is useless."""

from __future__ import annotations

# How soon those who wait for another's trial look whether it has ended.
_LOOK_AGAIN_SEC = 2.0


class MinuteBudget:
    """So many questions a minute, saved up for at most a minute. Times are seconds of any one clock."""

    def __init__(self, per_minute: int, *, now: float) -> None:
        self._per_sec = max(per_minute, 1) / 60.0
        self._most = float(max(per_minute, 1))
        self._left = self._most
        self._counted_at = now

    def take(self, now: float) -> float:
        """Takes one question; returns the seconds until it may be asked. Who takes first, asks first."""
        self._left = min(self._most, self._left + (now - self._counted_at) * self._per_sec) - 1.0
        self._counted_at = now
        return max(0.0, -self._left / self._per_sec)


class Breaker:
    """Opens after some failures in a row, longer each time; then lets one question through to see.

    Without it every plate would wait its full patience for a registry that is known to be down.
    """

    def __init__(
        self, *, failures: int = 5, first_pause_sec: float = 5.0, longest_pause_sec: float = 120.0
    ) -> None:
        self._failures_to_open = failures
        self._first_pause_sec = first_pause_sec
        self._longest_pause_sec = longest_pause_sec
        self._failures = 0
        self._pauses = 0
        self._open_until = float("-inf")
        self._trying_until = float("-inf")

    def wait_sec(self, now: float, *, trial_sec: float) -> float:
        """0: ask. Else the seconds until asking makes sense.

        After a pause one caller gets 0 and the others wait for what it finds; it has `trial_sec` for that.
        """
        if now < self._open_until:
            return self._open_until - now
        if self._pauses == 0:
            return 0.0
        if now < self._trying_until:
            return min(self._trying_until - now, _LOOK_AGAIN_SEC)
        self._trying_until = now + trial_sec
        return 0.0

    def succeeded(self) -> None:
        self._failures = 0
        self._pauses = 0
        self._open_until = self._trying_until = float("-inf")

    def failed(self, now: float) -> None:
        if now < self._open_until:
            return  # asked before it opened: that is known already
        self._failures += 1
        # A failed trial opens it again at once.
        if self._failures >= self._failures_to_open or self._pauses > 0:
            pause = min(self._longest_pause_sec, self._first_pause_sec * 2.0**self._pauses)
            self.open_for(pause, now)

    def open_for(self, seconds: float, now: float) -> None:
        """The registry itself said how long, or a person is needed."""
        self._failures = 0
        self._pauses = min(self._pauses + 1, 16)
        self._open_until = max(self._open_until, now + seconds)
        self._trying_until = float("-inf")
