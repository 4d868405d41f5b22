"""A registry that answers from a list, and a clock that is moved by hand."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable, Sequence

from contracts.messages.enriched import RegistryAnswer, VehicleRecord
from contracts.messages.personal import PersonalData
from contracts.sealing import Sealer
from processors.registry.answers import Answer, Outcome
from processors.registry.inquiries import Inquiries, InquiryRules
from tests.contracts.builders import a_registry_answer

KEY = os.urandom(32)
OWNER = "ASHA UDAHARAN"
NUMBER = "MH12AB1234"
DOWN = Answer(outcome=Outcome.UPSTREAM_DOWN, reason="HTTP 503")
RULES = InquiryRules(first_pause_sec=0.001, tries=3)

OpenDesk = Callable[..., Inquiries]


def a_found_answer(owner: str = OWNER) -> Answer:
    return Answer(
        outcome=Outcome.FOUND,
        simulated=True,
        vehicle=VehicleRecord(make="TATA MOTORS LTD"),
        personal=PersonalData(owner=owner, mobile="1000000001", chassis="SIM1"),
    )


def a_sealer() -> Sealer:
    return Sealer(KEY)


class ListedRegistry:
    """Gives the answers of a list in order, the last one for ever. `delay_sec` passes before each."""

    provider = "listed"

    def __init__(self, *answers: Answer, delay_sec: float = 0.0) -> None:
        self._answers = list(answers)
        self._delay_sec = delay_sec
        self._on_their_way = 0
        self.most_at_once = 0
        self.asked: list[str] = []

    async def ask(self, registration: str) -> Answer:
        self.asked.append(registration)
        self._on_their_way += 1
        self.most_at_once = max(self.most_at_once, self._on_their_way)
        await asyncio.sleep(self._delay_sec)
        self._on_their_way -= 1
        return self._answers.pop(0) if len(self._answers) > 1 else self._answers[0]


class HandClock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


class ListedDesk:
    """What the stages ask: answers, or errors to raise, in order."""

    provider = "listed"

    def __init__(self, *results: RegistryAnswer | Exception, known: RegistryAnswer | None = None) -> None:
        self._results: Sequence[RegistryAnswer | Exception] = results or (a_registry_answer(),)
        self._known = known
        self.asked: list[tuple[str, float]] = []

    def known(self, registration: str) -> RegistryAnswer | None:
        return self._known

    async def look_up(self, registration: str, *, patience_sec: float) -> RegistryAnswer:
        self.asked.append((registration, patience_sec))
        result = self._results[min(len(self.asked), len(self._results)) - 1]
        if isinstance(result, Exception):
            raise result
        return result
