"""The camera file: what it takes, and one clear line for each mistake."""

from __future__ import annotations

from pathlib import Path

import pytest

from contracts.cameras import parse_cameras, read_cameras, without_credentials
from contracts.errors import Stop

GOOD = """
cameras:
  - id: north-gate
    place: North gate
    source: rtsp://${USER_NAME}:${PASS_WORD}@10.0.0.5/stream?token=abc
    frames_per_second: 4
  - id: film
    source: films/one.mp4
    pace: max
"""
ENVIRONMENT = {"USER_NAME": "viewer", "PASS_WORD": "s3cret"}


def test_a_camera_file_gives_its_cameras_with_credentials_from_the_environment() -> None:
    gate, film = parse_cameras(GOOD, environment=ENVIRONMENT, where="cameras.yml")
    assert gate.source == "rtsp://viewer:s3cret@10.0.0.5/stream?token=abc"
    assert (gate.is_live, gate.frames_per_second, gate.place) == (True, 4.0, "North gate")
    assert (film.is_live, film.pace, film.repeat) == (False, "max", False)


def test_what_is_printed_of_a_source_holds_no_credentials() -> None:
    gate = parse_cameras(GOOD, environment=ENVIRONMENT, where="cameras.yml")[0]
    assert gate.shown_source() == "rtsp://10.0.0.5/stream"
    assert without_credentials("films/one@home.mp4") == "films/one@home.mp4"


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("cameras: []", "cameras"),
        ("", "Expected `object`"),
        ("cameras: [{id: a, source: x, colour: red}]", "colour"),
        ("cameras: [{id: 'A B', source: x}]", "cameras\\[0\\].id"),
        ("cameras: [{id: a, source: x, frames_per_second: 0}]", "frames_per_second"),
        ("cameras: [{id: a, source: x}, {id: a, source: y}]", "camera id a stands there twice"),
        ("cameras: [{id: a, source: 'rtsp://${NOBODY}@x/'}]", "camera a needs NOBODY"),
        ("cameras: [", "cameras.yml"),
    ],
)
def test_a_mistake_is_one_line_that_names_the_file_and_the_place(text: str, named: str) -> None:
    with pytest.raises(Stop, match=named) as stopped:
        parse_cameras(text, environment={}, where="cameras.yml")
    assert "cameras.yml" in str(stopped.value)


def test_a_missing_camera_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(Stop, match=r"nowhere\.yml: No such file"):
        read_cameras(tmp_path / "nowhere.yml", environment={})


def test_a_camera_file_that_is_no_text_is_named(tmp_path: Path) -> None:
    path = tmp_path / "cameras.yml"
    path.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(Stop, match=r"cameras\.yml"):
        read_cameras(path, environment={})
