"""Faust's own last steps of a rebalance, when Kafka does not say from where to read: its `Recovery` would
take that for the end of the worker, without a word, and the worker would be a member that reads nothing."""

from __future__ import annotations

import asyncio
from typing import Any, cast

import pytest

from contracts.errors import TryAgain
from processors.engine.ending import as_it_ended, status_of
from processors.engine.reading import asking
from processors.engine.reading import consumer as consumer_module
from tests.processors.engine.reading.group import FIRST, SECOND, Group


@pytest.fixture
async def group(monkeypatch: pytest.MonkeyPatch) -> Group:
    return Group(monkeypatch)


def a_rebalance_ends(group: Group, monkeypatch: pytest.MonkeyPatch) -> asyncio.Task[None]:
    """As Faust does it, up to what it asks of its consumer."""
    recovery = cast("Any", group.app.tables).recovery

    async def nothing() -> None:
        """No fetcher runs here."""

    monkeypatch.setattr(recovery, "recovery_delay", 0.0)
    monkeypatch.setattr(group.consumer, "resume_partitions", lambda _tps: None)
    monkeypatch.setattr(group.app._fetcher, "maybe_start", nothing)
    recovery.signal_recovery_start.set()
    return asyncio.create_task(recovery._restart_recovery.fun(recovery))


async def test_where_kafka_says_from_where_to_read_the_worker_reads(
    group: Group, monkeypatch: pytest.MonkeyPatch
) -> None:
    await group.consumer.on_partitions_assigned({FIRST, SECOND})
    recovering = a_rebalance_ends(group, monkeypatch)
    await asyncio.sleep(0.05)

    assert group.consumer.begins == {("in", 0): 100, ("in", 1): 100}
    assert not recovering.done()
    recovering.cancel()


@pytest.mark.parametrize(
    ("module", "limit"), [(asking, "_COMMITTED_WITHIN_SEC"), (consumer_module, "_SEEK_WITHIN_SEC")]
)
async def test_a_worker_that_is_not_told_in_time_from_where_to_read_ends_to_be_started_again(
    group: Group, monkeypatch: pytest.MonkeyPatch, module: Any, limit: str
) -> None:
    monkeypatch.setattr(module, limit, 0.05)
    group.kafka.says_what_is_committed.clear()
    await group.consumer.on_partitions_assigned({FIRST})

    with pytest.raises(TryAgain, match="from where") as raised:
        await asyncio.wait_for(a_rebalance_ends(group, monkeypatch), 5)

    assert status_of(as_it_ended("copy", raised.value)) == 75


async def test_all_that_a_seek_may_wait_for_ends_well_before_faust_gives_up(group: Group) -> None:
    within_sec = asking._COMMITTED_WITHIN_SEC + 2 * consumer_module._OPEN_EVERY_SEC
    assert within_sec < consumer_module._SEEK_WITHIN_SEC < group.app.conf.broker_request_timeout - 5


async def test_partitions_that_are_ours_for_a_minute_without_being_read_end_the_worker(group: Group) -> None:
    """Whatever Faust has lost."""
    await group.consumer.on_partitions_assigned({FIRST})
    for _ in range(59):
        await group.consumer.keep_up(())
    with pytest.raises(TryAgain, match="has not begun"):
        await group.consumer.keep_up(())


async def test_rebalances_that_follow_each_other_are_no_reason_to_end(group: Group) -> None:
    for _ in range(5):
        await group.consumer.on_partitions_assigned({FIRST})
        for _ in range(40):
            await group.consumer.keep_up(())
        await group.consumer.on_partitions_revoked({FIRST})
        for _ in range(40):
            await group.consumer.keep_up(())


async def test_who_was_given_no_partition_has_nothing_to_begin(group: Group) -> None:
    group.kafka.ours = set()
    await group.consumer.on_partitions_assigned(set())
    for _ in range(100):
        await group.consumer.keep_up(())
