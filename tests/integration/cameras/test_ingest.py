"""Ingest against a real broker and a real RTSP server."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import cast

import simplejpeg

from contracts.codec import decode
from contracts.messages.coverage import Coverage
from contracts.messages.frame import FrameHeader, decode_headers
from contracts.topics import Topic
from deploy.local.folders import CHECKOUT
from deploy.measure.log import LogReader
from tests.ingest.camera.films import make_film


def start_ingest(kafka: str, camera_file: Path, log: Path) -> subprocess.Popen[bytes]:
    environment = {**os.environ, "PLATESTREAM_KAFKA": kafka, "PLATESTREAM_CAMERAS": str(camera_file)}
    environment.pop("PLATESTREAM_HEALTH", None)
    with log.open("wb") as output:
        return subprocess.Popen(
            [sys.executable, "-m", "ingest"], cwd=CHECKOUT, env=environment, stdout=output, stderr=output
        )


def frames_of(log: LogReader, since: dict[int, int], camera: str) -> list[tuple[FrameHeader, bytes]]:
    found = []
    for message in log.read(Topic.FRAMES, since=since, until=log.ends(Topic.FRAMES)):
        header = decode_headers(cast("list[tuple[str, bytes]]", message.headers()))
        if header.camera == camera:
            found.append((header, message.value() or b""))
    return found


def camera_file(folder: Path, **camera: object) -> Path:
    path = folder / "cameras.yml"
    path.write_text(json.dumps({"cameras": [camera]}))  # JSON is YAML
    return path


def test_a_film_stands_on_the_topic_frame_by_frame_and_ends(
    topics: str, tmp_path: Path, fresh_name: Callable[[str], str]
) -> None:
    camera = fresh_name("film")
    film = make_film(tmp_path / "film.mp4", seconds=4)
    cameras = camera_file(tmp_path, id=camera, source=str(film), frames_per_second=5, pace="max")
    with closing(LogReader(topics)) as log:
        since = log.ends(Topic.FRAMES)
        reports_since = log.ends(Topic.COVERAGE)
        process = start_ingest(topics, cameras, tmp_path / "log")
        assert process.wait(60) == 0, (tmp_path / "log").read_text()
        *frames, (end, nothing) = frames_of(log, since, camera)
        assert [header.sequence for header, _ in frames] == list(range(20))
        assert (end.end, end.sequence, nothing) == (True, 20, b"")
        assert {header.clock for header, _ in frames} == {"container"}
        assert all(simplejpeg.decode_jpeg_header(jpeg)[:2] == (180, 320) for _, jpeg in frames)
        reports = [
            decode(Coverage, message.value())
            for message in log.read(Topic.COVERAGE, since=reports_since, until=log.ends(Topic.COVERAGE))
            if message.key() == camera.encode()
        ]
    last = {report.minute: report for report in reports}.values()
    assert sum(report.captured for report in last) == 100
    assert sum(report.sent for report in last) == 20
    assert sum(report.gated for report in last) == 80


def test_an_rtsp_camera_is_read_and_stopped_in_order(
    topics: str, tmp_path: Path, rtsp: Callable[[Path], str], fresh_name: Callable[[str], str]
) -> None:
    camera = fresh_name("rtsp")
    address = rtsp(make_film(tmp_path / "film.mp4", seconds=20))
    cameras = camera_file(tmp_path, id=camera, source=address, frames_per_second=5)
    with closing(LogReader(topics)) as log:
        since = log.ends(Topic.FRAMES)
        process = start_ingest(topics, cameras, tmp_path / "log")
        try:
            deadline = time.monotonic() + 40
            while len(frames_of(log, since, camera)) < 6 and time.monotonic() < deadline:
                time.sleep(0.5)
        finally:
            process.send_signal(signal.SIGTERM)
            assert process.wait(15) == 0, (tmp_path / "log").read_text()
        *frames, (end, _) = frames_of(log, since, camera)
    assert len(frames) >= 6, (tmp_path / "log").read_text()
    assert end.end
    assert {header.origin for header, _ in frames} == {"live"}


def test_a_camera_that_is_not_there_is_told_and_the_other_is_read(
    topics: str, tmp_path: Path, fresh_name: Callable[[str], str]
) -> None:
    good, bad = fresh_name("good"), fresh_name("bad")
    film = make_film(tmp_path / "film.mp4", seconds=1)
    path = tmp_path / "cameras.yml"
    path.write_text(
        json.dumps(
            {
                "cameras": [
                    {"id": bad, "source": "nowhere.mp4"},
                    {"id": good, "source": str(film), "pace": "max"},
                ]
            }
        )
    )
    with closing(LogReader(topics)) as log:
        since = log.ends(Topic.FRAMES)
        process = start_ingest(topics, path, tmp_path / "log")
        try:
            deadline = time.monotonic() + 30
            while len(frames_of(log, since, good)) < 6 and time.monotonic() < deadline:
                time.sleep(0.3)
        finally:
            process.send_signal(signal.SIGTERM)
            assert process.wait(15) == 0
        assert len(frames_of(log, since, good)) == 6
    text = (tmp_path / "log").read_text()
    assert f"camera {bad}: nowhere.mp4 cannot be opened: No such file" in text
    assert "Traceback" not in text


def test_a_wrong_camera_file_ends_ingest_with_one_line(topics: str, tmp_path: Path) -> None:
    path = tmp_path / "cameras.yml"
    path.write_text("cameras: [{id: a, source: x, colour: red}]")
    process = start_ingest(topics, path, tmp_path / "log")
    assert process.wait(30) == 1
    lines = (tmp_path / "log").read_text().strip().splitlines()
    assert len(lines) == 1
    assert "colour" in lines[0]
