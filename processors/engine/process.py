"""The life of a stage's process: open, read until told to stop, put down what is in hand, leave."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import signal
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

import faust

from contracts.errors import Stop, TryAgain
from processors.engine.app import Subscription, lag, make_app
from processors.engine.dead_letters import DeadLetters
from processors.engine.delivery import KafkaDelivery
from processors.engine.desk import Desk, Driver
from processors.engine.health import Health, Pages, serve
from processors.engine.measures import Measures
from processors.engine.patience import Patience
from processors.engine.window import Window

log = logging.getLogger(__name__)

_TICK_SEC = 1.0
_PUT_DOWN_SEC = 8.0


@dataclass(frozen=True, kw_only=True)
class Worker:
    """One stage as a process. `drive` makes the driver once the loop runs; `before_commit` comes from it."""

    stage: str
    subscription: Subscription
    drive: Callable[[Desk], Awaitable[Driver]]
    health: str | None = None
    in_flight: int = 16
    linger_ms: int = 0
    stuck_after_sec: float = 120.0
    close: list[Callable[[], Awaitable[None]]] = field(default_factory=list)


async def run(worker: Worker) -> None:
    """Run until SIGTERM or SIGINT.

    Raises:
        Stop: the installation is wrong, or the stage gave up (its sentence says why).
    """
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    await run_until(worker, stop)


async def run_until(worker: Worker, stop: asyncio.Event) -> None:
    """Run until `stop` is set."""
    measures = Measures(worker.stage)
    window = Window(worker.in_flight)
    delivery = KafkaDelivery(worker.subscription.kafka, linger_ms=worker.linger_ms)
    desk = Desk(
        window=window,
        patience=Patience(worker.stage, measures),
        delivery=delivery,
        dead_letters=DeadLetters(worker.stage, measures),
        measures=measures,
    )
    try:
        async with _health_page(worker, desk) as show:
            if not await _or_stopped(_opened(worker, desk), stop):
                return
            driver = await worker.drive(desk)
            app = make_app(worker.subscription, driver, window)
            show(app)
            await _read(worker, app, driver, window, stop)
    finally:
        await delivery.close()
        for close in reversed(worker.close):
            await close()


async def _read(worker: Worker, app: faust.App, driver: Driver, window: Window, stop: asyncio.Event) -> None:
    ticking = asyncio.create_task(_tick(driver, window))
    stopped = asyncio.create_task(stop.wait())
    try:
        await app.start()
        log.info("%s reads %s", worker.stage, ", ".join(worker.subscription.topics))
        ended = asyncio.create_task(app.wait_until_stopped())
        ends: set[asyncio.Future[Any]] = {stopped, ended, window.failed, ticking}
        await asyncio.wait(ends, return_when=asyncio.FIRST_COMPLETED)
        if stop.is_set() and not window.failed.done():
            await _put_down(app, window)
    finally:
        for task in (ticking, stopped):
            task.cancel()
        await driver.forget(set(window.places), grace_sec=0.0)
        await app.stop()
    if window.failed.done():
        window.failed.result()
    if not stop.is_set():
        raise Stop(f"{worker.stage}: Faust ended by itself: {app.crash_reason!r}")


async def _put_down(app: faust.App, window: Window) -> None:
    app.consumer.stop_flow()
    app.flow_control.suspend()
    if not await window.settle(within_sec=_PUT_DOWN_SEC):
        log.warning("%d messages are left for the next worker", window.in_flight)
    await app.consumer.commit()


async def _tick(driver: Driver, window: Window) -> None:
    while not window.failed.done():
        await asyncio.sleep(_TICK_SEC)
        await driver.tick()


async def _opened(worker: Worker, desk: Desk) -> None:
    """Wait for the broker and for the topics, so that Faust starts on firm ground."""

    async def topics_are_there() -> None:
        missing = await desk.delivery.missing(worker.subscription.topics)
        if missing:
            raise TryAgain("kafka", f"topic {missing[0]} does not exist yet", retry_after_sec=1.0)

    await desk.patience.wait_for(topics_are_there, about="its start")


async def _or_stopped(work: Awaitable[None], stop: asyncio.Event) -> bool:
    """Await the work; False when the stop came first."""
    working = asyncio.ensure_future(work)
    stopped = asyncio.create_task(stop.wait())
    await asyncio.wait({working, stopped}, return_when=asyncio.FIRST_COMPLETED)
    stopped.cancel()
    if working.done():
        working.result()
        return True
    working.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await working
    return False


@contextlib.asynccontextmanager
async def _health_page(worker: Worker, desk: Desk) -> AsyncIterator[Callable[[faust.App], None]]:
    reading: list[faust.App] = []

    def health() -> Health:
        oldest_sec = desk.window.oldest_unfinished_sec
        waiting = desk.measures.waiting_for
        status = "ok" if desk.window.places else "starting"
        if waiting:
            status = "waiting"
        elif oldest_sec > worker.stuck_after_sec:
            status = "stuck"
        return Health(
            stage=worker.stage,
            status=status,
            in_flight=desk.window.in_flight,
            lag=lag(reading[0], desk.window) if reading else 0,
            oldest_unacknowledged_sec=round(oldest_sec, 3),
            waiting_for=waiting,
            partitions=len(desk.window.places),
            done=desk.measures.done_count,
            set_aside=desk.measures.set_aside_count,
        )

    def metrics() -> bytes:
        return desk.measures.page(
            in_flight=desk.window.in_flight, oldest_sec=desk.window.oldest_unfinished_sec
        )

    runner = await serve(worker.health, Pages(health, metrics)) if worker.health else None
    try:
        yield reading.append
    finally:
        if runner is not None:
            await runner.cleanup()
