"""Driver of an `OrderedStage`: one lane a partition, strictly in log order, lanes beside each other.

Acknowledges only what no open state needs any more. Before it does, it keeps aside (`SettledOffsets`) below
which offset all results have been given out, so that a restart, which reads older messages again to rebuild
its state, does not give these results a second time.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Collection, Sequence
from datetime import UTC, datetime
from functools import partial
from typing import Any, Protocol

from contracts.errors import PlatestreamError, SetAside
from contracts.messages.common import LogPosition
from processors.engine.drivers.desk import Desk, about, place_of
from processors.engine.patience import Bug, GivenUp
from processors.engine.reading.hearing import Hearing
from processors.engine.stage import Incoming, OrderedStage
from processors.engine.window import Place

log = logging.getLogger(__name__)


class SettledOffsets(Protocol):
    """Per partition the offset below which all results have been given out; survives the process."""

    async def read(self, place: Place) -> int: ...

    async def write(self, offsets: dict[Place, int]) -> None: ...


class Kept(Protocol):
    """What a stage keeps beside the log, by partition."""

    async def read(self, partition: int) -> Sequence[bytes]: ...


class OrderedDriver:
    def __init__(
        self,
        stage: OrderedStage[Any],
        desk: Desk,
        settled: SettledOffsets,
        kept: Kept | None = None,
        *,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._stage = stage
        self._desk = desk
        self._settled = settled
        self._kept = kept
        self._now = now
        self._hearing = Hearing(desk.log, now)
        self._lanes: dict[Place, asyncio.Queue[Incoming | datetime]] = {}
        self._settled_below: dict[Place, int] = {}
        self._reached: dict[Place, int] = {}

    async def put(self, message: Incoming) -> None:
        place = place_of(message)
        # Until the lane knows what is needed, nothing of its partition may be acknowledged.
        if not await self._desk.window.enter(place, message.position.offset):
            return
        lane = self._lanes.get(place)
        if lane is None:
            self._desk.window.need_from(place, message.position.offset)
            lane = self._open(place)
        lane.put_nowait(message)

    async def forget(self, places: set[Place], *, grace_sec: float) -> None:
        await self._desk.window.forget(places, grace_sec=grace_sec)
        for place in places:
            self._settled_below.pop(place, None)
            self._reached.pop(place, None)
            if self._lanes.pop(place, None) is not None:
                self._stage.revoked(place[1])

    async def tick(self, ours: Collection[Place] = (), behind: Collection[Place] = ()) -> None:
        for place in ours:
            if place not in self._lanes:  # nothing came yet, and what was kept of it goes on all the same
                self._open(place)
        await self._hearing.look(self._reached)
        now = self._now()
        # In one that is being given up silence says nothing: what comes goes to another worker. And where
        # messages wait behind those of other partitions there is none.
        for place in ours:
            lane = self._lanes.get(place) if place not in behind else None
            if lane and lane.empty() and self._hearing.is_silence(place, self._reached.get(place)):
                lane.put_nowait(now)

    async def before_commit(self) -> None:
        if self._settled_below:
            await self._settled.write(dict(self._settled_below))

    async def last_words(self) -> None:
        """All was said with the results."""

    def _open(self, place: Place) -> asyncio.Queue[Incoming | datetime]:
        lane = self._lanes[place] = asyncio.Queue()
        self._desk.window.spawn(place, self._run(place, lane))
        return lane

    async def _run(self, place: Place, lane: asyncio.Queue[Incoming | datetime]) -> None:
        wait, where = self._desk.patience.wait_for, f"{place[0]}[{place[1]}]"
        settled = await wait(partial(self._settled.read, place), about=where)
        kept = await wait(partial(self._kept.read, place[1]), about=where) if self._kept else ()
        self._settled_below[place] = settled
        self._stage.assigned(place[1], settled, kept)
        while True:
            message = await lane.get()
            if isinstance(message, Incoming):
                await self._take(message)
            elif lane.empty():  # else messages came while results waited, and that was no silence
                drafts = self._stage.tick(place[1], message)
                await self._finish(drafts, self._silence(place))
                await self._keep(place)
            self._note_progress(place)

    async def _take(self, message: Incoming) -> None:
        try:
            drafts = self._taken(message)
        except SetAside as error:
            await self._desk.bury(self._desk.dead_letters.letter(message, error, attempts=1), message)
        else:
            self._desk.dead_letters.good()
            await self._finish(drafts, message)
        await self._keep(place_of(message))
        self._reached[place_of(message)] = message.position.offset + 1
        self._desk.finish(message)

    def _taken(self, message: Incoming) -> Sequence[Any]:
        try:
            return self._stage.take(message)
        except PlatestreamError:
            raise
        except Exception as error:  # a bug of ours; trying again could change the state twice
            raise Bug(f"{type(error).__name__}: {error}") from error

    async def _finish(self, drafts: Sequence[Any], last: Incoming) -> None:
        """Send what drafts become; `last` is the message after which they were made."""
        desk, where = self._desk, about(last)
        for draft in drafts:
            try:
                results = await desk.patience.wait_for(partial(self._stage.finish, draft), about=where)
                await desk.patience.wait_for(partial(desk.delivery.send, results), about=where)
            except SetAside as error:
                tries = error.tries if isinstance(error, GivenUp) else 1
                result = self._stage.unfinished(draft)
                await desk.bury(desk.dead_letters.letter(last, error, attempts=tries, result=result), last)
            else:
                desk.dead_letters.good(result=True)

    async def _keep(self, place: Place) -> None:
        """What is refused is less to go on with after a restart, and nothing that anybody waits for."""
        kept, where = self._stage.to_keep(place[1]), f"{place[0]}[{place[1]}]"
        if not kept:
            return
        try:
            await self._desk.patience.wait_for(partial(self._desk.delivery.send, kept), about=where)
        except SetAside as error:
            self._desk.measures.state_refused()
            log.warning("%s: state for after a restart was refused: %s", where, error)

    def _silence(self, place: Place) -> Incoming:
        """What stands for a message where silence brings results about: the place of the last one."""
        offset = max(0, self._reached.get(place, 0) - 1)
        position = LogPosition(topic=place[0], partition=place[1], offset=offset)
        return Incoming(value=None, key=None, headers=(), position=position, timestamp=self._now())

    def _note_progress(self, place: Place) -> None:
        progress = self._stage.progress(place[1])
        self._desk.window.need_from(place, progress.replay_from if progress else None)
        settled = progress.settled_below if progress else self._reached.get(place, 0)
        self._settled_below[place] = max(settled, self._settled_below.get(place, 0))
