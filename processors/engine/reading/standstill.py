"""Notices a worker to which no messages come although some wait for it, or none of one partition, or that has
one in work for ever, so that another one takes its place.

A Kafka client that went through a dying broker and a rebalance at once may keep its membership by heartbeats
and never read again. Who supervises the process starts it anew; nothing is lost by that, since nothing was
acknowledged.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Collection, Mapping
from typing import Any

import faust

from contracts.errors import Stop, TryAgain
from processors.engine.reading.kafka_log import ANSWER_WITHIN_SEC, Log
from processors.engine.reading.truncation import Truncation
from processors.engine.window import Place, Window

log = logging.getLogger(__name__)

LOOK_EVERY_SEC = 30.0


_PASSED_BY = 20_000
"""Of one other partition. aiokafka hands over what it has fetched of a partition, a mebibyte at most, before
it goes on to the next: some thousands of the smallest messages, and twice that between two turns of one."""


class Standstill:
    """`look()` again and again: two looks in a row at the same waiting messages, none begun: it stands still.
    So does a partition whose messages wait while many thousands of another one are begun.

    `ours` gives the partitions that this worker reads; None while that is being decided, when all count.
    `rebalances`: how often that has begun; one that begins between two looks makes the later one the first.
    `is_stuck`: nothing becomes of the oldest message in work, and not for a dependency that is away.
    """

    def __init__(
        self,
        window: Window,
        kafka_log: Log,
        *,
        ours: Callable[[], Collection[Place] | None],
        rebalances: Callable[[], int],
        is_stuck: Callable[[], bool],
    ) -> None:
        self._window = window
        self._log = kafka_log
        self._ours = ours
        self._rebalances = rebalances
        self._rebalance = rebalances()
        self._is_stuck = is_stuck
        self._begun: int | None = None
        self._waiting: set[Place] = set()
        self._waited: dict[Place, tuple[int | None, Mapping[Place, int]]] = {}
        """Of each partition in which messages wait: its next offset, and how many of each had been begun."""

    async def look(self) -> set[Place]:
        """The partitions in which it stands still."""
        if self._is_stuck():
            return set(self._window.unfinished)
        begun, busy = self._window.begun, self._window.unfinished
        before, rebalance = self._rebalance, self._rebalances()
        waiting = await self._with_messages()
        left_out = self._left_out(waiting.difference(busy))
        if busy or begun != self._begun:
            self._begun, self._waiting = begun, set()
            return left_out
        is_one_wait = self._window.begun == begun and before == rebalance == self._rebalances()
        still = waiting & self._waiting if is_one_wait else set()
        self._waiting, self._rebalance = waiting, rebalance
        return still

    def _left_out(self, waiting: set[Place]) -> set[Place]:
        """Partitions that too many messages of another one have passed by."""
        begun, next_offsets = self._window.begun_of, self._window.next_offsets
        before, self._waited = self._waited, {}
        for place in waiting:
            at, since = before.get(place, (None, begun))
            now_at = next_offsets.get(place)
            self._waited[place] = (now_at, since if at == now_at else begun)
        return {
            place
            for place, (_, since) in self._waited.items()
            if any(begun[other] - since.get(other, 0) >= _PASSED_BY for other in begun)
        }

    async def _with_messages(self) -> set[Place]:
        try:
            spans = await asyncio.wait_for(self._log.spans(), ANSWER_WITHIN_SEC)
        except (TryAgain, TimeoutError):
            return set()  # Kafka says nothing at all: that is another matter
        ours = self._ours()
        next_offsets = self._window.next_offsets
        return {
            place
            for place, (position, end) in spans.items()
            if (ours is None or place in ours) and max(position, next_offsets.get(place, 0)) < end
        }


async def watch(
    standstill: Standstill, truncation: Truncation, stage: str, app: faust.App, *, every_sec: float
) -> None:
    """Look until there is a standstill, or a log that went back.

    Raises:
        Stop: there is one. What every task waited for at a standstill is in our log lines before.
    """
    while True:
        await asyncio.sleep(every_sec)
        gone = await truncation.look()
        if gone:
            raise Stop(f"{stage}: {'; '.join(map(str, gone))}")
        still = await standstill.look()
        if still:
            log.error("%s: tasks at the standstill:\n%s", stage, _tasks(app))
            places = ", ".join(f"{topic}[{partition}]" for topic, partition in sorted(still))
            raise Stop(f"{stage}: messages wait in {places} and nothing becomes of them any more")


def assigned_to(app: faust.App) -> Collection[Place] | None:
    """The partitions that Kafka gave to this app; None in the middle of a rebalance."""
    if app.rebalancing:
        return None
    return {(place.topic, place.partition) for place in app.consumer.assignment()}


def _tasks(app: faust.App) -> str:
    """Where each task of both loops waits: that of the stage, and that of Faust's consumer thread."""
    thread: Any = getattr(app.consumer, "_thread", None)
    loops = [asyncio.get_running_loop(), getattr(thread, "thread_loop", None)]
    return "\n".join(_waits(task) for loop in loops if loop is not None for task in asyncio.all_tasks(loop))


def _waits(task: asyncio.Task[Any]) -> str:
    """From the task's coroutine down to what it awaits; `get_stack` knows only the first of them."""
    calls: list[str] = []
    awaited: Any = task.get_coro()
    while awaited is not None:
        frame = getattr(awaited, "cr_frame", None) or getattr(awaited, "gi_frame", None)
        if frame is not None:
            calls.append(f"{awaited.__qualname__}:{frame.f_lineno}")
        awaited = getattr(awaited, "cr_await", None) or getattr(awaited, "gi_yieldfrom", None)
    return " > ".join(calls)
