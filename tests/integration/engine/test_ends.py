"""Two workers of one process on a real broker: what the end of one means for the other and for the edges."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import pytest

from processors.engine.drivers.independent import IndependentDriver
from processors.engine.process import run
from processors.engine.stage import Incoming
from processors.engine.window import Place
from tests.integration.engine.holding import Group, Holding, until


class Leaving(IndependentDriver):
    """Takes its time to let go of its partitions at the end; `ended` says when it has. A `stone` ends it."""

    ended: list[str]

    async def put(self, message: Incoming) -> None:
        if message.value == b"stone":
            self.ended.clear()  # what it wrote as it joined the group
            raise RuntimeError("stumbled")
        await super().put(message)

    async def forget(self, places: set[Place], *, grace_sec: float) -> None:
        await super().forget(places, grace_sec=grace_sec)
        await asyncio.sleep(1.0)
        self.ended.append("a worker")


@pytest.fixture
def ended(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    told: list[str] = []
    monkeypatch.setattr(Leaving, "ended", told, raising=False)
    return told


@pytest.fixture
def groups(kafka: str, fresh_topic: Callable[..., str]) -> tuple[Group, Group]:
    return Group(kafka, fresh_topic("one", partitions=2)), Group(kafka, fresh_topic("other", partitions=2))


async def test_the_edges_are_closed_once_all_workers_have_ended_also_if_they_are_cancelled(
    groups: tuple[Group, Group], ended: list[str]
) -> None:
    stages = Holding(), Holding()
    for group in groups:
        group.send([b"quick"])

    async def close() -> None:
        ended.append("the edges")

    workers = [group.worker(stage, Leaving) for group, stage in zip(groups, stages, strict=True)]
    running = asyncio.create_task(run(workers, close=(close,), stop=asyncio.Event()))

    async def both_work() -> bool:
        return all(stage.finished == [0] for stage in stages)

    await until(both_work)
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asyncio.wait_for(running, 60)

    assert ended[-3:] == ["a worker", "a worker", "the edges"]


async def test_when_one_gives_up_the_other_hears_of_it_before_that_one_has_left(
    groups: tuple[Group, Group], ended: list[str]
) -> None:
    gives_up, other = groups
    gives_up.send([b"stone"])
    stop = asyncio.Event()
    workers = gives_up.worker(Holding(), Leaving), other.worker(Holding(), Leaving)
    running = asyncio.create_task(run(workers, stop=stop))

    await asyncio.wait_for(stop.wait(), 60)

    assert ended == []
    with pytest.raises(RuntimeError, match="stumbled"):
        await asyncio.wait_for(running, 60)
