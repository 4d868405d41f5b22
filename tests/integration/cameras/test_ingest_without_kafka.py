"""The ingest process while its broker is away, with and without room for the frames."""

from __future__ import annotations

import errno
import os
import time
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

import psutil
import pytest

from contracts.topics import Topic
from deploy.local.parts.topics import create_topics
from deploy.measure.log import LogReader
from tests.integration.cameras.bad_cameras import answering, http_stream, mjpeg_parts, noise_parts
from tests.integration.cameras.ingesting import FPS, MJPEG, Topics, ingesting, write
from tests.integration.parts import only, started
from tests.integration.watched import until

AWAY_SEC = 60
IDLE_READERS = 12
"""Of which each must find the broker again: as it returns it lists no brokers at all for a moment, and some
releases of librdkafka then forget all theirs for good (#5301), here in every second run."""


@pytest.fixture
def stream() -> Iterator[str]:
    """The address of a camera of ten frames a second, for as many readers as there are."""
    with answering(http_stream(lambda: mjpeg_parts(every_sec=1 / FPS), MJPEG)) as port:
        yield f"http://127.0.0.1:{port}/live"


@pytest.fixture
def wide_stream() -> Iterator[str]:
    """Frames of which a few seconds are more than the Kafka library and the least memory hold."""
    with answering(http_stream(lambda: noise_parts(every_sec=1 / FPS), MJPEG)) as port:
        yield f"http://127.0.0.1:{port}/live"


@dataclass(frozen=True)
class Broker:
    """One of these tests' own, with all topics."""

    address: str
    process: psutil.Process

    def freeze(self, seconds: float) -> None:
        self.process.suspend()
        time.sleep(seconds)
        self.process.resume()


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[Broker]:
    server = started(only("kafka", tmp_path / "kafka"))
    try:
        status = server.status()
        found = status.find("kafka") if status else None
        assert found is not None
        assert found.identity is not None
        address = server.variables()["PLATESTREAM_KAFKA"]
        create_topics(address)
        yield Broker(address, psutil.Process(found.identity.pid))
    finally:
        server.down()


@pytest.mark.timeout(300)
def test_while_kafka_is_away_the_newest_frames_are_kept_and_the_rest_is_counted(
    tmp_path: Path, broker: Broker, stream: str, wide_stream: str
) -> None:
    """With memory for all; and with memory for few and a ring on a full disk."""
    write(tmp_path, [{"id": "gate", "source": stream, "frames_per_second": FPS}])
    (poor := tmp_path / "poor").mkdir()
    write(poor, [{"id": "wide", "source": wide_stream, "frames_per_second": FPS}])
    (poor / "ring").symlink_to("/dev/full")
    full = {"PLATESTREAM_INGEST_RING": str(poor / "ring"), "PLATESTREAM_INGEST_MEMORY_MB": "1"}
    with (
        closing(LogReader(broker.address)) as log,
        readers(broker.address) as waiting,
        ingesting(broker.address, tmp_path) as ingest,
        ingesting(broker.address, poor, **full) as ingest_of_wide,
    ):
        seen = Topics(log)
        until(lambda: min(len(seen.frames()[name]) for name in ("gate", "wide")) > 5, within_sec=30)
        assert all(count_frames(reader) > 5 for reader in waiting)
        broker.freeze(AWAY_SEC)
        until(lambda: len(seen.frames()["gate"]) > AWAY_SEC * FPS, within_sec=90)
        assert all(count_frames(reader) > AWAY_SEC * FPS for reader in waiting)
        resumed_at = time.time()
        until(lambda: seen.frames()["wide"][-1].captured_at.timestamp() > resumed_at, within_sec=30)
        assert ingest.stop()[0] == ingest_of_wide.stop()[0] == 0
        headers, reports = seen.frames()["gate"], seen.coverage("gate")
        wide, of_wide = seen.frames()["wide"], seen.coverage("wide")
    assert sum(report.shed for report in reports) == 0  # a minute fits into memory
    assert sum(report.captured - report.gated for report in reports) == len(headers) - 1
    assert {header.epoch for header in headers} == {headers[0].epoch}
    lost = sum(report.shed_by.get("undelivered", 0) for report in of_wide)
    assert lost > 5
    assert sum(report.captured - report.gated for report in of_wide) == len(wide) - 1 + lost
    assert {header.epoch for header in wide} == {wide[0].epoch}
    assert ingest_of_wide.log.read_text().count(os.strerror(errno.ENOSPC)) == 1


@contextmanager
def readers(kafka: str) -> Iterator[list[LogReader]]:
    with ExitStack() as open_ones:
        yield [open_ones.enter_context(closing(LogReader(kafka))) for _ in range(IDLE_READERS)]


def count_frames(reader: LogReader) -> int:
    """Of all cameras."""
    return sum(1 for _ in reader.read(Topic.FRAMES, since={}, until=reader.ends(Topic.FRAMES)))
