"""Registration number in, the registry's answer out: asked once for all who want it, sealed, remembered.

A plate is never asked twice at the same moment, nor again while its answer is good. Retries, the budget a
minute and the breaker stand here, so that a stage only decides how long it is willing to wait.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

import msgspec
import stamina

from contracts.errors import TryAgain
from contracts.messages.enriched import RegistryAnswer, RegistryStatus, SealedPersonal
from contracts.sealing import Sealer
from processors.registry.answers import SETTLED, WORTH_REPEATING, Answer, Outcome, Registry
from processors.registry.cache import TimedCache
from processors.registry.limits import Breaker, MinuteBudget
from processors.registry.masking import masked

logger = logging.getLogger(__name__)

DEPENDENCY = "registry"
_STATUS_OF: dict[Outcome, RegistryStatus] = {
    Outcome.FOUND: "found",
    Outcome.NOT_FOUND: "not-found",
    Outcome.INVALID_INPUT: "invalid",
    Outcome.MALFORMED: "unavailable",
}
_PAUSE_WHEN_LIMITED_SEC = 20.0
_TRIAL_SEC = 60.0
_MOST_STRIKES = 4
# Who asks for a number goes on until it is answered, here or in another worker: older ones are left over.
_STRIKE_COUNTS_SEC = 24 * 3600.0
# A refused key or an empty purse is mended by a person; asking on costs them nothing but log lines.
_PAUSE_WHEN_REFUSED_SEC = 120.0

Count = Callable[[str, str], None]


@dataclass(frozen=True, kw_only=True)
class InquiryRules:
    """`at_once` questions are on their way at most; between the tries of one it pauses, longer each time."""

    per_minute: int = 600
    tries: int = 3
    at_once: int = 64
    first_pause_sec: float = 0.3
    found_good_for_sec: float = 24 * 3600.0
    not_found_good_for_sec: float = 3600.0
    remembered: int = 20_000


class _Unsettled(Exception):
    def __init__(self, answer: Answer) -> None:
        super().__init__(answer.outcome.value)
        self.answer = answer


class Inquiries:
    """Shared by everything in a process that asks the same registry."""

    def __init__(
        self,
        registry: Registry,
        sealer: Sealer,
        *,
        rules: InquiryRules | None = None,
        count: Count | None = None,
        clock: Callable[[], float] = time.monotonic,
        utc_now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._registry = registry
        self._sealer = sealer
        self._rules = rules or InquiryRules()
        self._count = count or (lambda _provider, _status: None)
        self._clock = clock
        self._utc_now = utc_now
        self._budget = MinuteBudget(self._rules.per_minute, now=clock())
        self._breaker = Breaker()
        self._at_once = asyncio.Semaphore(self._rules.at_once)
        self._known: TimedCache[RegistryAnswer] = TimedCache(most=self._rules.remembered)
        self._asking: dict[str, asyncio.Task[RegistryAnswer]] = {}
        self._settled = 0
        self._strikes: TimedCache[tuple[int, int]] = TimedCache(most=self._rules.remembered)
        """Number -> how often it failed with another's answer in between, and how many were answered then."""

    @property
    def provider(self) -> str:
        return self._registry.provider

    def known(self, registration: str) -> RegistryAnswer | None:
        """An answer that is still good, without asking."""
        return self._known.get(registration, now=self._clock())

    async def look_up(self, registration: str, *, patience_sec: float) -> RegistryAnswer:
        """The answer: found, not-found, invalid, or unavailable when only nonsense came back.

        When the patience ends first, the question goes on: its answer is remembered for the next asker.

        Raises:
            TryAgain: no answer within the patience, or the registry is known to be away.
        """
        known = self.known(registration)
        if known is not None:
            return known
        task = self._asking.get(registration)
        if task is None:
            task = asyncio.create_task(self._inquire(registration))
            self._asking[registration] = task
            task.add_done_callback(lambda done: self._ended(registration, done))
        done, _ = await asyncio.wait((task,), timeout=patience_sec)
        if not done:
            raise TryAgain(DEPENDENCY, f"no answer within {patience_sec:g} s")
        return task.result()

    async def close(self) -> None:
        """Ends every question that is still open."""
        open_tasks = list(self._asking.values())
        for task in open_tasks:
            task.cancel()
        await asyncio.gather(*open_tasks, return_exceptions=True)

    def _ended(self, registration: str, task: asyncio.Task[RegistryAnswer]) -> None:
        self._asking.pop(registration, None)
        if not task.cancelled():
            task.exception()  # looked at, so that a question nobody waits for any more ends quietly

    async def _inquire(self, registration: str) -> RegistryAnswer:
        """Asks until it is settled, the tries are used up or the breaker is open."""
        asked_at = self._utc_now()
        try:
            async for attempt in stamina.retry_context(
                on=_is_worth_repeating,
                attempts=self._rules.tries,
                timeout=None,
                wait_initial=self._rules.first_pause_sec,
                wait_jitter=self._rules.first_pause_sec,
            ):
                with attempt:
                    answer = await self._ask_once(registration)
        except _Unsettled as unsettled:
            answer = unsettled.answer
            if answer.outcome is not Outcome.MALFORMED and not self._fails_alone(registration, answer):
                raise TryAgain(
                    DEPENDENCY,
                    f"{answer.outcome.value}: {answer.reason}",
                    retry_after_sec=answer.retry_after_sec,
                ) from unsettled
        self._strikes.forget(registration)
        return self._remember(registration, self._sealed(registration, answer, asked_at))

    def _fails_alone(self, registration: str, answer: Answer) -> bool:
        """True when the registry goes on answering others and, time after time, not this number: waiting on
        would hold up all that stands behind it."""
        if answer.outcome not in WORTH_REPEATING or answer.outcome is Outcome.RATE_LIMITED:
            return False
        now = self._clock()
        strikes, settled_then = self._strikes.get(registration, now=now) or (0, -1)
        if self._settled > settled_then:
            strikes += 1
            struck = (strikes, self._settled)
            self._strikes.put(registration, struck, good_for_sec=_STRIKE_COUNTS_SEC, now=now)
        if strikes < _MOST_STRIKES:
            return False
        logger.error("registry %s answers others, and not one number: %s", self.provider, answer.reason)
        return True

    async def _ask_once(self, registration: str) -> Answer:
        async with self._at_once:
            wait_sec = self._breaker.wait_sec(self._clock(), trial_sec=_TRIAL_SEC)
            if wait_sec > 0:
                raise TryAgain(DEPENDENCY, "known to be away", retry_after_sec=wait_sec)
            await asyncio.sleep(self._budget.take(self._clock()))
            answer = await self._registry.ask(registration)
        self._count(self.provider, answer.outcome.value)
        self._learn(answer)
        if answer.outcome in SETTLED:
            return answer
        raise _Unsettled(answer)

    def _learn(self, answer: Answer) -> None:
        """What an answer says about the registry itself."""
        now = self._clock()
        if answer.outcome in SETTLED:
            self._settled += 1
            self._breaker.succeeded()
        elif answer.outcome is Outcome.RATE_LIMITED:
            self._breaker.open_for(answer.retry_after_sec or _PAUSE_WHEN_LIMITED_SEC, now)
        elif answer.outcome in WORTH_REPEATING:
            self._breaker.failed(now)
        else:
            self._breaker.open_for(answer.retry_after_sec or _PAUSE_WHEN_REFUSED_SEC, now)
            logger.error(
                "registry %s: %s (%s), asking pauses", self.provider, answer.outcome.value, answer.reason
            )

    def _sealed(self, registration: str, answer: Answer, asked_at: datetime) -> RegistryAnswer:
        """Nothing personal leaves here but sealed; the masked owner is for everybody's eyes."""
        personal = answer.personal
        sealed = None
        if personal is not None:
            token = self._sealer.seal(msgspec.json.encode(personal), registration=registration)
            sealed = SealedPersonal(key_id=self._sealer.key_id, token=token)
        return RegistryAnswer(
            status=_STATUS_OF.get(answer.outcome, "unavailable"),
            provider=self.provider,
            simulated=answer.simulated,
            asked_at=asked_at,
            reason=answer.reason,
            vehicle=answer.vehicle,
            owner_masked=masked(personal.owner) if personal is not None else None,
            personal=sealed,
        )

    def _remember(self, registration: str, answer: RegistryAnswer) -> RegistryAnswer:
        rules = self._rules
        if answer.status != "unavailable":
            good_for_sec = (
                rules.found_good_for_sec if answer.status == "found" else rules.not_found_good_for_sec
            )
            self._known.put(registration, answer, good_for_sec=good_for_sec, now=self._clock())
        return answer


def _is_worth_repeating(error: Exception) -> bool:
    return isinstance(error, _Unsettled) and error.answer.outcome in WORTH_REPEATING - {Outcome.RATE_LIMITED}
