"""Work that goes on beside the requests for as long as the process lives, and its last sign of life."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable

import gevent

log = logging.getLogger(__name__)

SILENT_AFTER_SEC = 60.0


class Pulse:
    """When each work in the background last showed that it goes on. Nobody is missed before a first beat."""

    def __init__(self, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._beats: dict[str, float] = {}

    def beat(self, name: str) -> None:
        """The work of this name goes on."""
        self._beats[name] = self._clock()

    def silent(self) -> list[str]:
        """Which have shown nothing for a minute."""
        now = self._clock()
        return [name for name, at in self._beats.items() if now - at > SILENT_AFTER_SEC]


def keep_on(
    name: str,
    work: Callable[[], None],
    *,
    pulse: Pulse,
    pause_sec: float,
    sleep: Callable[[float], None] = gevent.sleep,
) -> None:
    """Does `work` again and again. Returns only by what is no `Exception`: the end of its greenlet."""
    while True:
        pulse.beat(name)
        try:
            work()
        except Exception:
            # Nobody would start this again: a mistake that nobody thought of must not end it for good.
            log.exception("%s: broke off, goes on in %.0f s", name, pause_sec)
        sleep(pause_sec)
