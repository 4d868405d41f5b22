"""A number is asked once, within bounds, and owners leave sealed."""

from __future__ import annotations

import asyncio
import logging
from collections import Counter

import msgspec
import pytest

from contracts.errors import TryAgain
from contracts.messages.personal import PersonalData
from processors.registry.answers import Answer, Outcome
from processors.registry.inquiries import InquiryRules
from tests.processors.registry_fakes import (
    DOWN,
    NUMBER,
    OWNER,
    RULES,
    HandClock,
    ListedRegistry,
    OpenDesk,
    a_found_answer,
    a_sealer,
)

MALFORMED = Answer(outcome=Outcome.MALFORMED, reason="the answer is about another number")


async def test_an_answer_leaves_with_its_owner_masked_and_everything_personal_sealed(
    open_desk: OpenDesk,
) -> None:
    desk = open_desk(ListedRegistry(a_found_answer()))
    answer = await desk.look_up(NUMBER, patience_sec=1)
    assert (answer.status, answer.simulated, answer.owner_masked) == ("found", True, "A*H* U*A*A*A*")
    assert answer.personal is not None
    opened = a_sealer().open(answer.personal.token, registration=NUMBER)
    assert msgspec.json.decode(opened, type=PersonalData).owner == OWNER
    assert OWNER.encode() not in msgspec.json.encode(answer)
    assert b"1000000001" not in msgspec.json.encode(answer)


@pytest.mark.parametrize(
    ("outcome", "status"),
    [(Outcome.NOT_FOUND, "not-found"), (Outcome.INVALID_INPUT, "invalid"), (Outcome.FOUND, "found")],
)
async def test_a_settled_answer_is_remembered(open_desk: OpenDesk, outcome: Outcome, status: str) -> None:
    registry = ListedRegistry(Answer(outcome=outcome))
    desk = open_desk(registry)
    first = await desk.look_up(NUMBER, patience_sec=1)
    assert first.status == status
    assert await desk.look_up(NUMBER, patience_sec=1) == first == desk.known(NUMBER)
    assert registry.asked == [NUMBER]


async def test_not_found_is_forgotten_sooner_than_found(open_desk: OpenDesk) -> None:
    clock = HandClock()
    registry = ListedRegistry(Answer(outcome=Outcome.NOT_FOUND), a_found_answer())
    desk = open_desk(registry, clock=clock)
    await desk.look_up(NUMBER, patience_sec=1)
    clock.now = RULES.not_found_good_for_sec + 1
    assert (await desk.look_up(NUMBER, patience_sec=1)).status == "found"
    clock.now += RULES.not_found_good_for_sec + 1
    assert desk.known(NUMBER) is not None
    clock.now += RULES.found_good_for_sec
    assert desk.known(NUMBER) is None


async def test_many_who_want_the_same_number_ask_once(open_desk: OpenDesk) -> None:
    registry = ListedRegistry(a_found_answer(), delay_sec=0.02)
    desk = open_desk(registry)
    answers = await asyncio.gather(*(desk.look_up(NUMBER, patience_sec=1) for _ in range(20)))
    assert registry.asked == [NUMBER]
    assert len({answer.asked_at for answer in answers}) == 1


async def test_a_passing_fault_is_tried_again(open_desk: OpenDesk) -> None:
    registry = ListedRegistry(DOWN, MALFORMED, a_found_answer())
    assert (await open_desk(registry).look_up(NUMBER, patience_sec=1)).status == "found"
    assert len(registry.asked) == 3


async def test_a_registry_that_stays_down_is_away_and_soon_not_asked_any_more(open_desk: OpenDesk) -> None:
    registry = ListedRegistry(DOWN)
    desk = open_desk(registry)
    for number in range(10):
        with pytest.raises(TryAgain, match="registry") as away:
            await desk.look_up(f"MH12AB{number:04d}", patience_sec=1)
    assert len(registry.asked) == 5
    assert 0 < (away.value.retry_after_sec or 0) <= 5


async def test_after_its_pause_one_question_shows_whether_it_is_back(open_desk: OpenDesk) -> None:
    clock = HandClock()
    registry = ListedRegistry(*[DOWN] * 5, a_found_answer(), delay_sec=0.01)
    desk = open_desk(registry, clock=clock)
    for number in range(4):
        with pytest.raises(TryAgain):
            await desk.look_up(f"MH12AB{number:04d}", patience_sec=1)
    clock.now = 6.0
    results = await asyncio.gather(
        *(desk.look_up(f"MH12AC{number:04d}", patience_sec=1) for number in range(1, 9)),
        return_exceptions=True,
    )
    assert Counter(type(result).__name__ for result in results) == {"RegistryAnswer": 1, "TryAgain": 7}
    assert (await desk.look_up("MH12AD0001", patience_sec=1)).status == "found"


async def test_told_to_wait_it_waits_as_long_as_told(open_desk: OpenDesk) -> None:
    clock = HandClock()
    limited = Answer(outcome=Outcome.RATE_LIMITED, reason="429", retry_after_sec=30.0)
    registry = ListedRegistry(limited, a_found_answer())
    desk = open_desk(registry, clock=clock)
    for now in (0.0, 29.0):
        clock.now = now
        with pytest.raises(TryAgain) as away:
            await desk.look_up(NUMBER, patience_sec=1)
    assert away.value.retry_after_sec == 1.0
    assert len(registry.asked) == 1
    clock.now = 30.0
    assert (await desk.look_up(NUMBER, patience_sec=1)).status == "found"


@pytest.mark.parametrize("outcome", [Outcome.QUOTA, Outcome.MISCONFIGURED])
async def test_a_refused_key_or_an_empty_purse_is_said_once_and_asking_pauses(
    open_desk: OpenDesk, outcome: Outcome, caplog: pytest.LogCaptureFixture
) -> None:
    registry = ListedRegistry(Answer(outcome=outcome, reason="refused"))
    desk = open_desk(registry)
    with caplog.at_level(logging.ERROR):
        for _ in range(3):
            with pytest.raises(TryAgain):
                await desk.look_up(NUMBER, patience_sec=1)
    assert len(registry.asked) == len(caplog.records) == 1


async def test_nonsense_on_every_try_is_unavailable_and_not_remembered(open_desk: OpenDesk) -> None:
    registry = ListedRegistry(MALFORMED)
    desk = open_desk(registry)
    answer = await desk.look_up(NUMBER, patience_sec=1)
    assert (answer.status, answer.reason) == ("unavailable", MALFORMED.reason)
    assert desk.known(NUMBER) is None


async def test_when_patience_ends_first_the_answer_is_kept_for_the_next_asker(open_desk: OpenDesk) -> None:
    registry = ListedRegistry(a_found_answer(), delay_sec=0.05)
    desk = open_desk(registry)
    with pytest.raises(TryAgain, match=r"no answer within 0\.01 s"):
        await desk.look_up(NUMBER, patience_sec=0.01)
    assert (await desk.look_up(NUMBER, patience_sec=1)).status == "found"
    assert len(registry.asked) == 1


async def test_an_asker_that_is_cancelled_does_not_take_the_question_from_the_others(
    open_desk: OpenDesk,
) -> None:
    registry = ListedRegistry(a_found_answer(), delay_sec=0.03)
    desk = open_desk(registry)
    first = asyncio.create_task(desk.look_up(NUMBER, patience_sec=1))
    second = asyncio.create_task(desk.look_up(NUMBER, patience_sec=1))
    await asyncio.sleep(0.005)
    first.cancel()
    assert (await second).status == "found"
    assert len(registry.asked) == 1


async def test_the_budget_of_a_minute_is_kept(open_desk: OpenDesk) -> None:
    registry = ListedRegistry(a_found_answer())
    desk = open_desk(registry, rules=InquiryRules(per_minute=3))
    results = await asyncio.gather(
        *(desk.look_up(f"MH12AB000{number}", patience_sec=0.05) for number in range(1, 7)),
        return_exceptions=True,
    )
    assert Counter(type(result).__name__ for result in results) == {"RegistryAnswer": 3, "TryAgain": 3}
    assert len(registry.asked) == 3


async def test_only_so_many_questions_are_on_their_way_at_once(open_desk: OpenDesk) -> None:
    registry = ListedRegistry(a_found_answer(), delay_sec=0.02)
    desk = open_desk(registry, rules=InquiryRules(at_once=3))
    numbers = [f"MH12AB{number:04d}" for number in range(1, 10)]
    await asyncio.gather(*(desk.look_up(number, patience_sec=1) for number in numbers))
    assert registry.most_at_once == 3
    assert sorted(registry.asked) == numbers


async def test_every_answer_is_counted_by_its_outcome(open_desk: OpenDesk) -> None:
    counted: Counter[tuple[str, str]] = Counter()
    desk = open_desk(
        ListedRegistry(DOWN, a_found_answer()),
        count=lambda provider, outcome: counted.update([(provider, outcome)]),
    )
    await desk.look_up(NUMBER, patience_sec=1)
    assert counted == {("listed", "upstream-down"): 1, ("listed", "found"): 1}


async def test_nothing_of_the_plate_or_its_owner_is_logged(
    open_desk: OpenDesk, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG):
        await open_desk(ListedRegistry(DOWN, a_found_answer())).look_up(NUMBER, patience_sec=1)
        with pytest.raises(TryAgain):
            await open_desk(ListedRegistry(DOWN)).look_up(NUMBER, patience_sec=1)
    said = " ".join(str(record.__dict__) for record in caplog.records)
    assert NUMBER not in said
    assert "UDAHARAN" not in said
    assert OWNER not in repr(a_found_answer())
