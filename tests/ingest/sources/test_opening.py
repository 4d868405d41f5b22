"""What FFmpeg's errors mean to people."""

from __future__ import annotations

import errno

import av.error
import pytest

from contracts.cameras import Camera
from ingest.camera.capture import CaptureError
from ingest.sources import opening
from ingest.sources.opening import told

CAMERA = Camera(id="gate", source="rtsp://viewer:s3cret@10.0.0.5/x?token=t0p", silence_sec=5)
INVALID = "Invalid data found when processing input"


class Clock:
    """The one by which is judged how long an answer took."""

    sec = 1000.0

    def monotonic(self) -> float:
        return self.sec


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(opening, "time", clock)
    return clock


def invalid_data() -> av.error.InvalidDataError:
    return av.error.InvalidDataError(1094995529, INVALID, CAMERA.source)


def reason(clock: Clock, error: Exception, what: str, *, after_sec: float, opening: bool = False) -> str:
    def fail() -> None:
        with told(CAMERA, what, opening=opening):
            clock.sec += after_sec
            raise error

    with pytest.raises(CaptureError) as found:
        fail()
    return found.value.reason


@pytest.mark.parametrize(("after_sec", "meaning"), [(0.2, INVALID), (5.1, "no answer in time")])
def test_invalid_data_is_what_a_time_out_becomes_while_a_stream_is_opened(
    clock: Clock, after_sec: float, meaning: str
) -> None:
    found = reason(clock, invalid_data(), "cannot be opened", after_sec=after_sec, opening=True)
    assert found == f"rtsp://10.0.0.5/x cannot be opened: {meaning}"


def test_invalid_data_in_a_stream_that_has_long_been_open_is_told_as_what_it_is(clock: Clock) -> None:
    found = reason(clock, invalid_data(), "broke off", after_sec=3600)
    assert found == f"rtsp://10.0.0.5/x broke off: {INVALID}"


def test_a_stream_that_falls_silent_is_told_as_that(clock: Clock) -> None:
    silent = av.error.TimeoutError(errno.ETIMEDOUT, "Connection timed out", CAMERA.source)
    found = reason(clock, silent, "broke off", after_sec=3600)
    assert found == "rtsp://10.0.0.5/x broke off: no answer in time"
