"""Blocking work of C libraries -> real threads, so that one request never holds up all the others.

Under gevent every request is a greenlet of one thread. Calls that wait inside C or Rust (Kafka, the
object store, picture decoding, password hashing) would stop them all.

What runs in such a thread takes no lock that gevent has replaced: none of `threading`, and so no logging.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol, TypeVar

import gevent
from gevent import monkey

Result = TypeVar("Result")


class Lock(Protocol):
    """What `with` needs of a lock."""

    def __enter__(self) -> bool: ...

    def __exit__(self, *_: object) -> None: ...


def real_lock() -> Lock:
    """A lock between real threads, also after gevent has put its own in the place of `threading.Lock`."""
    lock: Lock = monkey.get_original("threading", "Lock")()
    return lock


def in_thread(work: Callable[[], Result]) -> Result:
    """Runs `work` in gevent's pool of real threads; this greenlet waits, the others go on."""
    results: list[Result] = []

    def guarded() -> Exception | None:
        try:
            results.append(work())
        except Exception as error:  # noqa: BLE001 raised again below; gevent would print it to the log first
            return error
        return None

    error: Exception | None = gevent.get_hub().threadpool.apply(guarded)
    if error is not None:
        raise error
    return results[0]
