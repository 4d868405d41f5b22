"""Whether it is silence when nothing comes in a partition, or only this worker that has not heard.

A process that stood still (stopped, its machine asleep) wakes with what was on its way to it then, which may
be a part of what was written meanwhile; and its partitions may be another worker's by now.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta

from contracts.errors import TryAgain
from processors.engine.reading.kafka_log import ANSWER_WITHIN_SEC, Log
from processors.engine.window import Place

_STOOD_STILL = timedelta(seconds=5)
"""It looks every second: so far from the last time the process stood still, or its clock was set."""
_HEARS_OF_OTHERS = timedelta(seconds=10)
"""By then it knows if its partitions are another worker's."""
_ASKS_FOR = timedelta(seconds=60)
"""A partition of which Kafka says nothing must not keep the others unheard."""


class Hearing:
    def __init__(self, kafka_log: Log, now: Callable[[], datetime]) -> None:
        self._log = kafka_log
        self._now = now
        self._looked_at: datetime | None = None
        self._woke_at: datetime | None = None
        self._ends: dict[Place, int] | None = None
        """Of each partition where it ended soon after the process woke; None: nothing was answered yet."""
        self._open = set[Place]()
        """Those of which that is not known."""

    async def look(self, reached: Mapping[Place, int]) -> None:
        """To be awaited every second. `reached`: of each partition the offset after the last one taken."""
        now = self._now()
        if self._looked_at and abs(now - self._looked_at) >= _STOOD_STILL:
            self._woke_at, self._ends, self._open = now, None, set(reached)
        self._looked_at = now
        if self._woke_at is None or now - self._woke_at >= _ASKS_FOR:
            return
        if self._ends is None or self._open:
            await self._ask(now)

    async def _ask(self, now: datetime) -> None:
        ends: Mapping[Place, int] = {}
        is_answered = True
        try:
            if self._open:
                ends = await asyncio.wait_for(self._log.ends(tuple(self._open)), ANSWER_WITHIN_SEC)
        except (TryAgain, TimeoutError):
            is_answered = False
        self._looked_at = self._now()
        if is_answered and self._looked_at - now < _STOOD_STILL:
            # else it may have stood still again since it was answered
            self._ends = {**(self._ends or {}), **ends}
            self._open -= ends.keys()

    def is_silence(self, place: Place, reached: int | None) -> bool:
        """Whether nothing more came in this partition, which was read up to `reached`."""
        if self._woke_at is None:
            return True
        awake = self._now() - self._woke_at
        is_open = self._ends is None or place in self._open
        if awake < _HEARS_OF_OTHERS or (is_open and awake < _ASKS_FOR):
            return False
        end = (self._ends or {}).get(place)
        return end is None or reached is None or reached >= end
