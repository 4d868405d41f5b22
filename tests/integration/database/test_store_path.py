"""plates -> registry -> PostgreSQL as processes of a stack, with kills, an outage and junk on the way."""

from __future__ import annotations

import itertools
import os
import signal
import time
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psycopg
import pytest
from confluent_kafka import Consumer, Producer

from contracts.codec import encode
from contracts.errors import Stop
from contracts.topics import PARTITIONER, Topic
from deploy.local.folders import State
from deploy.local.options import Options
from deploy.local.stack import Stack
from tests.contracts.builders import a_coverage, a_plate_event, a_reading

PROCESSES = ("kafka", "postgres", "registry", "enriched", "rows")
ANSWERED = "found", "not-found"
WITHIN_SEC = 60.0
NUMBERS = itertools.count(1)


@dataclass(frozen=True)
class StorePath:
    """The stack with what a test does to it."""

    stack: Stack
    producer: Producer
    database: str

    def send(self, topic: Topic, value: bytes, key: str = "gate") -> None:
        self.producer.produce(topic.value, value=value, key=key.encode())
        self.producer.poll(0)

    def passages(self, count: int, camera: str) -> list[str]:
        """Sends previews and finals of so many passages; gives their event ids."""
        ids = [str(uuid.uuid4()) for _ in range(count)]
        for number, event_id in enumerate(ids, 1):
            # A number that was asked before would be known.
            reading = a_reading(f"MH12AB{next(NUMBERS):04d}")
            now = datetime.now(UTC)
            for state, revision in (("preview", 0), ("final", 1)):
                event = a_plate_event(
                    event_id=event_id,
                    state=state,
                    revision=revision,
                    camera=f"{camera}-{number % 3}",
                    first_captured_at=now,
                    reading=reading,
                )
                self.send(Topic.PLATES, encode(event), event.camera)
        assert self.producer.flush(20) == 0
        return ids

    def count(self, ids: list[str], *, state: str = "final", status: tuple[str, ...] = ANSWERED) -> int:
        rows = self.query(
            "SELECT count(*) FROM passages "
            "WHERE event_id = ANY(%s) AND state = %s AND registry_status = ANY(%s)",
            ids,
            state,
            list(status),
        )
        return int(rows[0][0])

    def query(self, sql: str, *values: Any) -> list[tuple[Any, ...]]:
        with psycopg.connect(self.database, autocommit=True, connect_timeout=5) as connection:
            return connection.execute(sql.encode(), values or None).fetchall()

    def pid(self, name: str) -> int:
        status = self.stack.status()
        assert status is not None
        [process] = [process for process in status.processes if process.name == name]
        assert process.identity is not None
        return process.identity.pid


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Iterator[StorePath]:
    fast = {"registry": {"PLATESTREAM_SIMULATOR_LATENCY_SCALE": "0.05"}}
    options = Options(processes=PROCESSES, extra_env=fast, die_with_parent=True)
    stack = Stack(State(tmp_path_factory.mktemp("store")), options)
    try:
        stack.up()
    except Stop as reason:
        pytest.fail(str(reason), pytrace=False)
    variables = stack.variables()
    kafka = variables["PLATESTREAM_KAFKA"]
    producer = Producer({"bootstrap.servers": kafka, "partitioner": PARTITIONER, "log_level": 0})
    yield StorePath(stack, producer, variables["PLATESTREAM_DATABASE"])
    stack.down()


def eventually(holds: Callable[[], bool]) -> None:
    deadline = time.monotonic() + WITHIN_SEC
    while True:
        try:
            if holds():
                return
        except psycopg.OperationalError:
            pass
        assert time.monotonic() < deadline, "it did not come to hold in time"
        time.sleep(0.1)


def test_every_passage_becomes_one_row_with_its_answer(path: StorePath) -> None:
    ids = path.passages(30, "calm")
    eventually(lambda: path.count(ids) == 30)
    [(rows, found)] = path.query(
        "SELECT count(*), count(*) FILTER (WHERE owner_masked LIKE '%%*%%' AND registry_simulated) "
        "FROM passages WHERE event_id = ANY(%s)",
        ids,
    )
    assert rows == 30
    assert found >= 25


def test_junk_is_set_aside_and_holds_nothing_up(path: StorePath) -> None:
    for topic in (Topic.PLATES, Topic.PLATES_ENRICHED, Topic.COVERAGE):
        path.send(topic, b"\xffjunk")
    path.send(Topic.COVERAGE, encode(a_coverage(camera="after-junk")))
    ids = path.passages(3, "junk")
    eventually(lambda: path.count(ids) == 3)
    eventually(lambda: bool(path.query("SELECT 1 FROM coverage WHERE camera = 'after-junk'")))
    consumer = Consumer(
        {
            "bootstrap.servers": path.stack.variables()["PLATESTREAM_KAFKA"],
            "group.id": uuid.uuid4().hex,
            "auto.offset.reset": "earliest",
        }
    )
    consumer.subscribe([topic.dead for topic in (Topic.PLATES, Topic.PLATES_ENRICHED, Topic.COVERAGE)])
    letters: set[tuple[str, int, int]] = set()
    deadline = time.monotonic() + 30
    while len(letters) < 4 and time.monotonic() < deadline:
        letter = consumer.poll(1)
        if letter is not None and letter.value():
            letters.add((str(letter.topic()), letter.partition() or 0, letter.offset() or 0))
    consumer.close()
    # Junk on plates.enriched is met by two stages, rows and the late answers.
    assert sorted(topic for topic, _, _ in letters) == [
        "coverage.dead",
        "plates.dead",
        "plates.enriched.dead",
        "plates.enriched.dead",
    ]


def test_kills_lose_no_passage_and_double_none(path: StorePath) -> None:
    ids = path.passages(20, "kills")
    for name in ("enriched", "rows", "postgres"):
        os.kill(path.pid(name), signal.SIGKILL)
        ids += path.passages(20, "kills")
    eventually(lambda: path.count(ids) == 80)
    assert path.query("SELECT count(*) FROM passages WHERE event_id = ANY(%s)", ids) == [(80,)]


def test_a_registry_that_hangs_holds_no_plate_and_answers_afterwards(path: StorePath) -> None:
    registry = path.pid("registry")
    os.kill(registry, signal.SIGSTOP)
    try:
        ids = path.passages(6, "hang")
        eventually(lambda: path.count(ids, status=("pending",)) == 6)
    finally:
        os.kill(registry, signal.SIGCONT)
    eventually(lambda: path.count(ids) == 6)


def test_no_log_holds_a_plate_an_owner_or_a_key(path: StorePath) -> None:
    key = Path(path.stack.variables()["PLATESTREAM_REGISTRY_KEY_FILE"]).read_text().strip()
    said = "".join(log.read_text(errors="replace") for log in path.stack.state.logs.glob("*.log"))
    assert key not in said
    assert "MH12AB" not in said
    assert "KALPANIK" not in said
