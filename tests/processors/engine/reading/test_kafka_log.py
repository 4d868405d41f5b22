"""What Kafka says of partitions when it says nothing of some: three watchdogs go by that."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Mapping
from typing import Any

import pytest
from aiokafka import TopicPartition

from contracts.errors import TryAgain
from processors.engine.reading import kafka_log as kafka_log_module
from processors.engine.reading.kafka_log import KafkaLog
from processors.engine.reading.standstill import Standstill
from processors.engine.reading.subscription import Subscription
from processors.engine.reading.truncation import Truncation
from processors.engine.window import Place, Window

FIRST, SECOND = ("in", 0), ("in", 1)


class Consumer:
    """As aiokafka's: it asks again until each partition of a question has answered."""

    leaderless: Collection[Place] = ()

    def __init__(self, **_options: Any) -> None: ...

    async def start(self) -> None: ...

    async def stop(self) -> None: ...

    def assign(self, _places: Collection[TopicPartition]) -> None: ...

    def partitions_for_topic(self, _topic: str) -> set[int]:
        return {0, 1}

    async def committed(self, _place: TopicPartition) -> int | None:
        return 4

    async def beginning_offsets(self, places: Collection[TopicPartition]) -> Mapping[TopicPartition, int]:
        return await self._of_each(places, 2)

    async def end_offsets(self, places: Collection[TopicPartition]) -> Mapping[TopicPartition, int]:
        return await self._of_each(places, 9)

    async def _of_each(self, places: Collection[TopicPartition], offset: int) -> Mapping[TopicPartition, int]:
        if any((place.topic, place.partition) in self.leaderless for place in places):
            await asyncio.Event().wait()
        return dict.fromkeys(places, offset)


@pytest.fixture
def kafka_log(monkeypatch: pytest.MonkeyPatch) -> KafkaLog:
    monkeypatch.setattr(kafka_log_module, "AIOKafkaConsumer", Consumer)
    monkeypatch.setattr(kafka_log_module, "_ONE_WITHIN_SEC", 0.05)
    return KafkaLog(Subscription(kafka="127.0.0.1:1", group="copy", topics=("in",)))


def without_leader(monkeypatch: pytest.MonkeyPatch, *places: Place) -> None:
    monkeypatch.setattr(Consumer, "leaderless", places)


async def test_of_each_partition_is_said_where_the_group_stands_and_where_it_ends(
    kafka_log: KafkaLog,
) -> None:
    assert await kafka_log.spans() == {FIRST: (4, 9), SECOND: (4, 9)}
    assert await kafka_log.ends([FIRST]) == {FIRST: 9}


@pytest.mark.parametrize(("leaderless", "other"), [(FIRST, SECOND), (SECOND, FIRST)])
async def test_a_partition_of_which_kafka_says_nothing_is_left_out_and_holds_no_other_up(
    kafka_log: KafkaLog, monkeypatch: pytest.MonkeyPatch, leaderless: Place, other: Place
) -> None:
    without_leader(monkeypatch, leaderless)
    assert await asyncio.wait_for(kafka_log.spans(), 5) == {other: (4, 9)}
    assert await asyncio.wait_for(kafka_log.ends([FIRST, SECOND]), 5) == {other: 9}


async def test_a_kafka_that_says_nothing_of_any_is_away(
    kafka_log: KafkaLog, monkeypatch: pytest.MonkeyPatch
) -> None:
    without_leader(monkeypatch, FIRST, SECOND)
    with pytest.raises(TryAgain):
        await asyncio.wait_for(kafka_log.spans(), 5)
    with pytest.raises(TryAgain):
        await asyncio.wait_for(kafka_log.ends([FIRST]), 5)


async def test_a_standstill_and_a_log_that_went_back_are_seen_beside_a_partition_without_a_leader(
    kafka_log: KafkaLog, monkeypatch: pytest.MonkeyPatch
) -> None:
    without_leader(monkeypatch, SECOND)
    still = Standstill(
        Window(1), kafka_log, ours=lambda: (FIRST, SECOND), rebalances=lambda: 1, is_stuck=lambda: False
    )
    assert [await still.look() for _ in range(3)][-1] == {FIRST}

    window = Window(1)
    await window.enter(FIRST, 50)
    window.finish(FIRST, 50)
    await window.enter(SECOND, 50)
    window.finish(SECOND, 50)
    [back] = await Truncation(window, kafka_log, moment_sec=0.0).look()
    assert (back.place, back.end) == (FIRST, 9)
