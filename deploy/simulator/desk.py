"""A call in, a ruling or a broken answer out: key, share, purse, form, faults, record, in that order."""

from __future__ import annotations

import hmac
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date

from contracts.plate_number import normalise
from deploy.simulator.accounts import Account
from deploy.simulator.faults import Course, Fault, Profile, course_of
from deploy.simulator.outcome import Ruling, Verdict
from deploy.simulator.records import find, is_well_formed


@dataclass(frozen=True, kw_only=True)
class Rules:
    """How this registry behaves. `owners_masked` false is the dear contract that shows names in full."""

    key: str = field(repr=False)
    profile: Profile = Profile.CLEAN
    seed: int = 20260101
    reference_date: date = date(2026, 1, 1)
    owners_masked: bool = True
    per_minute: int = 1200
    credits: int | None = None
    latency_scale: float = 1.0


@dataclass(frozen=True)
class Judged:
    """`course.fault` says how the ruling's text is to be broken, if at all."""

    ruling: Ruling
    course: Course


_RULED_BY_FAULT = {
    Fault.SERVER_ERROR: Verdict.SERVER_ERROR,
    Fault.MAINTENANCE: Verdict.MAINTENANCE,
    Fault.UNAUTHORIZED: Verdict.UNAUTHORIZED,
    Fault.QUOTA: Verdict.QUOTA,
    Fault.NOT_FOUND: Verdict.NOT_FOUND,
}
_RETRY_AFTER_OF_MAGIC_SEC = 2


class Desk:
    """One registry with one customer."""

    def __init__(self, rules: Rules, *, clock: Callable[[], float]) -> None:
        self._rules = rules
        self._clock = clock
        self.account = Account(per_minute=rules.per_minute, credits_left=rules.credits)
        self._calls: Counter[str] = Counter()
        self.answered: Counter[str] = Counter()

    def knows(self, key: str) -> bool:
        return hmac.compare_digest(key.encode(), self._rules.key.encode())

    def judge(self, registration: str, *, key: str) -> Judged:
        asked = normalise(registration)
        self._calls[asked] += 1
        course = course_of(
            asked,
            call=self._calls[asked],
            profile=self._rules.profile,
            seed=self._rules.seed,
            minute=int(self._clock() // 60),
            latency_scale=self._rules.latency_scale,
        )
        ruling = self._ruling(asked, key, course.fault)
        self.answered[ruling.verdict.value] += 1
        return Judged(ruling, course)

    def _ruling(self, asked: str, key: str, fault: Fault) -> Ruling:
        refusal = self._refusal(key, fault)
        if refusal is not None:
            return refusal
        if not is_well_formed(asked):
            return Ruling(Verdict.INVALID)
        if fault in _RULED_BY_FAULT:
            return Ruling(_RULED_BY_FAULT[fault])
        self.account.charge()
        return self._found(asked, fault)

    def _refusal(self, key: str, fault: Fault) -> Ruling | None:
        """Why this caller gets no answer now, whatever was asked."""
        if not self.knows(key):
            return Ruling(Verdict.UNAUTHORIZED)
        wait_sec = self.account.admit(self._clock())
        if wait_sec:
            return Ruling(Verdict.RATE_LIMITED, retry_after_sec=wait_sec)
        if fault is Fault.RATE_LIMITED:
            return Ruling(Verdict.RATE_LIMITED, retry_after_sec=_RETRY_AFTER_OF_MAGIC_SEC)
        return Ruling(Verdict.QUOTA) if self.account.is_empty else None

    def _found(self, asked: str, fault: Fault) -> Ruling:
        entry = find(asked, seed=self._rules.seed, reference_date=self._rules.reference_date)
        if entry is None:
            return Ruling(Verdict.NOT_FOUND)
        masked = self._rules.owners_masked
        return Ruling(
            Verdict.FOUND,
            asked="HJ99XX9999" if fault is Fault.OTHER_NUMBER else asked,
            entry=entry,
            masked=masked,
            masked_flag=not masked if fault is Fault.MASK_DISAGREES else masked,
            all_null=fault is Fault.ALL_NULL,
        )
