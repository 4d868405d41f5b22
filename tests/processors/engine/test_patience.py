from __future__ import annotations

import asyncio
import logging

import pytest

from contracts.errors import SetAside, Stop, TryAgain
from processors.engine.measures import Measures
from processors.engine.patience import Bug, GivenUp, Patience, Pauses

QUICK = Pauses(first_sec=0.0, longest_sec=0.0)


class Flaky:
    """Raises what it is given, one after the other, then answers."""

    def __init__(self, *errors: Exception) -> None:
        self.errors = list(errors)

    async def __call__(self) -> str:
        if self.errors:
            raise self.errors.pop(0)
        return "answer"


async def test_a_dependency_that_is_away_is_waited_for_and_named_once(
    caplog: pytest.LogCaptureFixture,
) -> None:
    measures = Measures("test")
    patience = Patience("test", measures, pauses=QUICK)
    call = Flaky(*(TryAgain("triton", "connection refused") for _ in range(50)))
    with caplog.at_level(logging.WARNING):
        assert await patience.wait_for(call, about="frames[0]@1") == "answer"
    assert [record.message for record in caplog.records] == [
        "test waits for triton (connection refused), first met at frames[0]@1"
    ]
    assert measures.waiting_for == {}


async def test_the_end_of_an_outage_is_told_once_for_all_that_waited(
    caplog: pytest.LogCaptureFixture,
) -> None:
    patience = Patience("test", Measures("test"), pauses=QUICK)
    with caplog.at_level(logging.INFO):
        await patience.wait_for(Flaky(), about="frames[0]@0")
        calls = [Flaky(*[TryAgain("triton", "connection refused")] * count) for count in (3, 9, 6)]
        await asyncio.gather(*(patience.wait_for(call, about="frames[0]@1") for call in calls))
        await patience.wait_for(Flaky(), about="frames[0]@4")
    assert [(record.levelname, record.message) for record in caplog.records] == [
        ("WARNING", "test waits for triton (connection refused), first met at frames[0]@1"),
        ("INFO", "test goes on: triton answers again"),
    ]


async def test_a_message_that_is_given_up_does_not_end_the_outage(caplog: pytest.LogCaptureFixture) -> None:
    patience = Patience("test", Measures("test"), pauses=QUICK)
    with caplog.at_level(logging.INFO), pytest.raises(GivenUp):
        await patience.wait_for(Flaky(*[FAILS] * 8), about="x")
    assert [record.levelname for record in caplog.records] == ["WARNING"]


async def test_what_is_waited_for_can_be_seen_while_it_lasts() -> None:
    measures = Measures("test")
    slept = asyncio.Event()

    async def sleep(_sec: float) -> None:
        slept.set()
        await asyncio.sleep(1000)

    patience = Patience("test", measures, sleep=sleep)
    waiting = asyncio.create_task(patience.wait_for(Flaky(TryAgain("kafka", "away")), about="x"))
    await slept.wait()
    assert measures.waiting_for == {"kafka": 1}
    waiting.cancel()
    await asyncio.gather(waiting, return_exceptions=True)
    assert measures.waiting_for == {}


async def test_a_bug_is_tried_a_few_times_and_then_set_aside_with_its_cause() -> None:
    patience = Patience("test", Measures("test"), pauses=QUICK)
    assert await patience.wait_for(Flaky(KeyError("once")), about="x") == "answer"
    with pytest.raises(Bug, match="KeyError") as caught:
        await patience.wait_for(Flaky(*(KeyError("always") for _ in range(9))), about="x")
    assert caught.value.tries == QUICK.tries_of_a_bug
    assert isinstance(caught.value.__cause__, KeyError)


FAILS = TryAgain("triton", "model plate: out of memory", most_tries=8)
AWAY = TryAgain("triton", "connection refused")


async def test_what_may_be_a_fault_of_the_message_is_tried_as_often_as_it_says() -> None:
    patience = Patience("test", Measures("test"), pauses=QUICK)
    assert await patience.wait_for(Flaky(*[FAILS] * 7), about="x") == "answer"
    assert await patience.wait_for(Flaky(*[AWAY] * 50, *[FAILS, AWAY] * 7), about="x") == "answer"
    with pytest.raises(GivenUp, match=r"^8 times: triton: model plate: out of memory$") as caught:
        await patience.wait_for(Flaky(*[FAILS, AWAY] * 8), about="x")
    assert caught.value.tries == 8


async def test_what_may_be_met_often_does_not_use_up_the_tries_of_what_may_be_met_seldom() -> None:
    patience = Patience("test", Measures("test"), pauses=QUICK)
    often = TryAgain("triton", "model plate: out of memory; no answer from b:1", most_tries=240)
    assert await patience.wait_for(Flaky(*[often] * 239, *[FAILS] * 7), about="x") == "answer"
    with pytest.raises(GivenUp, match=r"^20 times: triton: model plate: out of memory$") as caught:
        await patience.wait_for(Flaky(*[often] * 12, *[FAILS] * 8), about="x")
    assert caught.value.tries == 20
    with pytest.raises(GivenUp, match=r"^240 times: "):
        await patience.wait_for(Flaky(*[often] * 240), about="x")


async def test_a_message_that_fails_does_not_use_up_the_tries_of_those_beside_it() -> None:
    measures = Measures("test")
    patience = Patience("test", measures, pauses=QUICK)
    calls = [Flaky(*[FAILS] * count) for count in (7, 20, 7, 7)]
    results = await asyncio.gather(
        *(patience.wait_for(call, about="x") for call in calls), return_exceptions=True
    )
    assert [isinstance(result, GivenUp) for result in results] == [False, True, False, False]
    assert measures.waiting_for == {}


@pytest.mark.parametrize("error", [SetAside("bad input"), Stop("bad set-up")])
async def test_what_waiting_cannot_mend_goes_through_at_once(error: Exception) -> None:
    with pytest.raises(type(error)):
        await Patience("test", Measures("test")).wait_for(Flaky(error), about="x")


def test_pauses_grow_to_their_bound_and_never_beyond() -> None:
    pauses = Pauses(first_sec=0.2, factor=2.0, longest_sec=15.0)
    assert 0.1 <= pauses.sec(0) <= 0.2
    assert all(7.5 <= pauses.sec(tries) <= 15.0 for tries in (8, 100, 10_000))
