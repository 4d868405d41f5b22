from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field

import pytest

from contracts.codec import decode
from contracts.errors import SetAside, Stop, TryAgain
from contracts.messages.dead_letter import DeadLetter
from processors.engine.drivers.batching import BatchDriver
from processors.engine.stage import Incoming
from tests.processors.engine.fakes import TOPIC, Broker, a_desk, a_message

PLACE = (TOPIC, 0)


@dataclass
class Table:
    """Rows are numbers; `impossible` ones cannot be written, and a batch with one is not written at all."""

    impossible: frozenset[int] = frozenset()
    away: int = 0
    batches: list[list[int]] = field(default_factory=list)

    def prepare(self, message: Incoming) -> int:
        try:
            return int(message.value or b"")
        except ValueError as error:
            raise SetAside("no number") from error

    async def write(self, rows: Sequence[int]) -> None:
        await asyncio.sleep(0)
        if self.away:
            self.away -= 1
            raise TryAgain("database", "away")
        if self.impossible & set(rows):
            raise SetAside("value out of range")
        self.batches.append(list(rows))

    @property
    def rows(self) -> list[int]:
        return [row for batch in self.batches for row in batch]


async def test_messages_gather_into_batches_in_log_order_and_are_acknowledged_after_the_write() -> None:
    table = Table(away=3)
    desk = a_desk(Broker(), limit=100)
    driver = BatchDriver(table, desk, largest=20, gather_sec=0.01)
    for offset in range(50):
        await driver.put(a_message(offset))
    assert desk.window.committable() == {PLACE: 0}
    assert await desk.window.settle(within_sec=5)
    assert table.rows == list(range(50))
    assert max(len(batch) for batch in table.batches) == 20
    assert desk.window.committable() == {PLACE: 50}


async def test_the_one_row_that_cannot_be_written_is_found_and_the_others_are_written() -> None:
    table, broker = Table(impossible=frozenset({3})), Broker()
    desk = a_desk(broker, limit=100)
    driver = BatchDriver(table, desk, gather_sec=0.01)
    for offset in range(6):
        await driver.put(a_message(offset))
    assert await desk.window.settle(within_sec=5)
    assert table.rows == [0, 1, 2, 4, 5]
    assert [decode(DeadLetter, letter.value).position.offset for letter in broker.dead] == [3]


async def test_rows_that_are_all_refused_stop_the_stage_though_every_message_is_good() -> None:
    desk = a_desk(Broker(), limit=400, longest_run=5)
    driver = BatchDriver(Table(impossible=frozenset(range(300))), desk, largest=4, gather_sec=0.0)
    for offset in range(300):
        await driver.put(a_message(offset))
        await asyncio.sleep(0)
    with pytest.raises(Stop, match="5 results in a row"):
        await asyncio.wait_for(desk.window.failed, 5)


async def test_junk_does_not_reach_the_batch() -> None:
    table, broker = Table(), Broker()
    desk = a_desk(broker)
    driver = BatchDriver(table, desk, gather_sec=0.01)
    for offset, value in enumerate([b"0", b"junk", b"2"]):
        await driver.put(a_message(offset, value=value))
    assert await desk.window.settle(within_sec=5)
    assert table.rows == [0, 2]
    assert decode(DeadLetter, broker.dead[0].value).value == b"junk"


async def test_rows_of_a_lost_partition_are_not_written_later() -> None:
    table = Table(away=10**9)
    desk = a_desk(Broker(), limit=100)
    driver = BatchDriver(table, desk, largest=2, gather_sec=0.0)
    for offset in range(6):
        await driver.put(a_message(offset, partition=offset % 2))
    await asyncio.sleep(0.01)
    await driver.forget({(TOPIC, 1)}, grace_sec=0.0)
    table.away = 0
    assert await desk.window.settle(within_sec=5)
    # The first two were being written already; of what waited, only our own partition's is.
    assert sorted(table.rows) == [0, 1, 2, 4]
    assert desk.window.committable() == {PLACE: 5}


async def test_rows_are_written_on_after_every_partition_was_lost_and_came_back() -> None:
    table = Table()
    desk = a_desk(Broker(), limit=100)
    driver = BatchDriver(table, desk, gather_sec=0.0)
    await driver.put(a_message(0))
    assert await desk.window.settle(within_sec=5)
    await driver.forget({PLACE}, grace_sec=0.0)
    await driver.put(a_message(0))
    await driver.put(a_message(1))
    assert await desk.window.settle(within_sec=5)
    assert table.rows == [0, 0, 1]
    assert desk.window.committable() == {PLACE: 2}
