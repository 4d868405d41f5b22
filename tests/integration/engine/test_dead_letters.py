"""A stage that gives up over dead letters, and its next life, on a real broker."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import pytest
from confluent_kafka.admin import AdminClient
from confluent_kafka.cimpl import NewTopic

from contracts.codec import decode
from contracts.errors import Stop
from contracts.messages.dead_letter import DeadLetter
from deploy.measure.log import LogReader
from processors.engine.process import run
from tests.integration.engine.holding import Group, Holding, until

LONGEST_RUN = 200


@pytest.fixture
def group(kafka: str, fresh_topic: Callable[..., str]) -> Group:
    topic = fresh_topic("dead", partitions=2)
    admin = AdminClient({"bootstrap.servers": kafka})
    admin.create_topics([NewTopic(f"{topic}.dead", 1, 1)])[f"{topic}.dead"].result(30)
    return Group(kafka, topic)


async def test_what_was_set_aside_before_a_stage_gave_up_is_not_set_aside_again(group: Group) -> None:
    group.send([b"quick", *[b"junk"] * (LONGEST_RUN + 10), b"quick"])
    with pytest.raises(Stop, match=f"{LONGEST_RUN} messages in a row could not be processed"):
        await asyncio.wait_for(run((group.worker(Holding(), in_flight=LONGEST_RUN * 2),)), 60)
    assert await group.committed() == 1 + LONGEST_RUN

    stage, stop = Holding(), asyncio.Event()
    running = asyncio.create_task(run((group.worker(stage),), stop=stop))

    async def all_committed() -> bool:
        return await group.committed() == LONGEST_RUN + 12

    await until(all_committed)
    stop.set()
    await asyncio.wait_for(running, 30)
    assert stage.finished == [LONGEST_RUN + 11]
    assert set_aside(group) == list(range(1, LONGEST_RUN + 11))


async def test_when_one_worker_of_a_process_gives_up_the_other_puts_down_what_it_has_in_hand(
    group: Group, fresh_topic: Callable[..., str]
) -> None:
    other = Group(group.kafka, fresh_topic("other", partitions=2))
    other.send([b"quick", b"held", b"quick"])
    stage, stop = Holding(), asyncio.Event()
    running = asyncio.create_task(run((group.worker(Holding()), other.worker(stage)), stop=stop))

    async def has_one_in_hand() -> bool:
        return stage.finished == [0, 2]

    async def told_to_end() -> bool:
        return stop.is_set()

    await until(has_one_in_hand)
    group.send([b"junk"] * LONGEST_RUN)
    await until(told_to_end)
    stage.let_go.set()
    with pytest.raises(Stop, match="messages in a row could not be processed"):
        await asyncio.wait_for(running, 60)
    assert await other.committed() == 3


def set_aside(group: Group) -> list[int]:
    """Offsets of the messages in the dead letters, as they stand there."""
    topic = f"{group.topic}.dead"
    log = LogReader(group.kafka)
    try:
        letters = list(log.read(topic, since={}, until=log.ends(topic)))
    finally:
        log.close()
    return sorted(decode(DeadLetter, letter.value() or b"").position.offset for letter in letters)
