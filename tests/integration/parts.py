"""Real parts, one of each for the whole test run, started when the first test asks for it.

kafka: bootstrap address · topics: the same, with all topics of the contract · fresh_name, fresh_topic
triton: gRPC address · database: URI of an empty database · s3: accounts and buckets with our policies
rtsp: serves a video file as a camera would · browser: Chromium with a fresh profile
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest
from confluent_kafka.admin import AdminClient
from confluent_kafka.cimpl import NewTopic

from contracts.errors import Stop
from deploy.local.folders import CHECKOUT, State
from deploy.local.options import Options
from deploy.local.parts import postgres
from deploy.local.parts.topics import create_topics
from deploy.local.stack import Stack
from tests.integration.servers import missing

pytest_plugins = [
    "tests.integration.s3_server",
    "tests.integration.rtsp_server",
    "tests.integration.chromium",
    "tests.integration.registry_simulator",
]


def only(process: str, folder: Path) -> Stack:
    """A stack of one server, which dies with the test run."""
    return Stack(State(folder), Options(processes=(process,), die_with_parent=True))


@pytest.fixture(scope="session")
def kafka(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Bootstrap address of a broker without topics."""
    stack = started(only("kafka", tmp_path_factory.mktemp("kafka")))
    yield stack.variables()["PLATESTREAM_KAFKA"]
    stack.down()


@pytest.fixture(scope="session")
def topics(kafka: str) -> str:
    """Bootstrap address of the broker with all topics of the contract."""
    create_topics(kafka)
    return kafka


@pytest.fixture
def fresh_name() -> Callable[[str], str]:
    """Names for topics, groups, cameras that no other test uses."""
    return lambda prefix: f"{prefix}-{uuid.uuid4().hex[:8]}"


@pytest.fixture
def fresh_topic(kafka: str, fresh_name: Callable[[str], str]) -> Callable[..., str]:
    """Makes an empty topic and gives its name: `fresh_topic("frames", partitions=3)`."""

    def make(prefix: str, *, partitions: int = 1) -> str:
        name = fresh_name(prefix)
        admin = AdminClient({"bootstrap.servers": kafka})
        admin.create_topics([NewTopic(name, partitions, 1)])[name].result(30)
        return name

    return make


@pytest.fixture(scope="session")
def triton(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """gRPC address of a Triton that serves the shipped model repository."""
    stack = started(only("triton", tmp_path_factory.mktemp("triton")))
    yield stack.variables()["PLATESTREAM_TRITON"]
    stack.down()


@pytest.fixture(scope="session")
def database_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    stack = started(only("postgres", tmp_path_factory.mktemp("postgres")))
    yield stack
    stack.down()


@pytest.fixture(scope="module")
def database(database_server: Stack) -> Iterator[str]:
    """URI of an empty database of this test file's own; its user may do everything there."""
    name = f"test_{uuid.uuid4().hex[:8]}"
    server, _, _ = database_server.variables()["PLATESTREAM_DATABASE"].rpartition("/")
    with psycopg.connect(f"{server}/{postgres.DATABASE}", autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}"')
        yield f"{server}/{name}"
        connection.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


def started(stack: Stack) -> Stack:
    if not (CHECKOUT / ".stack").exists():
        missing("what `make setup` installs")
    try:
        stack.up()
    except Stop as reason:
        pytest.fail(str(reason), pytrace=False)
    return stack
