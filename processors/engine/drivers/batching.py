"""Driver of a `BatchStage`: gathers messages for a moment, writes them in one go, then acknowledges them."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Collection, Sequence
from functools import partial
from typing import Any

from contracts.errors import PlatestreamError, SetAside
from processors.engine.drivers.desk import Desk, about, place_of
from processors.engine.patience import Bug
from processors.engine.stage import BatchStage, Incoming, Outgoing
from processors.engine.window import Place

log = logging.getLogger(__name__)

_Prepared = tuple[Incoming, Any]


class BatchDriver:
    """One write at a time over all partitions: while it runs, the next batch gathers."""

    def __init__(
        self, stage: BatchStage[Any], desk: Desk, *, largest: int = 200, gather_sec: float = 0.05
    ) -> None:
        self._stage = stage
        self._desk = desk
        self._largest = largest
        self._gather_sec = gather_sec
        self._waiting: asyncio.Queue[_Prepared] = asyncio.Queue()
        self._writer: asyncio.Task[None] | None = None

    async def put(self, message: Incoming) -> None:
        place = place_of(message)
        if not await self._desk.window.enter(place, message.position.offset):
            return
        try:
            row = self._prepared(message)
        except SetAside as error:
            letter = self._desk.dead_letters.letter(message, error, attempts=1)
            self._desk.window.spawn(place, self._set_aside(message, letter))
            return
        self._desk.dead_letters.good()
        self._waiting.put_nowait((message, row))
        if self._writer is None:
            # The writer belongs to no partition: a rebalance must not cancel the rows of the others.
            self._writer = self._desk.window.spawn(("", -1), self._run())

    async def forget(self, places: set[Place], *, grace_sec: float) -> None:
        await self._desk.window.forget(places, grace_sec=grace_sec)
        kept: list[_Prepared] = []
        while not self._waiting.empty():
            prepared = self._waiting.get_nowait()
            if place_of(prepared[0]) not in places:
                kept.append(prepared)
        for prepared in kept:
            self._waiting.put_nowait(prepared)

    async def before_commit(self) -> None:
        """Nothing is kept beside the offsets."""

    async def tick(self, ours: Collection[Place] = (), behind: Collection[Place] = ()) -> None:
        """Nothing happens by time alone."""

    async def last_words(self) -> None:
        """All was said with the results."""

    async def _run(self) -> None:
        while True:
            batch = [await self._waiting.get()]
            if self._waiting.qsize() + 1 < self._largest:
                await asyncio.sleep(self._gather_sec)
            while len(batch) < self._largest and not self._waiting.empty():
                batch.append(self._waiting.get_nowait())
            await self._write(batch)

    async def _write(self, batch: Sequence[_Prepared]) -> None:
        rows = [row for _, row in batch]
        where = f"{len(batch)} messages from {about(batch[0][0])}"
        try:
            await self._desk.patience.wait_for(partial(self._stage.write, rows), about=where)
        except SetAside as error:
            if len(batch) > 1:
                log.warning("%s cannot be written together (%s): one by one", where, error)
                for prepared in batch:
                    await self._write((prepared,))
                return
            message = batch[0][0]
            letter = self._desk.dead_letters.letter(message, error, attempts=1, refused=True)
            await self._desk.bury(letter, message)
        else:
            self._desk.dead_letters.good(result=True)
        for message, _ in batch:
            self._desk.finish(message)

    def _prepared(self, message: Incoming) -> Any:  # noqa: ANN401  (a row is whatever the stage makes it)
        try:
            return self._stage.prepare(message)
        except PlatestreamError:
            raise
        except Exception as error:  # a bug of ours, and decoding again gives the same
            raise Bug(f"{type(error).__name__}: {error}") from error

    async def _set_aside(self, message: Incoming, letter: Outgoing) -> None:
        await self._desk.bury(letter, message)
        self._desk.finish(message)
