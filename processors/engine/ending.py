"""How a process is told to end, and that it does."""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import threading

_LAST_SEC = 2.0


def told_by_signal() -> asyncio.Event:
    """Set by SIGTERM and SIGINT."""
    told = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, told.set)
    return told


def end_for_certain(status: int) -> None:
    """Threads and tasks of a client whose broker is silent would hold up the interpreter for a minute."""

    def end() -> None:
        logging.shutdown()
        os._exit(status)

    last = threading.Timer(_LAST_SEC, end)
    last.daemon = True
    last.start()
