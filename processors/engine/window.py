"""Messages in work -> how far each partition may be acknowledged.

The only place that decides it: never past the smallest unfinished offset of a partition, and never past
what a stage still needs. Knows offsets and tasks, no Kafka.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Coroutine, Iterable
from typing import Any

from processors.engine.prefix import Prefix

Place = tuple[str, int]
"""Topic and partition."""


class Window:
    """Bounds the messages in work, owns their tasks, and says what may be acknowledged."""

    def __init__(
        self,
        limit: int,
        *,
        now_sec: Callable[[], float] = time.monotonic,
        worked_sec: Callable[[], float] | None = None,
    ) -> None:
        """`worked_sec`: a clock that stands still while a dependency is waited for."""
        self._limit = limit
        self._now_sec = now_sec
        self._worked_sec = worked_sec or now_sec
        self._prefixes: dict[Place, Prefix] = {}
        self._generations: dict[Place, int] = {}
        self._tasks: dict[Place, set[asyncio.Task[None]]] = {}
        self._in_work: dict[tuple[Place, int], None] = {}  # in the order in which they began
        self._oldest_since_sec = self._oldest_since_worked_sec = 0.0
        self._room = asyncio.Event()
        self.begun = 0
        """Messages that were ever begun."""
        self.failed: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    async def enter(self, place: Place, offset: int) -> bool:
        """Wait for room and begin a message. False: begun before, or its partition was lost meanwhile."""
        generation = self._generations.get(place, 0)
        while self.is_full:
            self._room.clear()
            await self._room.wait()
        if generation != self._generations.get(place, 0):
            return False
        now_sec = self._now_sec()
        if not self._prefixes.setdefault(place, Prefix()).begin(offset, now_sec):
            return False
        if not self._in_work:
            self._note_oldest()
        self._in_work[place, offset] = None
        self.begun += 1
        return True

    def finish(self, place: Place, offset: int) -> None:
        """A begun message is done. Nothing happens when its partition was forgotten meanwhile."""
        prefix = self._prefixes.get(place)
        if prefix is None or not prefix.finish(offset):
            return
        self._leave([(place, offset)])

    def need_from(self, place: Place, offset: int | None) -> None:
        """Hold acknowledgements of a partition below `offset`, whatever is finished; None lifts it."""
        prefix = self._prefixes.get(place)
        if prefix is not None:
            prefix.needed_from = offset

    def spawn(self, place: Place, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        """Run work that belongs to a partition and dies with it. What it raises fails the window."""
        task = asyncio.create_task(work)
        self._tasks.setdefault(place, set()).add(task)
        task.add_done_callback(lambda done: self._ended(place, done))
        return task

    def fail(self, error: BaseException) -> None:
        """End the stage with this error; the first one counts."""
        if not self.failed.done():
            self.failed.set_exception(error)

    def committable(self) -> dict[Place, int]:
        """For each partition the offset to be read next after a restart."""
        return {
            place: offset
            for place, prefix in self._prefixes.items()
            if (offset := prefix.committable) is not None
        }

    async def forget(self, places: Iterable[Place], *, grace_sec: float) -> None:
        """Give partitions up: what is in work may end within the grace, the rest is cancelled."""
        gone = set(places)
        await self.settle(gone, within_sec=grace_sec)
        for place in gone:
            self._generations[place] = self._generations.get(place, 0) + 1
        left = [task for place in gone for task in self._tasks.get(place, ())]
        for task in left:
            task.cancel()
        await asyncio.gather(*left, return_exceptions=True)
        for place in gone:
            self._prefixes.pop(place, None)
        self._leave([message for message in self._in_work if message[0] in gone])

    async def settle(
        self, places: Iterable[Place] | None = None, *, within_sec: float, though_failed: bool = False
    ) -> bool:
        """Wait until nothing of these partitions is in work. False when the time ran out, or as soon as the
        stage failed, since what it failed at stays in work; `though_failed` gives the rest that time."""
        wanted = None if places is None else set(places)
        until = self._now_sec() + within_sec
        while any(
            prefix.unfinished for place, prefix in self._prefixes.items() if wanted is None or place in wanted
        ):
            if self._now_sec() >= until or (self.failed.done() and not though_failed):
                return False
            await asyncio.sleep(0.02)
        return True

    @property
    def in_flight(self) -> int:
        return len(self._in_work)

    @property
    def is_full(self) -> bool:
        return self.in_flight >= self._limit

    @property
    def places(self) -> tuple[Place, ...]:
        return tuple(self._prefixes)

    @property
    def unfinished(self) -> tuple[Place, ...]:
        """Partitions of which something is in work."""
        return tuple(place for place, prefix in self._prefixes.items() if prefix.unfinished)

    @property
    def next_offsets(self) -> dict[Place, int]:
        """For each partition the offset after the last that was begun."""
        return {
            place: after for place, prefix in self._prefixes.items() if (after := prefix.next) is not None
        }

    @property
    def begun_of(self) -> dict[Place, int]:
        """For each partition how many messages were begun since it is ours."""
        return {place: prefix.begun for place, prefix in self._prefixes.items()}

    @property
    def oldest_unchanged_sec(self) -> float:
        """How long one and the same message has been the oldest in work, 0 when there is none.

        The oldest stands behind no other, of whatever partition. So this tells of a message that hangs, once
        those before it are done; and not of messages that grow old in a line, as long as it moves on.
        """
        return self._now_sec() - self._oldest_since_sec if self._in_work else 0.0

    @property
    def oldest_worked_sec(self) -> float:
        """As `oldest_unchanged_sec`, without the time in which a dependency was waited for, whichever message
        it was that waited."""
        return self._worked_sec() - self._oldest_since_worked_sec if self._in_work else 0.0

    @property
    def oldest_unacknowledged_sec(self) -> float:
        """How long ago the oldest message began that may not be acknowledged yet, 0 when there is none."""
        begun = [prefix.unacknowledged_since_sec for prefix in self._prefixes.values()]
        known = [since_sec for since_sec in begun if since_sec is not None]
        return self._now_sec() - min(known) if known else 0.0

    def _note_oldest(self) -> None:
        """Another message is the oldest from now on."""
        self._oldest_since_sec, self._oldest_since_worked_sec = self._now_sec(), self._worked_sec()

    def _leave(self, messages: Iterable[tuple[Place, int]]) -> None:
        """These are in work no more, and give room to others."""
        oldest = next(iter(self._in_work), None)
        for message in messages:
            del self._in_work[message]
        if oldest not in self._in_work:
            self._note_oldest()
        self._room.set()

    def _ended(self, place: Place, task: asyncio.Task[None]) -> None:
        self._tasks.get(place, set()).discard(task)
        if task.cancelled():
            return
        error = task.exception()
        if error is not None:
            self.fail(error)
