"""A number that fails while others are answered is given up, and only after it failed so by itself."""

from __future__ import annotations

import pytest

from contracts.errors import TryAgain
from processors.registry.answers import Answer
from processors.registry.inquiries import Inquiries, InquiryRules
from tests.processors.registry_fakes import (
    DOWN,
    NUMBER,
    HandClock,
    ListedRegistry,
    OpenDesk,
    a_found_answer,
)

HOUR_SEC = 3600.0


class FailsForSome:
    """Is down for some numbers and answers the others."""

    provider = "fails for some"

    def __init__(self, *numbers: str) -> None:
        self.numbers = set(numbers)

    async def ask(self, registration: str) -> Answer:
        return DOWN if registration in self.numbers else a_found_answer()


async def fails_between_others(desk: Inquiries, number: str, *, round_number: int) -> None:
    """Another number is answered, this one is not and is waited for."""
    assert (await desk.look_up(f"KA01AB{round_number:04d}", patience_sec=1)).status == "found"
    with pytest.raises(TryAgain):
        await desk.look_up(number, patience_sec=1)


async def test_a_number_that_fails_alone_is_given_up_after_some_rounds(open_desk: OpenDesk) -> None:
    desk = open_desk(FailsForSome(NUMBER))
    told = []
    for others in range(8):
        try:
            told.append((await desk.look_up(NUMBER, patience_sec=1)).status)
            break
        except TryAgain:
            assert (await desk.look_up(f"KA01AB{others:04d}", patience_sec=1)).status == "found"

    assert told == ["unavailable"]
    assert others >= 3
    assert desk.known(NUMBER) is None


async def test_while_nobody_is_answered_no_number_is_given_up(open_desk: OpenDesk) -> None:
    clock = HandClock()
    desk = open_desk(ListedRegistry(DOWN), clock=clock)
    for _ in range(20):
        clock.now += 1000.0
        with pytest.raises(TryAgain):
            await desk.look_up(NUMBER, patience_sec=1)


async def test_what_failed_in_former_outages_is_forgotten_with_the_answer(open_desk: OpenDesk) -> None:
    clock, registry = HandClock(), FailsForSome()
    desk = open_desk(registry, rules=InquiryRules(first_pause_sec=0.001, found_good_for_sec=1.0), clock=clock)
    for outage in range(6):
        clock.now += HOUR_SEC
        registry.numbers = {NUMBER}
        await fails_between_others(desk, NUMBER, round_number=outage)
        registry.numbers = set()
        assert (await desk.look_up(NUMBER, patience_sec=1)).status == "found"


async def test_what_failed_on_another_day_and_was_answered_elsewhere_does_not_count(
    open_desk: OpenDesk,
) -> None:
    clock = HandClock()
    desk = open_desk(FailsForSome(NUMBER), clock=clock)
    for day in range(6):
        clock.now += 25 * HOUR_SEC
        await fails_between_others(desk, NUMBER, round_number=day)


async def test_what_failed_is_kept_of_so_many_numbers_at_most(open_desk: OpenDesk) -> None:
    others = ("MH12CD0001", "MH12CD0002")
    desk = open_desk(FailsForSome(NUMBER, *others), rules=InquiryRules(first_pause_sec=0.001, remembered=2))
    for round_number, number in enumerate((*[NUMBER] * 3, *others, NUMBER)):
        await fails_between_others(desk, number, round_number=round_number)
