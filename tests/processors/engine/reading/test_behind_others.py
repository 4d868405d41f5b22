"""Messages that wait behind those of other partitions are no silence of theirs."""

from __future__ import annotations

import asyncio

import pytest

from processors.engine.app import behind, lag
from processors.engine.stage import Outgoing
from tests.processors.engine.fakes import a_message
from tests.processors.engine.reading.group import FIRST, SECOND, Group


@pytest.fixture
async def group(monkeypatch: pytest.MonkeyPatch) -> Group:
    made = Group(monkeypatch)
    await made.gets(FIRST, SECOND)
    made.kafka.seen_ends = {FIRST: 100, SECOND: 100}
    return made


async def silent(group: Group, *, looks: bool = False) -> list[int]:
    group.stage.silent.clear()
    await group.ticks(looks=looks)
    return sorted(group.stage.silent)


async def test_where_all_that_stands_in_the_log_was_taken_it_is_silent(group: Group) -> None:
    assert await silent(group) == [0, 1]


async def test_where_a_message_is_still_to_come_it_is_not(group: Group) -> None:
    group.kafka.seen_ends[SECOND] = 101
    assert await silent(group) == [0]
    await group.driver.put(a_message(100, partition=1, value=b"a+"))
    await asyncio.sleep(0.01)
    assert await silent(group) == [0, 1]


async def test_where_nobody_knows_yet_what_is_to_come_it_is_not(group: Group) -> None:
    del group.kafka.seen_ends[SECOND]
    assert await silent(group) == [0]


async def test_what_is_not_kept_any_more_is_not_still_to_come(group: Group) -> None:
    """Retention took the rest of it, and no message shows that."""
    group.kafka.seen_ends[SECOND] = group.kafka.begins = 105
    assert await silent(group) == [0]
    assert await silent(group, looks=True) == [0, 1]


async def test_where_no_fetch_has_ended_for_a_while_it_is_not_known_to_be_silent(group: Group) -> None:
    """Its leader went without a word: a fetch hangs, and what the last one told of its end is old."""
    group.kafka.leaderless = {SECOND}
    assert await silent(group) == [0]


async def test_once_the_app_ends_nothing_is_known_of_its_partitions(
    group: Group, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(type(group.app), "should_stop", property(lambda _: True))
    monkeypatch.setattr(group.kafka, "highwater", None)  # aiokafka has no partitions any more
    assert behind(group.app, group.window) == set()
    assert lag(group.app, group.window) is None


async def test_while_results_of_another_partition_wait_for_the_world_it_is_not(
    group: Group, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The window is full of what comes after them, and the next message of this one has no room."""
    world, finish = asyncio.Event(), group.stage.finish

    async def waits(draft: str) -> tuple[Outgoing, ...]:
        await world.wait()
        return tuple(await finish(draft))

    monkeypatch.setattr(group.stage, "finish", waits)
    await group.driver.put(a_message(100, partition=1, value=b"x+"))
    await asyncio.sleep(0.01)
    for offset, value in ((100, b"a+"), (101, b"a-"), (102, b"b+"), (103, b"b-")):
        await group.driver.put(a_message(offset, value=value))
        await asyncio.sleep(0.01)
    waiting = asyncio.create_task(group.driver.put(a_message(101, partition=1, value=b"x-")))
    group.kafka.seen_ends = {FIRST: 104, SECOND: 102}
    assert await silent(group) == []
    assert not waiting.done()
    world.set()
    await waiting
    await asyncio.sleep(0.01)
    assert 1 in await silent(group)
