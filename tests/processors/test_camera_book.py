"""The stages take up a changed camera file, and keep the last good one."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from contracts.errors import Stop
from processors.adapters.camera_book import Answers, CameraBook

ONE = "cameras: [{id: gate, source: film.mp4, place: North gate}]"
TWO = "cameras: [{id: gate, source: film.mp4, place: South gate}, {id: yard, source: 'rtsp://${USER_X}@a/b'}]"


class Clock:
    now_sec = 0.0

    def __call__(self) -> float:
        return self.now_sec


def write(path: Path, text: str, stamp: int) -> None:
    path.write_text(text, encoding="utf-8")
    os.utime(path, ns=(stamp, stamp))


def test_a_changed_file_is_taken_up_and_a_broken_one_is_told(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    path, clock = tmp_path / "cameras.yml", Clock()
    write(path, ONE, 1)
    book = CameraBook(path, now_sec=clock)
    places = Answers(book, lambda camera: camera.place)
    assert dict(places) == {"gate": "North gate"}

    write(path, TWO, 2)
    assert places["gate"] == "North gate"
    clock.now_sec = 3.0
    assert dict(places) == {"gate": "South gate"}
    assert [camera.id for camera in book.cameras()] == ["gate", "yard"]

    write(path, "cameras: [", 3)
    clock.now_sec = 6.0
    assert dict(places) == {"gate": "South gate"}
    assert "the cameras stay as they were" in caplog.text


def test_without_a_file_nothing_is_known_and_a_wrong_one_stops_the_start(tmp_path: Path) -> None:
    assert CameraBook(None).cameras() == ()
    assert "gate" not in Answers(CameraBook(None), lambda camera: camera.place)
    with pytest.raises(Stop, match="camera file"):
        CameraBook(tmp_path / "missing.yml")
