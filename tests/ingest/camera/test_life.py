"""The life of one camera: when it is opened again, and when it has ended for good."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

import pytest
from prometheus_client import CollectorRegistry

from contracts.cameras import Camera
from ingest.camera import life as life_module
from ingest.camera.capture import CaptureError, Source
from ingest.camera.counters import CameraCounters, IngestMetrics
from ingest.camera.life import Life
from tests.ingest.fakes import NoBrake, Outgoing, Reel, Shut
from tests.integration.watched import until

FILE = Camera(id="gate", source="film.mp4", frames_per_second=25, pace="max")
LOOPED = Camera(id="gate", source="film.mp4", frames_per_second=25, pace="max", repeat=True)
LIVE = Camera(id="gate", source="rtsp://10.0.0.5/x", frames_per_second=25)
CABLE = CaptureError("gate", "the cable is cut")


class Lived:
    """A life whose openings are the given ones, the last of them without end."""

    def __init__(self, camera: Camera, *reels: Reel) -> None:
        self.opened = 0
        self.outgoing = Outgoing()
        self._reels = reels
        metrics = IngestMetrics(CollectorRegistry())
        self.counters = CameraCounters(camera, instance="test", metrics=metrics)
        self.life = Life(
            camera, sink=self.outgoing, brake=NoBrake(), counters=self.counters,
            metrics=metrics, open_camera=self._open,
        )  # fmt: skip

    def _open(self, _camera: Camera) -> Source:
        self.opened += 1
        return self._reels[min(self.opened, len(self._reels)) - 1]

    @property
    def told(self) -> tuple[str | None, str | None]:
        """State and note of the last report."""
        report = self.counters.reports(datetime.now(UTC))[-1]
        return report.state, report.note


@contextmanager
def lived(camera: Camera, *reels: Reel) -> Iterator[Lived]:
    lived = Lived(camera, *reels)
    lived.life.start()
    yield lived
    lived.life.end()
    assert lived.life.join(20)


def film(*, ends_with: Exception | None = None) -> Reel:
    return Reel([number / 25 for number in range(10)], ends_with=ends_with)


@pytest.fixture(autouse=True)
def _short_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    class Short:
        def after(self, *, ran_sec: float, refused: bool) -> float:
            return 0.01

    monkeypatch.setattr(life_module, "Pauses", Short)


def test_a_file_that_was_read_to_its_end_is_off() -> None:
    with lived(FILE, film()) as it:
        until(lambda: not it.life.is_alive, within_sec=20)
        assert (it.opened, it.told) == (1, ("off", "ended"))


@pytest.mark.parametrize(
    ("error", "reason"),
    [(CABLE, "the cable is cut"), (IndexError("no such stream"), "unexpected IndexError")],
)
def test_a_file_that_breaks_off_after_it_gave_frames_is_off_with_the_reason_and_not_begun_again(
    error: Exception, reason: str, caplog: pytest.LogCaptureFixture
) -> None:
    with lived(FILE, film(ends_with=error)) as it:
        until(lambda: not it.life.is_alive, within_sec=20)
        assert (it.opened, it.told) == (1, ("off", reason))
        assert [header.end for header, _ in it.outgoing.frames] == [False] * 10 + [True]
    assert f"camera gate: {reason}; what it gave stands, it is not begun again" in caplog.text


def test_a_file_that_cannot_be_opened_is_tried_again() -> None:
    """It may still be on its way to where it is looked for."""
    with lived(FILE, Shut(CABLE), film(ends_with=CABLE)) as it:
        until(lambda: not it.life.is_alive, within_sec=20)
        assert (it.opened, it.told) == (2, ("off", "the cable is cut"))


def test_a_file_that_is_to_be_repeated_begins_again_however_it_ends() -> None:
    with lived(LOOPED, film(ends_with=CABLE), film()) as it:
        until(lambda: it.opened > 3, within_sec=20)
        assert it.life.is_alive


@pytest.mark.parametrize("error", [CABLE, IndexError("no such stream"), None])
def test_a_stream_is_opened_again_however_it_ends(error: Exception | None) -> None:
    with lived(LIVE, film(ends_with=error)) as it:
        until(lambda: it.opened > 3, within_sec=20)
        assert it.life.is_alive
    assert it.told == ("off", "stopped")


def test_a_camera_that_is_not_enabled_is_never_opened() -> None:
    with lived(Camera(id="gate", source="film.mp4", enabled=False), film()) as it:
        until(lambda: not it.life.is_alive, within_sec=20)
        assert (it.opened, it.told) == (0, ("off", "not enabled"))
