"""What a process still does at its end, and for how long at most."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence

from processors.engine.ending import LAST_SEC, end_for_certain

log = logging.getLogger(__name__)

_CLOSE_SEC = 4.0

Close = Callable[[], Awaitable[None]]


class Leaving:
    """All that `who` does at its end may take `within_sec` together, from the first of it on: who was told to
    end must not be held up by what does not answer."""

    def __init__(self, who: str, *, within_sec: float) -> None:
        self._who = who
        self._within_sec = within_sec
        self._until: float | None = None
        self.is_late = False
        """Whether something was left undone as the time was over."""

    async def in_time(self, work: Awaitable[object], otherwise: str) -> None:
        """Await the work and raise what it raises; `otherwise`: what is said if the time is over."""
        now = asyncio.get_running_loop().time()
        self._until = self._until or now + self._within_sec
        working = asyncio.ensure_future(work)
        try:
            await asyncio.wait({working}, timeout=max(0.0, self._until - now))
        except asyncio.CancelledError:
            working.cancel()
            raise
        if working.cancelled():
            log.warning("%s: it was broken off: %s", self._who, otherwise)
            return
        if working.done():
            working.result()
            return
        working.cancel()
        self.is_late = True
        log.warning("%s: no answer in time: %s", self._who, otherwise)

    async def whatever(self, work: Awaitable[object], otherwise: str) -> None:
        """As `in_time`, but what the work raises is only told: what comes after it is done all the same."""
        try:
            await self.in_time(work, otherwise)
        except Exception:
            log.exception("%s: %s", self._who, otherwise)


async def close_all(edges: Sequence[Close], *, status: int, is_late: bool) -> None:
    """Close the edges in this order, each whatever became of those before it; `status`: with which the
    process ends. `is_late`: something may hold the process up already."""
    leaving = Leaving("edges", within_sec=_CLOSE_SEC)
    # Also where one does not give the loop back.
    ending = end_for_certain(status, within_sec=_CLOSE_SEC + LAST_SEC)
    try:
        for number, close in enumerate(edges, start=1):
            await leaving.whatever(close(), f"edge {number} of {len(edges)} was not closed")
    finally:
        ending.cancel()
        if is_late or leaving.is_late:
            end_for_certain(status)
