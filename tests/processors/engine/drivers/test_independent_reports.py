"""What an independent stage says from time to time: when it is told, and what becomes of what is refused."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import datetime

import pytest

from contracts.errors import TryAgain
from processors.engine.drivers.independent import IndependentDriver
from processors.engine.stage import Incoming, Outgoing
from tests.processors.engine.drivers.test_independent import Copy
from tests.processors.engine.fakes import Broker, a_desk, a_message


class Counting(Copy):
    """Tells how many messages it has had: at every tenth look only, and once at its end."""

    def __init__(self) -> None:
        super().__init__()
        self.had = 0
        self.looks = 0

    async def handle(self, message: Incoming) -> Sequence[Outgoing]:
        self.had += 1
        return ()

    def report(self, now: datetime, *, last: bool = False) -> Sequence[Outgoing]:
        self.looks += 1
        if self.looks % 10 and not last:
            return ()
        return (Outgoing(topic="counts", key=None, value=b"%d" % self.had),)


async def test_what_a_stage_has_not_told_yet_is_told_at_the_end() -> None:
    broker = Broker()
    desk = a_desk(broker)
    driver = IndependentDriver(Counting(), desk)
    for offset in range(3):
        await driver.put(a_message(offset))
    assert await desk.window.settle(within_sec=5)
    await driver.tick()
    assert broker.values == []
    await driver.last_words()
    assert broker.values == [b"3"]


async def waiting_to_tell(driver: IndependentDriver, stage: Counting) -> asyncio.Task[None]:
    """A tick whose report cannot be sent just then."""
    stage.looks = 9
    ticking = asyncio.create_task(driver.tick())
    for _ in range(10):  # until it waits
        await asyncio.sleep(0)
    return ticking


async def test_a_report_that_waited_for_kafka_goes_with_the_last_one() -> None:
    broker = Broker(away=10**9)
    driver = IndependentDriver(stage := Counting(), a_desk(broker))
    ticking = await waiting_to_tell(driver, stage)
    assert broker.away < 10**9
    ticking.cancel()
    broker.away, stage.had = 0, 5
    await driver.last_words()
    assert broker.values == [b"0", b"5"]


async def test_what_is_to_be_told_of_messages_is_told_before_they_are_acknowledged() -> None:
    broker = Broker(away=1)
    desk = a_desk(broker)
    driver = IndependentDriver(stage := Counting(), desk)
    await driver.put(a_message(0))
    assert await desk.window.settle(within_sec=5)
    stage.looks = 9
    with pytest.raises(TryAgain):  # nothing is acknowledged then
        await driver.before_commit()
    await driver.before_commit()
    assert broker.values == [b"1"]
    await driver.before_commit()
    await driver.tick()
    assert broker.values == [b"1"]


async def test_a_report_that_waits_for_kafka_holds_up_what_would_be_acknowledged() -> None:
    broker = Broker(away=10**9)
    driver = IndependentDriver(stage := Counting(), a_desk(broker))
    ticking = await waiting_to_tell(driver, stage)
    with pytest.raises(TryAgain):
        await driver.before_commit()
    broker.away, stage.looks, stage.had = 0, 9, 5
    await driver.before_commit()
    await ticking
    assert broker.values == [b"0", b"5"]


async def test_last_words_do_not_wait_for_kafka(caplog: pytest.LogCaptureFixture) -> None:
    broker = Broker(away=1)
    await IndependentDriver(Counting(), a_desk(broker)).last_words()
    assert broker.sent == []
    assert "the last reports were not sent: " in caplog.text


@pytest.mark.parametrize("way", ["tick", "before_commit", "last_words"])
async def test_a_report_that_is_refused_for_good_is_left_out_and_counted_and_the_others_are_told(
    way: str, caplog: pytest.LogCaptureFixture
) -> None:
    broker = Broker(away=10**9)
    desk = a_desk(broker)
    driver = IndependentDriver(stage := Counting(), desk)
    for stage.had in (4, 5):
        (await waiting_to_tell(driver, stage)).cancel()
    broker.away, broker.refused = 0, frozenset({b"4"})
    stage.had, stage.looks = 6, 9

    await getattr(driver, way)()

    assert broker.values == [b"5", b"6"]
    assert "a report for counts was refused" in caplog.text
    page = desk.measures.page(in_flight=0, oldest_sec=0.0, lag=0).decode()
    assert 'platestream_reports_refused_total{stage="test"} 1.0' in page
    stage.looks = 9
    await driver.tick()
    assert broker.values == [b"5", b"6", b"6"]
