"""All cameras of a process: which are read, which are exchanged, and when there is nothing left to read."""

from __future__ import annotations

import itertools
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager

import msgspec
import pytest
from prometheus_client import CollectorRegistry

from contracts.cameras import Camera
from contracts.errors import Stop
from contracts.messages.coverage import Coverage
from ingest import supervisor as supervisor_module
from ingest.camera import life as life_module
from ingest.camera.capture import Arrival, CaptureError, Source
from ingest.camera.counters import IngestMetrics
from ingest.supervisor import Supervisor
from tests.ingest.fakes import NoBrake, Outgoing, Reel, Shut
from tests.integration.watched import until

FILM = Camera(id="film", source="film.mp4", pace="max")
STREAM = Camera(id="road", source="rtsp://10.0.0.5/x")
HUNG = Camera(
    id="gate", source="rtsp://10.0.0.5/y", frames_per_second=50, stream_frames_per_second=100, silence_sec=1
)


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
    """A supervisor in a thread, its cameras, and what was sent. `sources`: by camera those of its openings,
    one after the other and the last for all later ones; films without them."""

    def __init__(self, *cameras: Camera, sources: Mapping[str, Sequence[Source]] | None = None) -> None:
        self.cameras = {camera.id: camera for camera in cameras}
        self.sources = {name: list(openings) for name, openings in (sources or {}).items()}
        self.sent = Sent()
        self.registry = CollectorRegistry()
        self.supervisor = Supervisor(
            lambda: self.cameras, publisher=self.sent, brake=NoBrake(),
            metrics=IngestMetrics(self.registry), instance="test", open_camera=self._open,
        )  # fmt: skip
        self.thread = threading.Thread(target=self.supervisor.run, kwargs={"until_all_ended": True})

    def _open(self, camera: Camera) -> Source:
        openings = self.sources.get(camera.id)
        if openings is None:
            return Reel([0.0, 0.2, 0.4])
        return openings.pop(0) if len(openings) > 1 else openings[0]

    def reads(self, *cameras: Camera) -> None:
        self.cameras = {camera.id: camera for camera in cameras}

    def state(self, state: str) -> float | None:
        """Of the camera `gate`, by the metrics."""
        labels = {"camera": "gate", "state": state}
        return self.registry.get_sample_value("platestream_camera_state", labels)

    def frames(self, camera: str) -> int:
        return len([header for header, _ in self.sent.frames if header.camera == camera])

    @property
    def goes_on(self) -> bool:
        """Also after some more looks."""
        self.thread.join(0.2)
        return self.thread.is_alive()


class Hanging(Reel):
    """After three frames it hangs in a call that only `let_go` brings back."""

    def __init__(self) -> None:
        super().__init__([0.0, 0.2, 0.4])
        self.hangs, self.let_go = threading.Event(), threading.Event()

    def arrivals(self) -> Iterator[Arrival]:
        yield from super().arrivals()
        self.hangs.set()
        self.let_go.wait()


class Endless(Reel):
    """It gives frames for as long as it is read."""

    def __init__(self) -> None:
        super().__init__([])

    def arrivals(self) -> Iterator[Arrival]:
        for number in itertools.count():
            time.sleep(0.01)
            yield Arrival(number / 100, None, True, 1, number)


@contextmanager
def running(*cameras: Camera, sources: Mapping[str, Sequence[Source]] | None = None) -> Iterator[Running]:
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
        assert {report.camera for report in it.sent.reports} == {"film", "road"}


def test_it_goes_on_while_no_camera_is_enabled_and_reads_one_that_is_enabled_later() -> None:
    with running(disabled(FILM), disabled(STREAM)) as it:
        assert it.goes_on
        it.reads(FILM, disabled(STREAM))
        until(lambda: not it.thread.is_alive(), within_sec=20)
        assert it.frames("film") == 3 + 1


def test_it_goes_on_beside_files_that_have_ended_while_a_camera_is_a_stream_or_a_file_is_awaited() -> None:
    refused = CaptureError("road", "wrong user or password", refused=True)
    for other in (STREAM, Camera(id="road", source="on-its-way.mp4")):
        with running(FILM, other, sources={"road": [Shut(refused)]}) as it:
            until(lambda: it.frames("film") == 3 + 1, within_sec=20)
            assert it.goes_on


@pytest.fixture
def hanging() -> Iterator[Hanging]:
    hanging = Hanging()
    yield hanging
    hanging.let_go.set()


@pytest.fixture
def noticed(monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    """From the call on, two seconds without a sign are enough to be taken for stuck."""
    return lambda: monkeypatch.setattr(life_module, "STUCK_AFTER_SEC", 2 - 3 * HUNG.silence_sec)


def test_a_camera_that_hangs_is_begun_anew_and_the_time_in_which_it_hung_is_told(
    hanging: Hanging, noticed: Callable[[], None]
) -> None:
    noticed()
    with running(HUNG, sources={"gate": [hanging, Endless()]}) as it:
        until(lambda: it.frames("gate") > 3 + 5, within_sec=20)
        last = {report.instance: report for report in it.sent.reports}["test-1"]
        assert (last.state, last.note) == ("stalled", "hung in a call that did not come back")
        minutes = {report.minute: report for report in it.sent.reports if report.instance == "test-1"}
        assert sum(report.captured for report in minutes.values()) == 3
        assert sum(report.gaps.get("stalled", 0) for report in minutes.values()) > 100


def test_a_thread_that_comes_back_after_it_was_left_behind_changes_no_state(
    hanging: Hanging, noticed: Callable[[], None]
) -> None:
    noticed()
    with running(HUNG, sources={"gate": [hanging, Endless()]}) as it:
        until(lambda: it.frames("gate") > 3 + 5, within_sec=20)
        hanging.let_go.set()
        until(lambda: not any(life.is_alive for life in it.supervisor._stuck), within_sec=20)
        assert (it.state("live"), it.state("off")) == (1, 0)


def test_a_camera_that_hangs_while_it_is_exchanged_is_read_as_it_is_wanted_now(
    hanging: Hanging, noticed: Callable[[], None], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO")
    with running(HUNG, sources={"gate": [hanging, Endless()]}) as it:
        until(hanging.hangs.is_set, within_sec=20)
        it.reads(msgspec.structs.replace(HUNG, place="north gate"))
        until(lambda: "camera gate: changed" in caplog.text, within_sec=20)
        noticed()
        until(lambda: it.frames("gate") > 3 + 5, within_sec=20)
        assert it.state("live") == 1
    assert "camera gate: hangs in a call that does not come back; its end is not waited for" in caplog.text


def test_a_camera_that_hangs_and_is_not_read_here_any_more_leaves_the_metrics(
    hanging: Hanging, noticed: Callable[[], None], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO")
    with running(HUNG, STREAM, sources={"gate": [hanging], "road": [Endless()]}) as it:
        until(hanging.hangs.is_set, within_sec=20)
        it.reads(STREAM)
        until(lambda: "camera gate: is not read here any more" in caplog.text, within_sec=20)
        noticed()
        until(lambda: it.state("live") is None, within_sec=20)


def test_too_many_cameras_that_hang_end_the_process(
    monkeypatch: pytest.MonkeyPatch, hanging: Hanging, noticed: Callable[[], None]
) -> None:
    noticed()
    monkeypatch.setattr(supervisor_module, "MOST_STUCK", 0)
    it = Running(HUNG, sources={"gate": [hanging, Endless()]})
    with pytest.raises(Stop, match="1 cameras hang in calls that do not come back"):
        it.supervisor.run(until_all_ended=False)
    it.supervisor._end_all()
