"""A worker that finds Kafka or Triton away as it begins, and one that never reads on."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Collection
from dataclasses import dataclass
from pathlib import Path

import pytest
from confluent_kafka import Producer

from contracts.errors import Stop, TryAgain
from contracts.topics import LOSES_NOTHING
from deploy.local.folders import CHECKOUT
from deploy.local.ports import HOST, free_ports
from processors.engine.drivers.desk import Desk, Driver
from processors.engine.drivers.independent import IndependentDriver
from processors.engine.measures import Measures
from processors.engine.process import Worker, run
from processors.engine.reading.subscription import Subscription
from processors.engine.stage import Incoming
from processors.engine.window import Place
from tests.integration.engine.health_pages import got, the_health
from tests.integration.engine.worker import Copies
from tests.integration.killing import listening_on


def worker(kafka: str, topic: str, happens: Callable[[], object]) -> Worker:
    """One that reads `topic`; it `happens` between its look for the topic and its start."""

    async def drive(desk: Desk) -> Driver:
        happens()
        return IndependentDriver(Copies(f"{topic}-out", 0.0), desk)

    subscription = Subscription(kafka=kafka, group=f"{topic}-group", topics=(topic,))
    return Worker(stage="copy", subscription=subscription, drive=drive, measures=Measures("copy"))


async def test_a_worker_whose_broker_dies_as_it_starts_says_so(
    kafka: str, fresh_topic: Callable[..., str]
) -> None:
    topic, broker = fresh_topic("start"), listening_on(kafka)  # its supervisor starts it again

    with pytest.raises(TryAgain, match="kafka: it went away as copy started"):
        await asyncio.wait_for(run((worker(kafka, topic, broker.kill),)), 60)


async def test_a_worker_that_is_told_to_end_as_it_starts_ends_even_if_the_broker_is_silent(
    kafka: str, fresh_topic: Callable[..., str]
) -> None:
    topic, broker, stop = fresh_topic("start"), listening_on(kafka), asyncio.Event()
    asyncio.get_running_loop().call_later(2.0, stop.set)
    began_sec = time.monotonic()
    try:
        silence = worker(kafka, topic, lambda: broker.send_signal(signal.SIGSTOP))
        await asyncio.wait_for(run((silence,), stop=stop), 60)
    finally:
        broker.send_signal(signal.SIGCONT)
    assert time.monotonic() - began_sec < 20


@pytest.mark.parametrize("stage", ["sightings", "plates"])
def test_a_stage_that_waits_for_triton_at_its_start_says_so_and_ends_when_it_is_told_to(
    topics: str, stage: str, tmp_path: Path
) -> None:
    ports = free_ports(["health", "triton"])
    page = f"{HOST}:{ports['health']}"
    process = started(
        stage, KAFKA=topics, TRITON=f"{HOST}:{ports['triton']}", HEALTH=page, EVIDENCE=f"file://{tmp_path}"
    )
    try:
        until = time.monotonic() + 60
        while (health := the_health(page))["waiting_for"] != {"triton": 1}:
            assert time.monotonic() < until, f"it waits for {health['waiting_for']}"
            time.sleep(0.1)
        assert (health["status"], health["lag"]) == ("waiting", None)
        metrics = got(f"http://{page}/metrics").decode()
        assert f'platestream_waiting{{dependency="triton",stage="{stage}"}} 1.0' in metrics
        assert f'platestream_lag_messages{{stage="{stage}"}} NaN' in metrics

        began_sec = time.monotonic()
        process.send_signal(signal.SIGTERM)

        assert process.wait(20) == 0
        assert time.monotonic() - began_sec < 5
    finally:
        process.kill()
        process.wait()


def started(stage: str, **settings: str) -> subprocess.Popen[bytes]:
    """The stage as a process of its own, told by `PLATESTREAM_*`."""
    told = {f"PLATESTREAM_{name}": value for name, value in settings.items()}
    return subprocess.Popen([sys.executable, "-m", "processors", stage], cwd=CHECKOUT, env=os.environ | told)


@dataclass
class Deaf:
    """A driver that takes its first message and never another one."""

    async def put(self, message: Incoming) -> None:
        await asyncio.Event().wait()

    async def forget(self, places: set[Place], *, grace_sec: float) -> None: ...

    async def tick(self, ours: Collection[Place] = (), behind: Collection[Place] = ()) -> None: ...

    async def before_commit(self) -> None: ...

    async def last_words(self) -> None: ...


async def test_a_worker_to_which_no_messages_come_although_they_wait_ends_and_tells_where(
    kafka: str, fresh_topic: Callable[..., str], caplog: pytest.LogCaptureFixture
) -> None:
    topic = fresh_topic("still", partitions=2)
    producer = Producer({"bootstrap.servers": kafka, **LOSES_NOTHING})
    producer.produce(topic, b"a frame", partition=1)
    assert producer.flush(20) == 0

    async def drive(_: Desk) -> Driver:
        return Deaf()

    subscription = Subscription(kafka=kafka, group=f"{topic}-group", topics=(topic,))
    deaf = Worker(
        stage="deaf", subscription=subscription, drive=drive, measures=Measures("deaf"), standstill_sec=1.0
    )
    with pytest.raises(
        Stop, match=rf"deaf: messages wait in {topic}\[1\] and nothing becomes of them any more"
    ):
        await asyncio.wait_for(run((deaf,)), 60)
    assert "Agent._execute_actor:" in caplog.text  # what the stage's own task waits in
    assert "GroupCoordinator._heartbeat_routine:" in caplog.text  # and Kafka's, in its thread
