"""Nothing is lost and nothing false comes out: workers killed, joining and leaving, the broker going down.

Three stages read the same log: one copies each message, one copies many in one go, one keeps state over ten
messages of a partition.
"""

from __future__ import annotations

import signal
import time
from collections.abc import Callable, Iterator
from datetime import datetime

import pytest
from confluent_kafka import Consumer, Producer, TopicPartition

from contracts.codec import decode
from contracts.messages.coverage import Coverage
from contracts.messages.dead_letter import DeadLetter
from contracts.topics import MAX_MESSAGE_BYTES, Topic
from deploy.local.ports import HOST, free_ports
from deploy.measure.log import LogReader
from tests.integration.engine.copying import Copying
from tests.integration.engine.health_pages import got, the_health
from tests.integration.killing import listening_on

MakeCopying = Callable[..., Copying]

# Half a minute on a machine that has nothing else to do; the bound is for one that has.
pytestmark = pytest.mark.timeout(240)


@pytest.fixture
def copying(topics: str, fresh_name: Callable[[str], str]) -> Iterator[MakeCopying]:
    opened: list[Copying] = []

    def make(messages: int, *, work_ms: int = 2) -> Copying:
        made = Copying(kafka=topics, name=fresh_name("copy"), messages=messages, work_ms=work_ms)
        opened.append(made)
        made.open()
        return made

    yield make
    for made in opened:
        made.close()


def test_a_worker_that_is_killed_and_started_again_loses_nothing(copying: MakeCopying) -> None:
    stream = copying(600)
    first = [stream.start(shape, instance=f"{stream.name}-{shape}") for shape in stream.shapes]
    stream.wait_for(0.4)
    for worker in first:
        worker.kill()
        worker.wait()
    assert any(set(stream.read(shape)) != stream.expected(shape) for shape in stream.shapes)

    for shape in stream.shapes:
        stream.start(shape, instance=f"{stream.name}-{shape}")

    stream.wait_for_end()


def test_workers_that_join_and_leave_in_mid_stream_lose_nothing(copying: MakeCopying) -> None:
    stream = copying(800, work_ms=4)
    first = [stream.start(shape) for shape in stream.shapes]
    stream.wait_for(0.1)
    pages = [f"{HOST}:{free_ports([shape])[shape]}" for shape in stream.shapes]
    for shape, page in zip(stream.shapes, pages, strict=True):
        stream.start(shape, health=page)
    for page in pages:
        keep_sending_until_it_works(stream, page)
    stream.more(800)
    stream.wait_for(1 - 300 / stream.messages)  # the first go on with what they kept, else 400 are missing
    for worker in first:
        worker.send_signal(signal.SIGTERM)
    assert {worker.wait(20) for worker in first} == {0}
    stream.wait_for_end()


def test_a_broker_that_is_killed_and_comes_back_costs_only_time(
    kafka: str, copying: MakeCopying, fresh_name: Callable[[str], str]
) -> None:
    stream = copying(600)
    workers = [stream.start(shape) for shape in stream.shapes]
    stream.wait_for(0.3)

    listening_on(kafka).kill()  # its supervisor starts it again

    stream.wait_for_end(within_sec=100.0)
    assert {worker.poll() for worker in workers} == {None}


def test_a_worker_that_is_told_to_end_tells_all_that_it_has_counted(copying: MakeCopying) -> None:
    stream = copying(200)
    stream.shapes = ("independent",)
    worker = stream.start("independent")
    stream.wait_for_end()

    worker.send_signal(signal.SIGTERM)

    assert worker.wait(20) == 0
    assert counted(stream) == 200


def test_a_worker_that_is_told_to_end_ends_even_while_the_broker_does_not_answer(
    kafka: str, copying: MakeCopying
) -> None:
    stream = copying(600)
    first = [stream.start(shape) for shape in stream.shapes]
    stream.wait_for(0.2)
    broker = listening_on(kafka)
    broker.send_signal(signal.SIGSTOP)
    try:
        for worker in first:
            worker.send_signal(signal.SIGTERM)
        assert {worker.wait(40) for worker in first} == {0}
    finally:
        broker.send_signal(signal.SIGCONT)

    for shape in stream.shapes:
        stream.start(shape)

    stream.wait_for_end(within_sec=100.0)


def test_junk_is_set_aside_and_the_health_page_tells(copying: MakeCopying) -> None:
    stream = copying(40)
    producer = Producer({"bootstrap.servers": stream.kafka})
    producer.produce(stream.source, b"junk", b"camera-0", partition=0)
    assert producer.flush(20) == 0
    health = f"{HOST}:{free_ports(['health'])['health']}"
    stream.shapes = ("independent",)
    stream.start("independent", health=health)
    stream.wait_for_end()

    letter = decode(DeadLetter, _first_value(stream.kafka, f"{stream.source}.dead"))

    assert (letter.value, letter.key, letter.reason) == (b"junk", b"camera-0", "this is junk")
    page = the_health(health)
    assert (page["status"], page["done"], page["set_aside"]) == ("ok", 41, 1)
    metrics = got(f"http://{health}/metrics")
    assert b"platestream_messages_done_total" in metrics
    assert b"platestream_lag_messages" in metrics


def test_messages_as_large_as_a_topic_takes_are_read_though_less_is_fetched_at_a_time(
    copying: MakeCopying,
) -> None:
    stream = copying(40)
    stream.shapes = ("independent",)
    large = {b"%d" % number * (MAX_MESSAGE_BYTES - 1024) for number in range(6)}
    producer = Producer({"bootstrap.servers": stream.kafka, "message.max.bytes": MAX_MESSAGE_BYTES})
    for value in large:
        producer.produce(stream.source, value, b"camera-0", partition=0)
    assert producer.flush(30) == 0
    stream.more(40)

    stream.start("independent")

    stream.wait_for(1 + len(large) / stream.messages)
    assert set(stream.read("independent")) == stream.expected("independent") | large


def counted(stream: Copying) -> int:
    """Messages in the last reports of the minutes in which they were copied."""
    last: dict[tuple[str, datetime], int] = {}
    log = LogReader(stream.kafka)
    try:
        for message in log.read(Topic.COVERAGE, since={}, until=log.ends(Topic.COVERAGE)):
            if stream.name.encode() in (message.value() or b""):
                report = decode(Coverage, message.value())
                last[report.camera, report.minute] = report.processed
    finally:
        log.close()
    return sum(last.values())


def _first_value(kafka: str, topic: str) -> bytes | None:
    reader = Consumer({"bootstrap.servers": kafka, "group.id": f"{topic}-reader"})
    reader.assign([TopicPartition(topic, partition, 0) for partition in range(4)])
    message = reader.poll(20)
    reader.close()
    assert message is not None
    value: bytes | None = message.value()
    return value


def keep_sending_until_it_works(stream: Copying, address: str) -> None:
    """As much as one worker copies, so that one that joins does so under load, however long it takes."""
    until = time.monotonic() + 60
    while the_health(address)["done"] == 0:
        assert time.monotonic() < until, f"no partition came to {address}"
        stream.more(40)
        time.sleep(0.15)
