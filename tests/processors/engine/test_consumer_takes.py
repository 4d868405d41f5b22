"""Of what is fetched, the consumer hands over what comes next, and asks again for what was passed over."""

from __future__ import annotations

import asyncio

import pytest

from contracts.errors import TryAgain
from processors.engine import consumer as consumer_module
from processors.engine.window import Place
from tests.processors.engine.group import FIRST, SECOND, Group

GATE: Place = ("in", 0)


class Log:
    """A log that has nothing below `begins`; `away`: so often nobody answers."""

    def __init__(self, begins: int, away: int = 0) -> None:
        self.begins, self.away, self.asked = begins, away, 0

    async def first(self, place: Place, offset: int) -> int:
        self.asked += 1
        await asyncio.sleep(0)
        if self.asked <= self.away:
            raise TryAgain("kafka", "nobody answers")
        return max(offset, self.begins)


@pytest.fixture
async def group(monkeypatch: pytest.MonkeyPatch) -> Group:
    made = Group(monkeypatch)
    await made.gets(FIRST)
    return made


async def taken(group: Group, *offsets: int) -> list[int]:
    return [offset for offset in offsets if await group.consumer.takes(GATE, offset)]


async def test_messages_are_taken_in_their_order_from_the_committed_offset_on(group: Group) -> None:
    group.consumer.our_log = Log(begins=0)
    assert await taken(group, 99, 100, 100, 101) == [100, 101]
    assert group.consumer.our_log.asked == 0


async def test_what_was_passed_over_is_read_again_with_all_that_follows(
    group: Group, caplog: pytest.LogCaptureFixture
) -> None:
    group.consumer.our_log = Log(begins=0)
    assert await taken(group, 100, 105, 106) == [100]
    assert group.kafka.sought == {FIRST: 101}
    assert "in[0]: offsets 101 to 104 are read again" in caplog.text
    assert await taken(group, *range(101, 107)) == list(range(101, 107))
    assert group.consumer.our_log.asked == 1


async def test_what_the_log_does_not_have_is_not_waited_for(group: Group) -> None:
    group.consumer.our_log = Log(begins=105)
    assert await taken(group, 100, 105, 106) == [100, 105, 106]
    assert group.kafka.sought == {}


async def test_while_kafka_is_away_nothing_is_taken_for_missing(
    group: Group, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(consumer_module, "_ASK_AGAIN_SEC", 0.001)
    group.consumer.our_log = Log(begins=105, away=3)
    assert await taken(group, 105) == [105]
    assert group.consumer.our_log.asked == 4


async def test_between_partitions_that_were_given_up_and_new_ones_nothing_is_taken(group: Group) -> None:
    group.consumer.our_log = Log(begins=0)
    await group.consumer.on_partitions_revoked({FIRST})
    assert await taken(group, 100, 105) == []
    await group.gets(FIRST, SECOND)
    assert await taken(group, 100) == [100]


async def test_an_answer_that_comes_after_a_rebalance_counts_no_more(group: Group) -> None:
    group.consumer.our_log = Log(begins=0)
    taking = asyncio.create_task(group.consumer.takes(GATE, 105))
    await asyncio.sleep(0)
    await group.consumer.on_partitions_revoked({FIRST})
    await group.gets(FIRST)
    assert not await taking
    assert group.kafka.sought == {}
    assert await taken(group, 100) == [100]


async def test_while_it_looks_from_where_to_read_nothing_flows(group: Group) -> None:
    """The end of a rebalance that was overtaken lets it flow, in the middle of the next one."""
    group.consumer.resume_flow()
    await group.consumer.perform_seek()
    assert not group.consumer.flow_active
