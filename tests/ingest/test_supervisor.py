"""All cameras of a process: which are read, which are exchanged, and when there is nothing left to read."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

import msgspec
import pytest
from prometheus_client import CollectorRegistry

from contracts.cameras import Camera
from contracts.messages.coverage import Coverage
from ingest import supervisor as supervisor_module
from ingest.capture import CaptureError, Source
from ingest.counters import IngestMetrics
from ingest.supervisor import Supervisor
from tests.ingest.fakes import NoBrake, Outgoing, Reel, Shut
from tests.integration.watched import until

FILM = Camera(id="film", source="film.mp4", pace="max")
STREAM = Camera(id="gate", source="rtsp://10.0.0.5/x")


def disabled(camera: Camera) -> Camera:
    return msgspec.structs.replace(camera, enabled=False)


class Sent(Outgoing):
    """Takes frames and reports at once."""

    queued_bytes = 0

    def __init__(self) -> None:
        super().__init__()
        self.reports: list[Coverage] = []

    def send_coverage(self, coverage: Coverage) -> None:
        self.reports.append(coverage)


class Running:
    """A supervisor in a thread, its cameras, and what was sent. `sources` by camera; a film without one."""

    def __init__(self, *cameras: Camera, sources: Mapping[str, Source] | None = None) -> None:
        self.cameras = {camera.id: camera for camera in cameras}
        self.sources = dict(sources or {})
        self.sent = Sent()
        self.registry = CollectorRegistry()
        self.supervisor = Supervisor(
            lambda: self.cameras, publisher=self.sent, brake=NoBrake(),
            metrics=IngestMetrics(self.registry), instance="test", open_camera=self._open,
        )  # fmt: skip
        self.thread = threading.Thread(target=self.supervisor.run, kwargs={"until_all_ended": True})

    def _open(self, camera: Camera) -> Source:
        return self.sources.get(camera.id) or Reel([0.0, 0.2, 0.4])

    def reads(self, *cameras: Camera) -> None:
        self.cameras = {camera.id: camera for camera in cameras}

    def frames(self, camera: str) -> int:
        return len([header for header, _ in self.sent.frames if header.camera == camera])

    @property
    def goes_on(self) -> bool:
        """Also after some more looks."""
        self.thread.join(0.2)
        return self.thread.is_alive()


@contextmanager
def running(*cameras: Camera, sources: Mapping[str, Source] | None = None) -> Iterator[Running]:
    it = Running(*cameras, sources=sources)
    it.thread.start()
    try:
        yield it
    finally:
        it.supervisor.stop()
        it.thread.join(20)
        assert not it.thread.is_alive()


@pytest.fixture(autouse=True)
def _short_looks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(supervisor_module, "_LOOK_EVERY_SEC", 0.01)


def test_it_ends_when_all_enabled_cameras_are_files_that_have_ended() -> None:
    with running(FILM, disabled(STREAM)) as it:
        until(lambda: not it.thread.is_alive(), within_sec=20)
        assert it.frames("film") == 3 + 1
        assert {report.camera for report in it.sent.reports} == {"film", "gate"}


def test_it_goes_on_while_no_camera_is_enabled_and_reads_one_that_is_enabled_later() -> None:
    with running(disabled(FILM), disabled(STREAM)) as it:
        assert it.goes_on
        it.reads(FILM, disabled(STREAM))
        until(lambda: not it.thread.is_alive(), within_sec=20)
        assert it.frames("film") == 3 + 1


def test_it_goes_on_beside_files_that_have_ended_while_a_camera_is_a_stream_or_a_file_is_awaited() -> None:
    refused = CaptureError("gate", "wrong user or password", refused=True)
    for other in (STREAM, Camera(id="gate", source="on-its-way.mp4")):
        with running(FILM, other, sources={"gate": Shut(refused)}) as it:
            until(lambda: it.frames("film") == 3 + 1, within_sec=20)
            assert it.goes_on
