"""How a process is told to end, and that it does."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import signal
import threading
from collections.abc import Awaitable
from typing import TypeVar

from aiokafka.errors import KafkaError

from contracts.errors import PlatestreamError, Stop, TryAgain

LAST_SEC = 2.0

Result = TypeVar("Result")


def told_by_signal() -> asyncio.Event:
    """Set by SIGTERM and SIGINT."""
    told = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, told.set)
    return told


def as_it_ended(stage: str, reason: BaseException | None) -> Exception:
    """What a worker ends with whose Faust has ended by itself: a bug of ours as it is, so that nobody thinks
    that it meant to stop; what came over Kafka as a stop."""
    if isinstance(reason, Exception) and not isinstance(reason, KafkaError):
        return reason
    return Stop(f"{stage}: Faust ended by itself: {reason!r}")


async def unless(told: asyncio.Event, work: Awaitable[Result]) -> Result | None:
    """What the work gives; None when the end was told first, also where it fails at that moment."""
    working = asyncio.ensure_future(work)
    stopped = asyncio.create_task(told.wait())
    try:
        await asyncio.wait({working, stopped}, return_when=asyncio.FIRST_COMPLETED)
        if working.done() and not told.is_set():
            return working.result()
    finally:
        stopped.cancel()
        working.cancel()
    # What goes wrong as it is broken off is no reason to end with an error.
    with contextlib.suppress(asyncio.CancelledError, PlatestreamError):
        return await working
    return None


def status_of(error: BaseException | None) -> int:
    """With which a process ends: 2 when the installation is wrong, 75 (`EX_TEMPFAIL` of sysexits.h) when
    nothing is and it only has to be started again, 1 after a fault of ours."""
    match error:
        case None:
            return 0
        case Stop():
            return 2
        case TryAgain():
            return os.EX_TEMPFAIL
    return 1


def end_for_certain(status: int, *, within_sec: float = LAST_SEC) -> threading.Timer:
    """Threads and tasks of a client whose broker is silent would hold up the interpreter for a minute. What
    is given can be cancelled."""

    def end() -> None:
        logging.shutdown()
        os._exit(status)

    last = threading.Timer(within_sec, end)
    last.daemon = True
    last.start()
    return last
