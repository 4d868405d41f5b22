"""What Faust's consumer does in a rebalance, and what of it the engine takes for its partitions."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from faust.types import TP

from processors.engine.logs import _FAUST_IN_OURS
from processors.engine.reading import consumer as consumer_module
from tests.processors.engine.reading.group import FIRST, SECOND, Group


@pytest.fixture
async def group(monkeypatch: pytest.MonkeyPatch) -> Group:
    return Group(monkeypatch)


async def fetched_while_nothing_is_to_be_read(consumer: Any) -> None:
    fetching = asyncio.create_task(fetched(consumer))
    await asyncio.sleep(0.01)
    consumer.stop_flow()
    await fetching


async def fetched(consumer: Any) -> None:
    async for _ in consumer.getmany(1.0):
        pass


async def test_partitions_that_were_given_up_are_not_ours_though_a_fetch_ends_before_there_are_others(
    group: Group,
) -> None:
    await group.gets(FIRST, SECOND)
    await group.ticks()
    assert group.lanes == {FIRST, SECOND}

    fetching = asyncio.create_task(fetched(group.consumer))
    await asyncio.sleep(0.01)
    await group.consumer.on_partitions_revoked({FIRST, SECOND})
    await fetching  # Faust seeks to what was committed, since nothing is to be read
    await group.ticks()
    assert group.lanes == set()

    await group.gets(FIRST)
    await group.ticks()
    assert group.lanes == {FIRST}


async def test_a_partition_that_comes_back_begins_anew(group: Group) -> None:
    await group.gets(FIRST, SECOND)
    await group.ticks()
    await group.consumer.on_partitions_revoked({FIRST, SECOND})
    await group.gets(FIRST)
    group.stage.settled_below = -1
    await group.consumer.on_partitions_revoked({FIRST})
    await group.gets(FIRST, SECOND)
    await group.ticks()
    assert group.stage.settled_below == 0  # told by `assigned`


async def test_partitions_are_read_from_what_is_committed_or_kept_whichever_is_later(group: Group) -> None:
    await group.gets(FIRST)
    assert group.consumer.begins == {("in", 0): 100}
    group.kafka.committed = 0
    await group.gets(FIRST)
    assert group.consumer.begins == {("in", 0): 10}


@pytest.mark.parametrize(("committed", "sought"), [(0, {FIRST: 10}), (100, {})])
async def test_what_a_fetch_threw_away_before_anything_was_committed_is_read(
    group: Group, committed: int, sought: dict[TP, int]
) -> None:
    """aiokafka seeks to committed offsets above 0 alone."""
    group.kafka.committed = committed
    await group.consumer.on_partitions_assigned({FIRST})
    group.kafka.ours = {FIRST}
    await fetched_while_nothing_is_to_be_read(group.consumer)
    assert group.kafka.sought == sought


async def test_a_log_that_ends_before_what_is_committed_is_read_from_its_beginning(group: Group) -> None:
    group.kafka.ends = 70
    await group.gets(FIRST)
    assert group.consumer.begins == {("in", 0): 10}
    assert group.kafka.sought == {FIRST: 10}


async def test_partitions_of_which_kafka_says_nothing_are_read_all_the_same(
    group: Group, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(consumer_module, "_ANSWER_WITHIN_SEC", 0.05)
    group.kafka.leaderless = True
    await asyncio.wait_for(group.gets(FIRST, SECOND), 5)
    assert group.consumer.begins == {("in", 0): 100, ("in", 1): 100}
    assert group.kafka.hands == set()  # the thread that fetches waits for nothing any more


async def test_where_partitions_began_that_were_given_up_meanwhile_is_of_no_use(group: Group) -> None:
    async def given_up() -> None:
        await group.consumer.on_partitions_revoked({FIRST})

    group.kafka.meanwhile = given_up
    await group.gets(FIRST)
    assert group.consumer.begins is None
    await group.ticks()
    assert group.lanes == set()
    assert not await group.consumer.takes(("in", 0), 100)


async def test_fausts_own_lines_of_the_consumer_are_those_that_are_silenced(group: Group) -> None:
    assert group.consumer.logger.name == _FAUST_IN_OURS
