"""Who may ask and how much: a share a minute and a purse of credits for each key."""

from __future__ import annotations

import math


class Account:
    """One key. Times are seconds of any one clock."""

    def __init__(self, *, per_minute: int, credits_left: int | None) -> None:
        self.per_minute = per_minute
        self.credits_left = credits_left
        self._window_began = float("-inf")
        self._asked = 0

    def admit(self, now: float) -> int:
        """0 when this call may go on, else the seconds to wait. The share is counted minute by minute."""
        if now - self._window_began >= 60.0:
            self._window_began = now
            self._asked = 0
        if self._asked >= self.per_minute:
            return max(1, math.ceil(self._window_began + 60.0 - now))
        self._asked += 1
        return 0

    @property
    def left_this_minute(self) -> int:
        return max(0, self.per_minute - self._asked)

    @property
    def is_empty(self) -> bool:
        return self.credits_left is not None and self.credits_left <= 0

    def charge(self) -> None:
        """An answer was given; errors of the registry itself are not charged."""
        if self.credits_left is not None:
            self.credits_left -= 1
