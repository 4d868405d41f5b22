"""How far a worker is behind, as its pages tell it: counted over all partitions that are its own."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import pytest

from deploy.local.ports import HOST, free_ports
from processors.engine.process import run
from tests.integration.engine.health_pages import the_health
from tests.integration.engine.holding import Group, Holding, until


@pytest.fixture
def group(kafka: str, fresh_topic: Callable[..., str]) -> Group:
    return Group(kafka, fresh_topic("lag", partitions=2))


async def test_messages_of_a_partition_that_is_not_begun_count_as_well(group: Group) -> None:
    page = f"{HOST}:{free_ports(['health'])['health']}"
    stage, stop = Holding(), asyncio.Event()
    group.send([b"held"])
    running = asyncio.create_task(run((group.worker(stage, in_flight=1),), health=page, stop=stop))
    await until_told(page, in_flight=1, lag=1)

    group.send([b"quick"] * 5, partition=1)  # there is no room to begin one of them

    await until_told(page, in_flight=1, partitions=1, lag=6)
    stage.let_go.set()
    await until_told(page, in_flight=0, partitions=2, lag=0)
    stop.set()
    await asyncio.wait_for(running, 30)


async def test_what_an_earlier_worker_has_acknowledged_does_not_count(group: Group) -> None:
    page = f"{HOST}:{free_ports(['health'])['health']}"
    stage, stop = Holding(), asyncio.Event()
    group.send([b"quick"] * 7, partition=1)
    running = asyncio.create_task(run((group.worker(stage),), health=page, stop=stop))
    await until_told(page, done=7)
    stop.set()
    await asyncio.wait_for(running, 30)
    group.send([b"held"])
    stop.clear()

    running = asyncio.create_task(run((group.worker(stage),), health=page, stop=stop))

    await until_told(page, in_flight=1, partitions=1, lag=1)
    stage.let_go.set()
    stop.set()
    await asyncio.wait_for(running, 30)


async def until_told(page: str, **wanted: int) -> None:
    async def told() -> bool:
        health = await asyncio.to_thread(the_health, page)
        return {name: health[name] for name in wanted} == wanted

    await until(told)
