"""The life of a process: open, read until told to stop, put down what is in hand, leave.

A process runs one worker, or a few that share their edges; each has a window and a consumer group of its own.
"""

from __future__ import annotations

import asyncio
import logging
import sys
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any

import faust
from aiokafka.errors import KafkaError

from contracts.errors import TryAgain
from processors.engine.app import assigned, behind, commit, keep_up, lag, make_app, read_no_more
from processors.engine.dead_letters import DeadLetters
from processors.engine.delivery import KafkaDelivery
from processors.engine.drivers.desk import Desk, Driver
from processors.engine.ending import as_it_ended, status_of, told_by_signal, unless
from processors.engine.health import Health, Pages, health_of, serve
from processors.engine.leaving import Close, Leaving, close_all
from processors.engine.measures import Measures
from processors.engine.patience import Patience
from processors.engine.reading.kafka_log import KafkaLog
from processors.engine.reading.standstill import LOOK_EVERY_SEC, Standstill, assigned_to, watch
from processors.engine.reading.subscription import Subscription
from processors.engine.reading.truncation import Truncation
from processors.engine.window import Window

log = logging.getLogger(__name__)

_TICK_SEC = 1.0
_PUT_DOWN_SEC = 8.0
_GIVE_UP_SEC = 4.0
_LEAVE_SEC = 6.0
"""For all that Kafka has to be told at the end: one that is away must not hold up the end, since whatever it
was not told is done again by the next worker."""


@dataclass(frozen=True, kw_only=True)
class Worker:
    """A stage and what it reads. `drive` makes its driver once the loop runs."""

    stage: str
    subscription: Subscription
    drive: Callable[[Desk], Awaitable[Driver]]
    measures: Measures
    in_flight: int = 16
    standstill_sec: float = LOOK_EVERY_SEC
    """Who reads nothing for two of these although messages wait is at a standstill."""


async def run(
    workers: Sequence[Worker],
    *,
    health: str | None = None,
    close: Sequence[Close] = (),
    stop: asyncio.Event | None = None,
) -> None:
    """Run until SIGTERM, SIGINT or `stop`, or until one of the workers ends by itself, which sets `stop` for
    the others; then close the edges in the order given.

    Raises:
        Stop: the installation is wrong, or a stage gave up (its sentence says why).
        TryAgain: Kafka went away as a worker started; a process that is started anew waits for it.
    """
    told = stop or told_by_signal()
    running = [_Running(worker, told) for worker in workers]
    pages = Pages(
        health=lambda: [one.health() for one in running],
        metrics=lambda: b"".join(one.metrics() for one in running),
    )
    server = await serve(health, pages) if health else None
    try:
        await _until_all_ended(running, told)
    finally:
        last = close if server is None else (*close, server.cleanup)
        is_late = any(one.is_late for one in running)
        await close_all(last, status=status_of(sys.exception()), is_late=is_late)


async def _until_all_ended(running: Sequence[_Running], told: asyncio.Event) -> None:
    """Raises what the first that failed ended with: the others put down what they have in hand."""
    failures: list[BaseException] = []

    async def go(one: _Running) -> None:
        try:
            await one.run()
        except (Exception, asyncio.CancelledError) as error:  # noqa: BLE001 (raised below, once all have ended)
            failures.append(error)
        finally:
            told.set()

    async with asyncio.TaskGroup() as group:
        for one in running:
            group.create_task(go(one))
    for further in failures[1:]:
        log.error("one more worker failed: %r", further)
    if failures:
        raise failures[0]


class _Running:
    """One worker at work."""

    def __init__(self, worker: Worker, stop: asyncio.Event) -> None:
        self._worker = worker
        self._stop = stop
        self._window = Window(worker.in_flight, worked_sec=worker.measures.worked_sec)
        self._delivery = KafkaDelivery(worker.subscription.kafka)
        self._desk = Desk(
            window=self._window,
            log=KafkaLog(worker.subscription),
            patience=Patience(worker.stage, worker.measures),
            delivery=self._delivery,
            dead_letters=DeadLetters(worker.stage, worker.measures),
            measures=worker.measures,
        )
        self._app: faust.App | None = None
        self._leaving = Leaving(worker.stage, within_sec=_LEAVE_SEC)
        self._letting_go = Leaving(worker.stage, within_sec=_GIVE_UP_SEC)

    async def run(self) -> None:
        try:
            driver = await unless(self._stop, self._made_ready())
            if driver is None:
                return
            self._app = make_app(self._worker.subscription, driver, self._window, self._worker.measures)
            await self._read(self._app, driver)
        finally:
            await self._leaving.whatever(self._delivery.close(), "what was under way was not delivered")

    @property
    def is_late(self) -> bool:
        """Whether Kafka did not hear all that it was to be told, or work did not end."""
        return self._leaving.is_late or self._letting_go.is_late

    def health(self) -> Health:
        return health_of(self._worker.stage, self._window, self._worker.measures, lag=self._lag)

    def metrics(self) -> bytes:
        window = self._window
        return self._worker.measures.page(
            in_flight=window.in_flight, oldest_sec=window.oldest_unacknowledged_sec, lag=self._lag
        )

    @property
    def _lag(self) -> int | None:
        return lag(self._app, self._window) if self._app is not None else None

    async def _read(self, app: faust.App, driver: Driver) -> None:
        stage, stopped = self._worker.stage, asyncio.create_task(self._stop.wait())
        beside = [asyncio.create_task(each) for each in (self._tick(app, driver), keep_up(app, self._window))]
        try:
            if await unless(self._stop, self._started(app)) is None:
                return
            log.info("%s reads %s", stage, ", ".join(self._worker.subscription.topics))
            beside.append(asyncio.create_task(self._watch(app)))
            ended = asyncio.create_task(app.wait_until_stopped())
            ends: set[asyncio.Future[Any]] = {stopped, ended, self._window.failed, *beside}
            await asyncio.wait(ends, return_when=asyncio.FIRST_COMPLETED)
            was_told = self._stop.is_set()
            self._stop.set()  # the others need not wait until this one has left
            if self._window.failed.done():
                await self._keep_the_finished(app)
            elif was_told:
                await self._put_down(app, driver)
        finally:
            read_no_more(app)
            for task in (*beside, stopped):
                task.cancel()
            held = {*self._window.places, *assigned(app)}
            forgotten = driver.forget(held, grace_sec=0.0)
            await self._letting_go.whatever(forgotten, "what was in work did not end")
            await self._leaving.whatever(app.stop(), "Kafka was not told that this worker leaves")
        for task in beside:
            if task.done() and not task.cancelled():
                task.result()
        if self._window.failed.done():
            self._window.failed.result()
        if not was_told:
            raise as_it_ended(stage, app.crash_reason)

    async def _started(self, app: faust.App) -> faust.App:
        try:
            await app.start()
        except (KafkaError, OSError) as error:
            raise TryAgain("kafka", f"it went away as {self._worker.stage} started: {error!r}") from error
        return app

    async def _keep_the_finished(self, app: faust.App) -> None:
        """What a stage finished before it gave up: the next worker must not set it aside once more."""
        read_no_more(app)
        await self._window.settle(within_sec=_GIVE_UP_SEC, though_failed=True)
        try:
            await self._leaving.in_time(commit(app.consumer), "offsets were not committed")
        except (KafkaError, OSError) as error:
            log.warning("%s: offsets were not committed: %r", self._worker.stage, error)

    async def _put_down(self, app: faust.App, driver: Driver) -> None:
        read_no_more(app)
        if not await self._window.settle(within_sec=_PUT_DOWN_SEC):
            left = self._window.in_flight
            log.warning("%s: %d messages are left for the next worker", self._worker.stage, left)
        await self._leaving.in_time(commit(app.consumer), "offsets were not committed")
        await self._leaving.in_time(driver.last_words(), "its last reports were not sent")

    async def _tick(self, app: faust.App, driver: Driver) -> None:
        while True:
            await asyncio.sleep(_TICK_SEC)
            await driver.tick(assigned(app), behind(app, self._window))

    async def _watch(self, app: faust.App) -> None:
        standstill = Standstill(
            self._window,
            self._desk.log,
            ours=lambda: assigned_to(app),
            rebalances=lambda: app.rebalancing_count,
            is_stuck=lambda: self.health().stuck,
        )
        truncation = Truncation(self._window, self._desk.log)
        await watch(standstill, truncation, self._worker.stage, app, every_sec=self._worker.standstill_sec)

    async def _made_ready(self) -> Driver:
        """Wait for the broker, for the topics, and for whatever the stage needs before its first message."""

        async def topics_are_there() -> None:
            missing = await self._delivery.missing(self._worker.subscription.topics)
            if missing:
                raise TryAgain("kafka", f"topic {missing[0]} does not exist yet", retry_after_sec=1.0)

        await self._desk.patience.wait_for(topics_are_there, about="its start")
        return await self._worker.drive(self._desk)
