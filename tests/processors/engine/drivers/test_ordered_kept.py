"""State that an ordered stage keeps beside the log goes out with what it belongs to."""

from __future__ import annotations

import asyncio

import pytest

from processors.engine.drivers.ordered import OrderedDriver
from processors.engine.stage import Outgoing
from tests.processors.engine.drivers.visits import Visits
from tests.processors.engine.fakes import TOPIC, Broker, Settled, a_desk, a_message

PLACE = (TOPIC, 0)


def state(value: bytes) -> tuple[Outgoing, ...]:
    return (Outgoing(topic="state", key=b"gate", value=value),)


async def test_what_is_to_be_kept_is_sent_after_the_results_and_before_the_acknowledgement() -> None:
    broker, stage = Broker(away=0), Visits()
    desk = a_desk(broker)
    driver = OrderedDriver(stage, desk, Settled())
    await driver.put(a_message(0, value=b"a+"))
    assert await desk.window.settle(within_sec=5)
    stage.kept = state(b"a is gone")
    broker.away = 2
    await driver.put(a_message(1, value=b"a-"))
    assert await desk.window.settle(within_sec=5)

    assert broker.values == [b"a 0-1", b"a is gone"]
    assert broker.away == 0


async def test_what_silence_changes_is_kept_too() -> None:
    broker, stage = Broker(), Visits()
    desk = a_desk(broker)
    driver = OrderedDriver(stage, desk, Settled())
    await driver.put(a_message(0, value=b"a+"))
    assert await desk.window.settle(within_sec=5)
    stage.kept = state(b"a is there")
    await driver.tick({PLACE})
    await asyncio.sleep(0.05)

    assert broker.values == [b"a is there"]


async def test_a_partition_on_which_nothing_comes_goes_on_with_what_was_kept_of_it() -> None:
    broker, stage = Broker(), Visits(at_next_tick=("closed by silence",))
    desk = a_desk(broker)
    driver = OrderedDriver(stage, desk, Settled({PLACE: 7}))
    await driver.tick({PLACE})
    await asyncio.sleep(0.05)
    assert broker.values == [b"closed by silence"]
    assert desk.window.committable() == {}

    for offset, text in enumerate([b"a+", b"b+", b"b-", b"a-"], start=5):
        await driver.put(a_message(offset, value=text))
        await driver.tick({PLACE})
    assert await desk.window.settle(within_sec=5)
    assert broker.values[1:] == [b"b 6-7", b"a 5-8"]
    assert desk.window.committable() == {PLACE: 9}


async def test_a_partition_that_was_given_back_is_not_gone_on_with() -> None:
    broker, stage = Broker(), Visits()
    driver = OrderedDriver(stage, a_desk(broker), Settled())
    await driver.tick({PLACE})
    await driver.forget({PLACE}, grace_sec=1.0)
    stage.at_next_tick = ("closed by silence",)
    await driver.tick(())
    await asyncio.sleep(0.05)
    assert broker.values == []


async def test_state_that_is_refused_is_told_and_holds_nothing_up(caplog: pytest.LogCaptureFixture) -> None:
    broker, stage = Broker(refused=frozenset({b"too much"})), Visits()
    desk = a_desk(broker)
    driver = OrderedDriver(stage, desk, Settled())
    stage.kept = state(b"too much")
    await driver.put(a_message(0, value=b"a+"))
    await driver.put(a_message(1, value=b"a-"))
    assert await desk.window.settle(within_sec=5)

    assert broker.values == [b"a 0-1"]
    assert "was refused" in caplog.text
    page = desk.measures.page(in_flight=0, oldest_sec=0.0, lag=0).decode()
    (counted,) = [line for line in page.splitlines() if line.startswith("platestream_state_refused_total{")]
    assert counted.endswith("} 1.0")
    assert broker.dead == []
