"""Log lines for people: ours as they are, those of libraries that repeat themselves once in a while."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable

_FORMAT = "%(asctime)s %(levelname)s %(name)s: %(message)s"
# Loggers that tell every step at INFO, or what our own lines say better.
_LIBRARIES = ("faust", "mode", "aiokafka", "httpx", "httpcore", "asyncio")
# Faust's services log as the module that derives from them.
_FAUST_IN_OURS = "processors.engine.reading.consumer"
_REPEAT_AFTER_SEC = 30.0
_MOST_KINDS = 1000


class Repeats(logging.Filter):
    """While a broker is away aiokafka writes hundreds of equal lines a second: one of a kind is enough."""

    def __init__(self, *, now_sec: Callable[[], float] = time.monotonic) -> None:
        super().__init__()
        self._now_sec = now_sec
        self._lock = threading.Lock()
        self._silent_until_sec: dict[tuple[str, str], float] = {}  # the first to end stands first

    def filter(self, record: logging.LogRecord) -> bool:
        if not record.name.startswith(_LIBRARIES):
            return True
        kind = (record.name, str(record.msg))
        with self._lock:  # Faust's consumer logs in a thread of its own
            now_sec = self._now_sec()
            if now_sec < self._silent_until_sec.get(kind, 0.0):
                return False
            self._silent_until_sec.pop(kind, None)
            self._silent_until_sec[kind] = now_sec + _REPEAT_AFTER_SEC
            self._drop(now_sec)
        return True

    def _drop(self, now_sec: float) -> None:
        """What is over, and the oldest of very many: some libraries put numbers and names into the text
        itself, and each of these is a kind of its own."""
        while len(self._silent_until_sec) > _MOST_KINDS or self._first_sec <= now_sec:
            del self._silent_until_sec[next(iter(self._silent_until_sec))]

    @property
    def _first_sec(self) -> float:
        return next(iter(self._silent_until_sec.values()))


def set_up_logging() -> None:
    """Once a process, at its entry."""
    handler = logging.StreamHandler()
    handler.setFormatter(logging.Formatter(_FORMAT))
    handler.addFilter(Repeats())
    logging.basicConfig(level=logging.INFO, handlers=[handler])
    for name in (*_LIBRARIES, _FAUST_IN_OURS):
        logging.getLogger(name).setLevel(logging.WARNING)
