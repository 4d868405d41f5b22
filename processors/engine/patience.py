"""Calls that wait for their dependency: `TryAgain` is tried again without end, or as often as it says, and a
bug a few times.

Waiting is the stage's back pressure: the message keeps its place in the window, nothing is acknowledged,
and the group membership lives on heartbeats that do not depend on it. A rebalance or a stop cancels it.
"""

from __future__ import annotations

import asyncio
import logging
import random
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from typing import TypeVar

from contracts.errors import PlatestreamError, SetAside, TryAgain
from processors.engine.measures import Measures

log = logging.getLogger(__name__)

Result = TypeVar("Result")
Sleep = Callable[[float], Awaitable[None]]

_SAY_EVERY_SEC = 15.0


class GivenUp(SetAside):
    """What failed again and again for one message."""

    def __init__(self, text: str, *, tries: int = 1) -> None:
        super().__init__(text)
        self.tries = tries


class Bug(GivenUp):
    """An error that no part declared, raised again and again for one message."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Pauses:
    """Growing waits, drawn between half and the whole of a bound so that workers do not march in step."""

    first_sec: float = 0.2
    factor: float = 2.0
    longest_sec: float = 15.0
    tries_of_a_bug: int = 3

    def sec(self, tries: int) -> float:
        bound = min(self.longest_sec, self.first_sec * self.factor ** min(tries, 30))
        return bound * random.uniform(0.5, 1.0)


class Patience:
    """`wait_for(call)` for one stage: counts what is waited for and says so once a dependency, and once that
    it is over."""

    def __init__(
        self,
        stage: str,
        measures: Measures,
        *,
        pauses: Pauses | None = None,
        sleep: Sleep = asyncio.sleep,
    ) -> None:
        self._stage = stage
        self._measures = measures
        self._pauses = pauses or Pauses()
        self._sleep = sleep
        self._silent_until_sec: dict[str, float] = {}
        self._told: set[str] = set()

    async def wait_for(self, call: Callable[[], Awaitable[Result]], *, about: str) -> Result:
        """What the call gives.

        Raises:
            SetAside: from the call, as `GivenUp` after as many tries as a `TryAgain` allows, or as `Bug`
                after an undeclared error repeated itself.
            Stop: from the call.
        """
        missed: Counter[str] = Counter()
        failures: Counter[int] = Counter()
        bugs = 0
        try:
            while True:
                try:
                    result = await call()
                except TryAgain as error:
                    if error.dependency not in missed:
                        self._measures.waits_for(error.dependency)
                    missed[error.dependency] += 1
                    self._say(error, about)
                    _give_up_in_time(error, failures)
                    await self._sleep(error.retry_after_sec or self._pauses.sec(missed[error.dependency]))
                except PlatestreamError:
                    raise
                except Exception as error:  # an undeclared error is a bug of ours: it must not end the stage
                    bugs += 1
                    if bugs >= self._pauses.tries_of_a_bug:
                        raise Bug(f"{type(error).__name__}: {error}", tries=bugs) from error
                    log.exception("%s: unexpected error for %s, trying again", self._stage, about)
                    await self._sleep(self._pauses.sec(bugs))
                else:
                    self._say_over(missed)
                    return result
        finally:
            for dependency in missed:
                self._measures.waited_for(dependency)

    def _say(self, error: TryAgain, about: str) -> None:
        self._measures.missed(error.dependency)
        now_sec = time.monotonic()
        if now_sec >= self._silent_until_sec.get(error.dependency, 0.0):
            self._silent_until_sec[error.dependency] = now_sec + _SAY_EVERY_SEC
            self._told.add(error.dependency)
            log.warning(
                "%s waits for %s (%s), first met at %s", self._stage, error.dependency, error.reason, about
            )

    def _say_over(self, missed: Iterable[str]) -> None:
        """The first message that has what it waited for tells it for those beside it."""
        for dependency in self._told.intersection(missed):
            self._told.discard(dependency)
            log.info("%s goes on: %s answers again", self._stage, dependency)


def _give_up_in_time(error: TryAgain, failures: Counter[int]) -> None:
    """Counts what a message met so far by how often it may meet it: a failure that is to be waited out for
    long does not use up the few tries of another."""
    if error.most_tries is None:
        return
    failures[error.most_tries] += 1
    if failures[error.most_tries] >= error.most_tries:
        tries = failures.total()
        raise GivenUp(f"{tries} times: {error}", tries=tries) from error
