"""The ingest process against a real broker: its camera file changes, it is stopped, killed, Kafka is away."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path
from typing import Any, cast

import psutil
import pytest

from contracts.codec import decode
from contracts.messages.coverage import Coverage
from contracts.messages.frame import FrameHeader, decode_headers
from contracts.topics import Topic
from deploy.local.folders import CHECKOUT
from deploy.local.topics import create_topics
from deploy.measure.log import LogReader
from tests.integration.bad_cameras import answering, http_stream, mjpeg_parts, silent
from tests.integration.parts import only, started
from tests.integration.watched import until

MJPEG = "multipart/x-mixed-replace;boundary=frame"
FPS = 10


class Ingest:
    """A running process, its camera file and what it wrote."""

    def __init__(self, kafka: str, folder: Path, **variables: str) -> None:
        self.folder = folder
        self.cameras = folder / "cameras.yml"
        self.log = folder / f"log-{len(list(folder.glob('log-*')))}"
        environment = {
            **os.environ, "PLATESTREAM_KAFKA": kafka, "PLATESTREAM_CAMERAS": str(self.cameras), **variables,
        }  # fmt: skip
        with self.log.open("wb") as output:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "ingest"], cwd=CHECKOUT, env=environment, stdout=output, stderr=output
            )

    def said(self, words: str) -> bool:
        return words in self.log.read_text()

    def stop(self) -> tuple[int, float]:
        """Exit status, and after how many seconds."""
        began_sec = time.monotonic()
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(20), time.monotonic() - began_sec

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()


@contextmanager
def ingesting(kafka: str, folder: Path, **variables: str) -> Iterator[Ingest]:
    ingest = Ingest(kafka, folder, **variables)
    try:
        yield ingest
    finally:
        if ingest.process.poll() is None:
            ingest.kill()


@pytest.fixture
def stream() -> Iterator[str]:
    """The address of a camera of ten frames a second, for as many readers as there are."""
    with answering(http_stream(lambda: mjpeg_parts(every_sec=1 / FPS), MJPEG)) as port:
        yield f"http://127.0.0.1:{port}/live"


def write(folder: Path, cameras: list[dict[str, Any]]) -> None:
    (folder / "cameras.new").write_text(json.dumps({"cameras": cameras}))
    (folder / "cameras.new").rename(folder / "cameras.yml")


class Topics:
    """What was written since this was made."""

    def __init__(self, log: LogReader) -> None:
        self._log = log
        self._since = {topic: log.ends(topic) for topic in (Topic.FRAMES, Topic.COVERAGE)}

    def frames(self) -> dict[str, list[FrameHeader]]:
        found: dict[str, list[FrameHeader]] = defaultdict(list)
        for message in self._read(Topic.FRAMES):
            header = decode_headers(cast("list[tuple[str, bytes]]", message.headers() or []))
            found[header.camera].append(header)
        return found

    def coverage(self, camera: str) -> list[Coverage]:
        """The last report of each minute and instance."""
        reports = {}
        for message in self._read(Topic.COVERAGE):
            report = decode(Coverage, message.value() or b"")
            if report.camera == camera:
                reports[report.minute, report.instance] = report
        return list(reports.values())

    def _read(self, topic: Topic) -> Any:
        return self._log.read(topic, since=self._since[topic], until=self._log.ends(topic))


def test_a_changed_camera_file_moves_only_what_it_changes_and_a_broken_one_nothing(
    topics: str, tmp_path: Path, stream: str, fresh_name: Callable[[str], str]
) -> None:
    stays, goes, comes = fresh_name("stays"), fresh_name("goes"), fresh_name("comes")
    write(tmp_path, [{"id": stays, "source": stream}, {"id": goes, "source": stream}])
    with closing(LogReader(topics)) as log, ingesting(topics, tmp_path) as ingest:
        seen = Topics(log)
        until(lambda: {stays, goes} <= set(seen.frames()), within_sec=30)
        (tmp_path / "cameras.yml").write_text(f"cameras:\n- id: {stays}\n  sauce: x\n")
        until(lambda: ingest.said("line 3: Object contains unknown field `sauce`"), within_sec=10)
        assert ingest.said("the cameras stay as they were")
        write(tmp_path, [{"id": stays, "source": stream}, {"id": comes, "source": stream}])
        until(lambda: comes in seen.frames(), within_sec=15)
        until(lambda: any(header.end for header in seen.frames()[goes]), within_sec=10)
        status, _ = ingest.stop()
        frames = seen.frames()
    assert status == 0
    assert len({header.epoch for header in frames[stays]}) == 1
    sequences = [header.sequence for header in frames[stays]]
    assert sequences == list(range(len(sequences)))


def test_a_stop_takes_less_than_five_seconds_whatever_hangs_and_loses_nothing(
    topics: str, tmp_path: Path, stream: str, fresh_name: Callable[[str], str]
) -> None:
    good = fresh_name("good")
    with closing(LogReader(topics)) as log, answering(silent) as dumb_port, ExitStack() as stack:
        dumb = [
            {"id": fresh_name("dumb"), "source": f"rtsp://127.0.0.1:{dumb_port}/{number}", "silence_sec": 60}
            for number in range(3)
        ]
        write(tmp_path, [{"id": good, "source": stream}, *dumb])
        seen = Topics(log)
        ingest = stack.enter_context(ingesting(topics, tmp_path))
        until(lambda: len(seen.frames()[good]) > 5, within_sec=30)
        status, took_sec = ingest.stop()
        frames, reports = seen.frames()[good], seen.coverage(good)
    assert status == 0, ingest.log.read_text()
    assert took_sec < 5
    assert frames[-1].end
    assert sum(report.sent for report in reports) == len(frames) - 1
    captured = sum(report.captured for report in reports)
    assert captured == sum(report.gated + report.sent + report.shed for report in reports)
    assert sum(report.expected for report in reports) == captured + sum(
        frames for report in reports for frames in report.gaps.values()
    )


def test_a_killed_process_leaves_whole_frames_and_the_next_goes_on_in_a_new_epoch(
    topics: str, tmp_path: Path, stream: str, fresh_name: Callable[[str], str]
) -> None:
    camera = fresh_name("killed")
    write(tmp_path, [{"id": camera, "source": stream}])
    with closing(LogReader(topics)) as log:
        seen = Topics(log)
        with ingesting(topics, tmp_path) as first:
            until(lambda: len(seen.frames()[camera]) > 5, within_sec=30)
            first.kill()
        before = seen.frames()[camera]
        with ingesting(topics, tmp_path) as second:
            until(lambda: len(seen.frames()[camera]) > len(before) + 5, within_sec=30)
            assert second.stop()[0] == 0
        headers = seen.frames()[camera]
    assert len({header.epoch for header in headers}) == 2
    assert [header.sequence for header in before] == list(range(len(before)))


def test_cameras_of_a_killed_process_are_read_by_another_within_thirty_seconds(
    topics: str, tmp_path: Path, stream: str, fresh_name: Callable[[str], str]
) -> None:
    cameras = [fresh_name(f"shared{number}") for number in range(6)]
    write(tmp_path, [{"id": camera, "source": stream} for camera in cameras])
    share = {"PLATESTREAM_INGEST_SHARE": fresh_name("city")}
    with closing(LogReader(topics)) as log, ExitStack() as stack:
        seen = Topics(log)
        one = stack.enter_context(ingesting(topics, tmp_path, **share))
        until(lambda: set(cameras) <= set(seen.frames()), within_sec=40)
        two = stack.enter_context(ingesting(topics, tmp_path, **share))
        until(lambda: two.said("are read here"), within_sec=40)
        until(lambda: one.said("is not read here any more"), within_sec=20)
        time.sleep(2)
        one.kill()
        killed_at = time.time()

        def all_read_again() -> bool:
            last = {name: headers[-1].captured_at.timestamp() for name, headers in seen.frames().items()}
            return all(last[camera] > killed_at + 0.5 for camera in cameras)

        until(all_read_again, within_sec=30)
        assert two.stop()[0] == 0


def test_while_kafka_is_away_the_newest_frames_are_kept_and_the_rest_is_counted(
    tmp_path: Path, stream: str
) -> None:
    server = started(only("kafka", tmp_path / "kafka"))
    try:
        kafka = server.variables()["PLATESTREAM_KAFKA"]
        create_topics(kafka)
        write(tmp_path, [{"id": "gate", "source": stream, "frames_per_second": FPS}])
        status = server.status()
        found = status.find("kafka") if status else None
        assert found is not None
        assert found.identity is not None
        broker = psutil.Process(found.identity.pid)
        with closing(LogReader(kafka)) as log, ingesting(kafka, tmp_path) as ingest:
            seen = Topics(log)
            until(lambda: len(seen.frames()["gate"]) > 5, within_sec=30)
            broker.suspend()
            time.sleep(8)
            broker.resume()
            until(lambda: len(seen.frames()["gate"]) > 8 * FPS, within_sec=30)
            assert ingest.stop()[0] == 0
            headers, reports = seen.frames()["gate"], seen.coverage("gate")
    finally:
        server.down()
    assert sum(report.shed for report in reports) == 0  # eight seconds fit into memory
    assert sum(report.captured for report in reports) == len(headers) - 1
    assert {header.epoch for header in headers} == {headers[0].epoch}
