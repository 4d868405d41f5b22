"""What Faust's consumer does in a rebalance, and what of it the engine takes for its partitions."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from faust.types import TP

from processors.engine.app import lag
from processors.engine.logs import _FAUST_IN_OURS
from processors.engine.reading import spans as spans_module
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
    group.kafka.committed_up_to = 0
    await group.gets(FIRST)
    assert group.consumer.begins == {("in", 0): 10}


@pytest.mark.parametrize(("committed", "sought"), [(0, {FIRST: 10}), (100, {FIRST: 100})])
async def test_what_a_fetch_threw_away_before_anything_was_committed_is_read(
    group: Group, committed: int, sought: dict[TP, int]
) -> None:
    """aiokafka seeks to committed offsets above 0 alone."""
    group.kafka.committed_up_to = committed
    await group.consumer.on_partitions_assigned({FIRST})
    group.kafka.ours = {FIRST}
    await fetched_while_nothing_is_to_be_read(group.consumer)
    assert group.kafka.sought == sought


async def test_a_log_that_ends_before_what_is_committed_is_read_from_its_beginning(group: Group) -> None:
    group.kafka.ends = 70
    await group.gets(FIRST)
    assert group.consumer.begins == {("in", 0): 10}
    assert group.kafka.sought == {FIRST: 10}


async def test_a_partition_of_which_kafka_says_nothing_holds_no_other_up(
    group: Group, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(spans_module, "_ANSWER_WITHIN_SEC", 0.05)
    group.kafka.leaderless = {SECOND}
    await asyncio.wait_for(group.gets(FIRST, SECOND), 5)
    assert group.consumer.begins == {("in", 0): 100}
    assert group.consumer.takes(("in", 0), 100)
    assert not group.consumer.takes(("in", 1), 100)
    assert group.kafka.hands == set()  # the thread that fetches waits for nothing any more
    assert group.kafka.paused == {SECOND}
    assert lag(group.app, group.window) is None


@pytest.mark.parametrize(("committed", "ends", "read_from"), [(100, 200, 100), (0, 200, 10), (100, 70, 10)])
async def test_it_is_opened_once_kafka_says_where_it_begins_wherever_that_is(
    group: Group, monkeypatch: pytest.MonkeyPatch, committed: int, ends: int, read_from: int
) -> None:
    """What aiokafka has fetched of it till then was left."""
    monkeypatch.setattr(spans_module, "_ANSWER_WITHIN_SEC", 0.02)
    group.kafka.committed_up_to, group.kafka.ends, group.kafka.leaderless = committed, ends, {SECOND}
    group.kafka.seen_ends = {FIRST: 10, SECOND: ends}
    await group.gets(FIRST, SECOND)
    await group.ticks(looks=True)
    group.kafka.leaderless.clear()
    group.kafka.sought.clear()
    await group.ticks()
    assert group.kafka.sought == {}  # not at every tick
    await group.ticks(looks=True)
    assert group.kafka.sought == {SECOND: read_from}
    assert group.consumer.takes(("in", 1), read_from)
    assert group.kafka.paused == set()
    assert lag(group.app, group.window) is not None
    await group.ticks(looks=True)
    assert group.lanes == {FIRST, SECOND}


async def test_what_retention_took_while_nobody_read_is_told_and_counted(
    group: Group, caplog: pytest.LogCaptureFixture
) -> None:
    group.kafka.begins, group.kafka.ends = 5000, 5001
    await group.gets(FIRST)
    assert group.kafka.sought == {FIRST: 5000}
    assert "in[0]: offsets 100 to 4999 are not kept any more" in caplog.text
    assert group.counted("platestream_messages_not_kept_total") == 4900


async def test_a_worker_that_ends_takes_nothing_more_whatever_a_rebalance_lets_flow(group: Group) -> None:
    async def it_ends() -> None:
        group.consumer.take_no_more()

    group.kafka.meanwhile = it_ends
    await group.gets(FIRST)
    assert not group.consumer.takes(("in", 0), 100)
    await group.gets(FIRST)
    assert not group.consumer.takes(("in", 0), 100)


async def test_what_waits_counts_before_a_fetch_has_told_how_much_it_is(group: Group) -> None:
    group.kafka.ends = 1_000_100
    await group.gets(FIRST)
    assert lag(group.app, group.window) == 1_000_000
    group.kafka.seen_ends[FIRST] = 1_000_103
    assert lag(group.app, group.window) == 1_000_003


async def test_where_partitions_began_that_were_given_up_meanwhile_is_of_no_use(group: Group) -> None:
    async def given_up() -> None:
        await group.consumer.on_partitions_revoked({FIRST})

    group.kafka.meanwhile = given_up
    await group.gets(FIRST)
    assert group.consumer.begins is None
    await group.ticks()
    assert group.lanes == set()
    assert not group.consumer.takes(("in", 0), 100)


async def test_partitions_that_are_given_up_as_one_without_a_leader_is_paused_are_not_taken_from(
    group: Group, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(spans_module, "_ANSWER_WITHIN_SEC", 0.02)
    group.kafka.leaderless = {SECOND}

    async def given_up() -> None:
        await group.consumer.on_partitions_revoked({FIRST, SECOND})

    group.kafka.as_it_pauses = given_up
    await group.gets(FIRST, SECOND)
    assert group.kafka.paused == {SECOND}
    assert group.consumer.begins is None
    assert not group.consumer.takes(("in", 0), 100)


async def test_fausts_own_lines_of_the_consumer_are_those_that_are_silenced(group: Group) -> None:
    assert group.consumer.logger.name == _FAUST_IN_OURS
