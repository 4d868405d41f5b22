"""Driver of an `IndependentStage`: many messages at a time, the results of one key in log order."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Collection, Sequence
from datetime import UTC, datetime
from typing import Protocol, runtime_checkable

from contracts.errors import SetAside, TryAgain
from processors.engine.drivers.desk import Desk, place_of
from processors.engine.stage import Incoming, IndependentStage, Outgoing
from processors.engine.window import Place

log = logging.getLogger(__name__)


@runtime_checkable
class Reporting(Protocol):
    """A stage that also has something to say from time to time, whatever arrives."""

    def report(self, now: datetime, *, last: bool = False) -> Sequence[Outgoing]:
        """Called about once a second, before messages are acknowledged, and a `last` time when no more will
        come. What would be lost with the messages of which it tells must be told at once."""


class IndependentDriver:
    """One task a message; tasks of one key wait for each other only before they send."""

    def __init__(self, stage: IndependentStage, desk: Desk) -> None:
        self._stage = stage
        self._desk = desk
        self._last_of_key: dict[tuple[Place, bytes | None], asyncio.Event] = {}
        self._untold: Sequence[Outgoing] = ()
        self._telling = asyncio.Lock()

    async def put(self, message: Incoming) -> None:
        place = place_of(message)
        if not await self._desk.window.enter(place, message.position.offset):
            return
        key = (place, message.key)
        before, sent = self._last_of_key.get(key), asyncio.Event()
        self._last_of_key[key] = sent
        self._desk.window.spawn(place, self._work(message, before, sent))

    async def forget(self, places: set[Place], *, grace_sec: float) -> None:
        await self._desk.window.forget(places, grace_sec=grace_sec)
        for key in [key for key in self._last_of_key if key[0] in places]:
            del self._last_of_key[key]

    async def before_commit(self) -> None:
        """A report may be all that becomes of a message: who is killed has told it, or it is read again."""
        self._ask_for_reports()
        await self._tell()

    async def tick(self, ours: Collection[Place] = (), behind: Collection[Place] = ()) -> None:  # noqa: ARG002
        self._ask_for_reports()
        await self._desk.patience.wait_for(self._tell, about="its own reports")

    async def last_words(self) -> None:
        self._ask_for_reports(last=True)
        try:
            await self._tell()
        except TryAgain as error:
            log.warning("the last reports were not sent: %s", error)

    def _ask_for_reports(self, *, last: bool = False) -> None:
        """Beside those that wait for Kafka, for whoever tells them next."""
        if isinstance(self._stage, Reporting):
            self._untold = (*self._untold, *self._stage.report(datetime.now(UTC), last=last))

    async def _tell(self) -> None:
        async with self._telling:
            telling = self._untold
            if not telling:
                return
            try:
                await self._desk.delivery.send(telling)
            except SetAside:
                await self._tell_one_by_one(telling)
            else:
                self._untold = self._untold[len(telling) :]

    async def _tell_one_by_one(self, telling: Sequence[Outgoing]) -> None:
        """One of them is refused for good, and would be each time: the others are told without it."""
        for report in telling:
            try:
                await self._desk.delivery.send((report,))
            except SetAside as error:
                self._desk.measures.report_refused()
                log.warning("a report for %s was refused: %s", report.topic, error)
            self._untold = self._untold[1:]

    async def _work(self, message: Incoming, before: asyncio.Event | None, sent: asyncio.Event) -> None:
        results = await self._desk.attempt(message, lambda: self._stage.handle(message))
        if before is not None:
            await before.wait()
        await self._desk.deliver(results, message)
        self._desk.finish(message)
        sent.set()
        key = (place_of(message), message.key)
        if self._last_of_key.get(key) is sent:
            del self._last_of_key[key]
