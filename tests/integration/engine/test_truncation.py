"""A log that went back on a real broker: the stage that has read more of it ends, the next one reads all."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest
from confluent_kafka import Consumer, TopicPartition
from confluent_kafka.admin import AdminClient
from confluent_kafka.cimpl import NewTopic

from contracts.errors import Stop
from deploy.local.stack import Stack
from deploy.measure.log import LogReader
from processors.engine.process import run
from processors.engine.reading.settled import KafkaSettledOffsets
from tests.integration.engine.holding import Group, Holding, until
from tests.integration.killing import listening_on
from tests.integration.parts import only, started

LOST = 100
"""An offset that was there before the log went back."""


@pytest.fixture
def group(kafka: str, fresh_topic: Callable[..., str]) -> Group:
    return Group(kafka, fresh_topic("back", partitions=2))


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[Stack]:
    """A broker of this test's own, with a topic `back`: it is to lose messages."""
    stack = started(only("kafka", tmp_path))
    admin = AdminClient({"bootstrap.servers": stack.variables()["PLATESTREAM_KAFKA"]})
    admin.create_topics([NewTopic("back", 1, 1)])["back"].result(30)
    yield stack
    stack.down()


@pytest.mark.timeout(240)
async def test_a_stage_that_has_read_what_a_broker_lost_ends_and_the_next_one_reads_what_came_instead(
    broker: Stack,
) -> None:
    group = Group(broker.variables()["PLATESTREAM_KAFKA"], "back")
    for _ in range(10):
        group.send([b"quick"] * 10)
    running = asyncio.create_task(run((group.worker(Holding(), standstill_sec=1.0),)))
    await until(lambda: committed_to(group, 100))

    killed_with_half_of_its_log(broker, "back-0")
    with pytest.raises(
        Stop, match=r"back\[0\] went back: it was read up to offset 99, the next message will"
    ):
        await asyncio.wait_for(running, 120)
    log = LogReader(group.kafka)
    [end] = log.ends("back").values()
    log.close()
    assert 0 < end < 100
    group.send([b"quick"] * 4)

    assert await read_by_the_next(group, end + 4) == list(range(end + 4))


def killed_with_half_of_its_log(broker: Stack, partition: str) -> None:
    """The broker dies, what it had not on disk is gone, and its supervisor starts it again."""
    [log] = broker.state.root.rglob(f"{partition}/00000000000000000000.log")
    status = broker.status()
    assert status is not None
    assert status.supervisor is not None
    supervisor = psutil.Process(status.supervisor.pid)
    supervisor.suspend()
    try:
        killed = listening_on(broker.variables()["PLATESTREAM_KAFKA"])
        killed.kill()
        psutil.wait_procs([killed], timeout=0.5)  # only its supervisor can lay it to rest
        os.truncate(log, log.stat().st_size // 2)
    finally:
        supervisor.resume()


async def test_a_group_whose_offset_is_beyond_the_end_reads_everything_that_is_there(group: Group) -> None:
    group.send([b"quick"] * 3)
    commit(group, f"{group.topic}-group", LOST)

    assert await read_by_the_next(group, 3) == [0, 1, 2]


async def test_results_that_were_given_of_messages_that_are_lost_say_nothing_of_those_that_came_instead(
    group: Group,
) -> None:
    group.send([b"quick"] * 3)
    settled = KafkaSettledOffsets(group.kafka, group.topic)
    try:
        commit(group, f"{group.topic}-settled", 2)
        assert await settled.read((group.topic, 0)) == 2
        commit(group, f"{group.topic}-settled", LOST)
        assert await settled.read((group.topic, 0)) == 0
        assert await settled.read((group.topic, 1)) == 0
    finally:
        await settled.close()


def commit(group: Group, name: str, offset: int) -> None:
    consumer = Consumer({"bootstrap.servers": group.kafka, "group.id": name})
    try:
        consumer.commit(offsets=[TopicPartition(group.topic, 0, offset)], asynchronous=False)
    finally:
        consumer.close()


async def committed_to(group: Group, end: int) -> bool:
    return await group.committed() == end


async def read_by_the_next(group: Group, end: int) -> list[int]:
    """Offsets that the next worker of the group takes until it has committed this end."""
    stage, stop = Holding(), asyncio.Event()
    running = asyncio.create_task(run((group.worker(stage),), stop=stop))
    await until(lambda: committed_to(group, end))
    stop.set()
    await asyncio.wait_for(running, 30)
    return stage.finished
