"""Frames read back from the log by their position, as evidence needs them."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from confluent_kafka import Producer

from contracts.errors import TryAgain
from contracts.messages.common import LogPosition
from contracts.topics import LOSES_NOTHING
from deploy.local.ports import HOST, free_ports
from processors.adapters.frames import KafkaFrames


async def test_the_very_frame_at_a_position_comes_back(kafka: str, fresh_topic: Callable[..., str]) -> None:
    topic = fresh_topic("frames", partitions=2)
    producer = Producer({"bootstrap.servers": kafka, **LOSES_NOTHING})
    sent = {(number % 2, number // 2): bytes([number]) * 30_000 for number in range(20)}
    for (partition, _), value in sent.items():
        producer.produce(topic, value, partition=partition)
    assert producer.flush(20) == 0
    frames = KafkaFrames(kafka)
    try:
        for partition, offset in [(0, 0), (1, 9), (0, 5), (0, 5), (1, 0)]:
            position = LogPosition(topic=topic, partition=partition, offset=offset)
            assert await frames.read(position) == sent[partition, offset]
        assert await frames.read(LogPosition(topic=topic, partition=0, offset=10)) is None
    finally:
        await frames.close()


@pytest.mark.parametrize(("topic", "partition"), [("no-such-topic", 0), ("frames", 99)])
async def test_a_place_that_is_not_there_has_no_frame_and_is_not_waited_for(
    topics: str, topic: str, partition: int
) -> None:
    frames = KafkaFrames(topics)
    try:
        assert await frames.read(LogPosition(topic=topic, partition=partition, offset=0)) is None
    finally:
        await frames.close()


async def test_while_the_broker_is_away_the_caller_is_told_to_try_again() -> None:
    frames = KafkaFrames(f"{HOST}:{free_ports(['nobody'])['nobody']}")
    with pytest.raises(TryAgain):
        await frames.read(LogPosition(topic="frames", partition=0, offset=0))
    await frames.close()
