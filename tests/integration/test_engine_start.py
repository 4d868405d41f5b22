"""A worker that finds Kafka away just as it begins to read: after it has looked for its topics."""

from __future__ import annotations

import asyncio
import signal
import time
from collections.abc import Callable

import pytest

from contracts.errors import Stop
from processors.engine.app import Subscription
from processors.engine.desk import Desk, Driver
from processors.engine.independent import IndependentDriver
from processors.engine.measures import Measures
from processors.engine.process import Worker, run
from tests.integration.engine_worker import Copies
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

    with pytest.raises(Stop, match="copy: Kafka went away as it started"):
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
