"""How long a camera is left alone before it is tried again: growing, with jitter."""

from __future__ import annotations

import random
from collections.abc import Callable

FIRST_PAUSE_SEC = 0.5
LONGEST_PAUSE_SEC = 3.0
"""A camera that comes back is found within it; a try costs a packet or two."""
FIRST_REFUSED_PAUSE_SEC = 30.0
LONGEST_REFUSED_PAUSE_SEC = 600.0
"""A wrong password is not right a second later, and some cameras lock whoever tries too often."""
GOOD_RUN_SEC = 30.0


class Pauses:
    """Doubling pauses, reset after a good run."""

    def __init__(self, *, jitter: Callable[[float, float], float] = random.uniform) -> None:
        self._jitter = jitter
        self._broken_sec, self._refused_sec = FIRST_PAUSE_SEC, FIRST_REFUSED_PAUSE_SEC

    def after(self, *, ran_sec: float, refused: bool) -> float:
        """Pause in seconds after a run of `ran_sec`."""
        if ran_sec >= GOOD_RUN_SEC:
            self._broken_sec, self._refused_sec = FIRST_PAUSE_SEC, FIRST_REFUSED_PAUSE_SEC
        if refused:
            pause_sec = self._refused_sec
            self._refused_sec = min(LONGEST_REFUSED_PAUSE_SEC, 2 * pause_sec)
        else:
            pause_sec = self._broken_sec
            self._broken_sec = min(LONGEST_PAUSE_SEC, 2 * pause_sec)
        return pause_sec * self._jitter(0.8, 1.2)
