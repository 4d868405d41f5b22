"""Blocking work of C libraries -> real threads, so that one request never holds up all the others.

Under gevent every request is a greenlet of one thread. Calls that wait inside C or Rust (Kafka, the
object store, picture decoding, password hashing) would stop them all.

What runs in such a thread takes no lock that gevent has replaced: none of `threading`, and so no logging.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol, TypeVar
from weakref import WeakKeyDictionary

import gevent
from gevent import monkey
from gevent.threadpool import ThreadPool

from contracts.errors import TryAgain

Result = TypeVar("Result")


class Lock(Protocol):
    """What `with` needs of a lock."""

    def __enter__(self) -> bool: ...

    def __exit__(self, *_: object) -> None: ...


def real_lock() -> Lock:
    """A lock between real threads, also after gevent has put its own in the place of `threading.Lock`."""
    lock: Lock = monkey.get_original("threading", "Lock")()
    return lock


class Busy(TryAgain):
    """As much already waits for these threads as may."""


class Threads:
    """A pool of its own for one kind of work, so that slow work of one kind holds up no other kind.

    `most` counts what runs and what waits: more is refused at once, before it fills the memory.
    """

    def __init__(self, name: str, *, count: int, most: int) -> None:
        self._name = name
        self._count = count
        self._most = most
        self._inside = 0
        self._pools: WeakKeyDictionary[object, ThreadPool] = WeakKeyDictionary()

    def run(self, work: Callable[[], Result]) -> Result:
        """Runs `work` in one of the threads; this greenlet waits, the others go on.

        Raises:
            Busy: too much waits already.
        """
        if self._inside >= self._most:
            raise Busy(self._name, "too much of it waits already")
        self._inside += 1
        try:
            return _run(self._pool(), work)
        finally:
            self._inside -= 1

    def _pool(self) -> ThreadPool:
        # A pool belongs to its hub, which is made anew in every process that gunicorn forks.
        hub = gevent.get_hub()
        if hub not in self._pools:
            self._pools[hub] = ThreadPool(self._count, hub=hub)
        return self._pools[hub]


def in_thread(work: Callable[[], Result]) -> Result:
    """Runs quick work in gevent's common pool; slow work has `Threads` of its own."""
    return _run(gevent.get_hub().threadpool, work)


def _run(pool: ThreadPool, work: Callable[[], Result]) -> Result:
    results: list[Result] = []

    def guarded() -> Exception | None:
        try:
            results.append(work())
        except Exception as error:  # noqa: BLE001 raised again below; gevent would print it to the log first
            return error
        return None

    error: Exception | None = pool.apply(guarded)
    if error is not None:
        raise error
    return results[0]
