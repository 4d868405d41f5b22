"""The ingest process with its camera file, and what it writes on its topics."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, cast

from contracts.codec import decode
from contracts.messages.coverage import Coverage
from contracts.messages.frame import FrameHeader, decode_headers
from contracts.topics import Topic
from deploy.local.folders import CHECKOUT
from deploy.measure.log import LogReader

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
