"""How long to wait before a process that died is started again: longer each time, short after a good run."""

from __future__ import annotations

from dataclasses import dataclass

FIRST_SEC = 0.5
LONGEST_SEC = 30.0
GOOD_RUN_SEC = 60.0


@dataclass(frozen=True)
class Pauses:
    """`failures` is how often in a row the process ended before it had a good run."""

    failures: int = 0

    def after_run(self, ran_sec: float) -> Pauses:
        """What is known after the process ended once more."""
        return Pauses(1 if ran_sec >= GOOD_RUN_SEC else self.failures + 1)

    @property
    def pause_sec(self) -> float:
        if self.failures == 0:
            return 0.0
        # The exponent is bounded: the sum is the same and the number stays small for ever.
        return min(LONGEST_SEC, FIRST_SEC * 2.0 ** min(self.failures - 1, 10))
