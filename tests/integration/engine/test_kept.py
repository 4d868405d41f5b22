"""What a stage keeps for the time after a restart: the last value of each key of a partition, from Kafka."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from confluent_kafka import Producer

from contracts.errors import TryAgain
from contracts.topics import LOSES_NOTHING
from deploy.local.ports import HOST, free_ports
from processors.engine.reading.kept import KafkaKept


async def test_the_last_value_of_each_key_of_the_partition_comes_back(
    kafka: str, fresh_topic: Callable[..., str]
) -> None:
    topic = fresh_topic("kept", partitions=2)
    producer = Producer({"bootstrap.servers": kafka, **LOSES_NOTHING})
    for number in range(300):
        producer.produce(topic, b"%d" % number, b"camera-%d" % (number % 3), partition=0)
    producer.produce(topic, None, b"camera-1", partition=0)
    producer.produce(topic, b"elsewhere", b"camera-4", partition=1)
    assert producer.flush(20) == 0

    assert sorted(await KafkaKept(kafka, topic).read(0)) == [b"297", b"299"]
    assert await KafkaKept(kafka, topic).read(1) == [b"elsewhere"]


async def test_nothing_is_kept_where_nothing_was_written(kafka: str, fresh_topic: Callable[..., str]) -> None:
    assert await KafkaKept(kafka, fresh_topic("kept", partitions=1)).read(0) == []


async def test_while_the_broker_is_away_the_caller_is_told_to_try_again() -> None:
    with pytest.raises(TryAgain):
        await KafkaKept(f"{HOST}:{free_ports(['nobody'])['nobody']}", "kept").read(0)
