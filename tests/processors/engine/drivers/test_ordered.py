from __future__ import annotations

import asyncio

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contracts.codec import decode
from contracts.errors import SetAside, Stop, TryAgain
from contracts.messages.dead_letter import DeadLetter
from processors.engine.drivers.ordered import OrderedDriver
from tests.processors.engine.drivers.visits import Visits
from tests.processors.engine.fakes import TOPIC, Broker, Settled, a_desk, a_message

PLACE = (TOPIC, 0)


async def test_an_open_visit_holds_the_acknowledgement_and_its_end_lets_go() -> None:
    broker, settled = Broker(), Settled()
    desk = a_desk(broker)
    driver = OrderedDriver(Visits(), desk, settled)
    for offset, text in enumerate([b"a+", b"b+", b"b-"]):
        await driver.put(a_message(offset, value=text))
    assert await desk.window.settle(within_sec=5)
    assert broker.values == [b"b 1-2"]
    assert desk.window.committable() == {PLACE: 0}

    await driver.put(a_message(3, value=b"a-"))
    assert await desk.window.settle(within_sec=5)
    await asyncio.sleep(0)
    assert desk.window.committable() == {PLACE: 4}
    await driver.before_commit()
    assert settled.offsets == {PLACE: 4}


async def test_junk_in_an_ordered_stage_is_set_aside_and_the_state_goes_on() -> None:
    broker = Broker()
    desk = a_desk(broker)
    driver = OrderedDriver(Visits(), desk, Settled())
    for offset, text in enumerate([b"a+", b"junk", b"a-"]):
        await driver.put(a_message(offset, value=text))
    assert await desk.window.settle(within_sec=5)
    assert broker.values == [b"a 0-2"]
    assert len(broker.dead) == 1


async def test_what_a_result_waits_for_is_waited_for_without_taking_the_message_twice() -> None:
    broker = Broker(away=2)
    desk = a_desk(broker)
    stage = Visits(errors=[TryAgain("evidence store", "away")] * 3)
    driver = OrderedDriver(stage, desk, Settled())
    await driver.put(a_message(0, value=b"a+"))
    await driver.put(a_message(1, value=b"a-"))
    assert await desk.window.settle(within_sec=5)
    assert broker.values == [b"a 0-1"]


async def test_a_result_that_cannot_be_made_is_kept_as_it_stands_and_counted() -> None:
    broker = Broker()
    desk = a_desk(broker)
    driver = OrderedDriver(Visits(errors=[SetAside("the picture is no JPEG")]), desk, Settled())
    for offset, text in enumerate([b"a+", b"a-", b"b+", b"b-"]):
        await driver.put(a_message(offset, value=text))
    assert await desk.window.settle(within_sec=5)
    (letter,) = [decode(DeadLetter, each.value) for each in broker.dead]
    assert (letter.value, letter.key, letter.result_for) == (b"a 0-1", b"gate", "out")
    assert (letter.position.offset, letter.reason) == (1, "the picture is no JPEG")
    assert broker.values == [b"b 2-3"]
    assert desk.measures.set_aside_count == 1


async def test_a_result_over_which_a_dependency_fails_is_kept_with_how_often_it_was_tried() -> None:
    broker = Broker()
    desk = a_desk(broker)
    fails = TryAgain("triton", "model characters: out of memory", most_tries=8)
    driver = OrderedDriver(Visits(errors=[fails] * 8), desk, Settled())
    for offset, text in enumerate([b"a+", b"a-", b"b+", b"b-"]):
        await driver.put(a_message(offset, value=text))
    assert await desk.window.settle(within_sec=5)
    (letter,) = [decode(DeadLetter, each.value) for each in broker.dead]
    assert (letter.error, letter.attempts, letter.value) == ("GivenUp", 8, b"a 0-1")
    assert broker.values == [b"b 2-3"]


async def test_a_result_of_silence_that_the_broker_refuses_is_kept_too() -> None:
    broker = Broker(refused=frozenset({b"closed by silence"}))
    desk = a_desk(broker)
    driver = OrderedDriver(Visits(at_next_tick=("closed by silence",)), desk, Settled())
    await driver.put(a_message(7, value=b"a+"))
    assert await desk.window.settle(within_sec=5)
    await driver.tick({PLACE})
    await asyncio.sleep(0.05)
    letter = decode(DeadLetter, broker.dead[0].value)
    assert (letter.value, letter.result_for) == (b"closed by silence", "out")
    assert (letter.position.topic, letter.position.offset) == (TOPIC, 7)
    assert desk.measures.set_aside_count == 1


async def test_what_came_while_a_result_waited_is_taken_before_silence_is_thought_of() -> None:
    broker = Broker(away=20)
    desk = a_desk(broker)
    stage = Visits(at_next_tick=("closed by silence",))
    driver = OrderedDriver(stage, desk, Settled())
    for offset, text in enumerate([b"a+", b"a-"]):
        await driver.put(a_message(offset, value=text))
    for _ in range(10):  # until its result waits
        await asyncio.sleep(0)
    assert 0 < broker.away < 20
    await driver.tick({PLACE})
    await driver.put(a_message(2, value=b"b+"))
    assert await desk.window.settle(within_sec=5)
    assert broker.values == [b"a 0-1"]
    await driver.tick({PLACE})
    await asyncio.sleep(0.05)
    assert broker.values == [b"a 0-1", b"closed by silence"]


async def test_results_that_fail_one_after_the_other_stop_the_stage_though_messages_are_good() -> None:
    desk = a_desk(Broker(), longest_run=2)
    driver = OrderedDriver(Visits(errors=[SetAside("no store") for _ in range(9)]), desk, Settled())
    for offset, text in enumerate([b"a+", b"a-", b"b+", b"b-", b"c+", b"c-"]):
        await driver.put(a_message(offset, value=text))
    with pytest.raises(Stop, match="2 results in a row"):
        await asyncio.wait_for(desk.window.failed, 5)


async def test_a_lost_partition_is_told_to_the_stage() -> None:
    desk = a_desk(Broker())
    stage = Visits()
    driver = OrderedDriver(stage, desk, Settled())
    await driver.put(a_message(0, value=b"a+"))
    assert await desk.window.settle(within_sec=5)
    await driver.forget({PLACE}, grace_sec=0.0)
    assert stage.open == {}
    assert desk.window.committable() == {}


visits = st.lists(st.tuples(st.sampled_from("abcdef"), st.sampled_from("+-")), min_size=1, max_size=60)


@settings(max_examples=60, deadline=None)
@given(log=visits, lives=st.lists(st.tuples(st.integers(1, 60), st.booleans()), max_size=4))
def test_killed_anywhere_each_visit_is_told_and_never_as_another_one(
    log: list[tuple[str, str]], lives: list[tuple[int, bool]]
) -> None:
    """After a kill the state is rebuilt from what was not acknowledged: every result of an undisturbed run
    comes, and no other, however visits overlap the place where the reading begins again."""
    texts = [f"{name}{sign}".encode() for name, sign in log]
    undisturbed = asyncio.run(_lives(texts, []))
    disturbed = asyncio.run(_lives(texts, lives))
    assert set(disturbed) == set(undisturbed)


async def _lives(texts: list[bytes], lives: list[tuple[int, bool]]) -> list[bytes]:
    broker, settled = Broker(), Settled()
    committed = 0
    for count, commits in [*lives, (len(texts), True)]:
        desk = a_desk(broker)
        driver = OrderedDriver(Visits(), desk, settled)
        for offset in range(committed, min(len(texts), committed + count)):
            await driver.put(a_message(offset, value=texts[offset]))
        assert await desk.window.settle(within_sec=5)
        await asyncio.sleep(0)
        if commits:
            offsets = desk.window.committable()
            await driver.before_commit()
            committed = offsets.get(PLACE, committed)
        await driver.forget({PLACE}, grace_sec=0.0)
    return broker.values
