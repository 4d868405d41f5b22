from __future__ import annotations

import asyncio
import random
from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contracts.codec import decode
from contracts.errors import SetAside, Stop, TryAgain
from contracts.messages.dead_letter import DeadLetter
from processors.engine.drivers.independent import IndependentDriver
from processors.engine.stage import Incoming, Outgoing
from tests.processors.engine.fakes import TOPIC, Broker, a_desk, a_message

PLACE = (TOPIC, 0)


class Copy:
    """Copies a message after `pauses` turns of the loop; `errors` are raised first, by offset."""

    def __init__(
        self, pauses: list[int] | None = None, errors: dict[int, list[Exception]] | None = None
    ) -> None:
        self.pauses = pauses or [0]
        self.errors = errors or {}

    async def handle(self, message: Incoming) -> Sequence[Outgoing]:
        offset = message.position.offset
        for _ in range(self.pauses[offset % len(self.pauses)]):
            await asyncio.sleep(0)
        if self.errors.get(offset):
            raise self.errors[offset].pop(0)
        return (Outgoing(topic="out", key=message.key, value=message.value or b""),)


@settings(max_examples=30, deadline=None)
@given(pauses=st.lists(st.integers(0, 6), min_size=1, max_size=20), seed=st.integers(0, 1000))
def test_results_of_one_key_come_in_log_order_however_long_each_takes(pauses: list[int], seed: int) -> None:
    async def run() -> None:
        broker, chance = Broker(away=seed % 3), random.Random(seed)
        desk = a_desk(broker, limit=6)
        driver = IndependentDriver(Copy(pauses), desk)
        keys = [chance.choice([b"gate", b"yard", b"lane"]) for _ in range(30)]
        for offset, key in enumerate(keys):
            await driver.put(a_message(offset, key=key))
        assert await desk.window.settle(within_sec=5)
        for key in set(keys):
            sent = [int(message.value) for message in broker.sent if message.key == key]
            assert sent == [offset for offset, of in enumerate(keys) if of == key]
        assert desk.window.committable() == {PLACE: 30}

    asyncio.run(run())


async def test_nothing_is_acknowledged_before_its_result_is_delivered() -> None:
    broker = Broker(away=10**9)
    desk = a_desk(broker)
    driver = IndependentDriver(Copy(), desk)
    await driver.put(a_message(4))
    await asyncio.sleep(0.05)
    assert desk.window.committable() == {PLACE: 4}
    assert desk.measures.waiting_for == {"kafka": 1}
    broker.away = 0
    assert await desk.window.settle(within_sec=5)
    assert desk.window.committable() == {PLACE: 5}


async def test_a_message_that_cannot_be_processed_is_kept_with_its_reason_and_the_next_goes_on() -> None:
    broker = Broker()
    desk = a_desk(broker)
    driver = IndependentDriver(Copy(errors={1: [SetAside("no JPEG")]}), desk)
    for offset in range(3):
        await driver.put(a_message(offset, value=b"bytes %d" % offset))
    assert await desk.window.settle(within_sec=5)
    assert broker.values == [b"bytes 0", b"bytes 2"]
    assert broker.dead[0].topic == f"{TOPIC}.dead"
    letter = decode(DeadLetter, broker.dead[0].value)
    assert (letter.value, letter.key, letter.position.offset) == (b"bytes 1", b"gate", 1)
    assert (letter.error, letter.reason, letter.stage) == ("SetAside", "no JPEG", "test")
    assert desk.window.committable() == {PLACE: 3}


async def test_a_bug_for_one_message_ends_as_its_dead_letter_with_the_trace() -> None:
    broker = Broker()
    desk = a_desk(broker)
    driver = IndependentDriver(Copy(errors={0: [KeyError("plate")] * 9}), desk)
    await driver.put(a_message(0))
    await driver.put(a_message(1))
    assert await desk.window.settle(within_sec=5)
    letter = decode(DeadLetter, broker.dead[0].value)
    assert (letter.error, letter.attempts) == ("Bug", 3)
    assert "KeyError: 'plate'" in letter.reason
    assert broker.values == [b"1"]


async def test_a_message_over_which_its_dependency_fails_becomes_a_dead_letter_with_its_reason() -> None:
    broker = Broker()
    desk = a_desk(broker)
    fails = TryAgain("triton", "model plate on here:8001: out of memory", most_tries=8)
    driver = IndependentDriver(Copy(errors={0: [fails] * 20}), desk)
    await driver.put(a_message(0))
    await driver.put(a_message(1))
    assert await desk.window.settle(within_sec=5)
    letter = decode(DeadLetter, broker.dead[0].value)
    assert (letter.error, letter.attempts, letter.value) == ("GivenUp", 8, b"0")
    assert letter.reason == "8 times: triton: model plate on here:8001: out of memory"
    assert broker.values == [b"1"]


async def test_a_result_that_the_broker_refuses_becomes_the_dead_letter_of_its_message() -> None:
    broker = Broker(refused=frozenset({b"0"}))
    desk = a_desk(broker)
    driver = IndependentDriver(Copy(), desk)
    await driver.put(a_message(0))
    assert await desk.window.settle(within_sec=5)
    assert decode(DeadLetter, broker.dead[0].value).value == b"0"


async def test_a_long_run_of_dead_letters_stops_the_stage_and_keeps_the_rest() -> None:
    desk = a_desk(Broker(), limit=1, longest_run=5)
    errors: dict[int, list[Exception]] = {offset: [SetAside("changed contract")] for offset in range(20)}
    driver = IndependentDriver(Copy(errors=errors), desk)

    async def feed() -> None:
        for offset in range(20):
            await driver.put(a_message(offset))

    feeding = asyncio.create_task(feed())
    with pytest.raises(Stop, match="5 messages in a row"):
        await asyncio.wait_for(desk.window.failed, 5)
    feeding.cancel()
    assert desk.window.committable() == {PLACE: 5}


async def test_a_partition_that_moves_away_while_its_dependency_is_away_lets_go_at_once() -> None:
    desk = a_desk(Broker())
    errors: dict[int, list[Exception]] = {0: [TryAgain("triton", "away", retry_after_sec=1000)] * 9}
    driver = IndependentDriver(Copy(errors=errors), desk)
    await driver.put(a_message(0))
    await driver.put(a_message(1))
    await asyncio.sleep(0.01)
    await driver.forget({PLACE}, grace_sec=0.0)
    assert desk.window.in_flight == 0
    assert desk.window.committable() == {}
    assert desk.measures.waiting_for == {}
