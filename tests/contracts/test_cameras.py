"""The camera file: what it takes, and one clear line for each mistake."""

from __future__ import annotations

import contextlib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.cameras import parse_cameras, read_cameras
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


LINES = """cameras:
  - id: gate
    source: rtsp://10.0.0.5/stream
    frames_per_second: 4
  - id: film
    {}
    source: films/one.mp4
"""


@pytest.mark.parametrize(
    ("line", "named"),
    [
        ("colour: red", "unknown field `colour`"),
        ("frames_per_second: fast", "Expected `float`"),
        ("frames_per_second: 0", "frames_per_second"),
        ("time_zone: Asia/Atlantis", "Asia/Atlantis"),
        ("cut_to_zones: true", "there are no zones"),
        ("burst_frames_per_second: 1", "less than frames_per_second"),
        ("zones: [{name: lane, corners: [[0, 0], [1, 0]]}]", "corners"),
        ("zones: [{name: lane, corners: [[0, 0], [1, 0], [1, 7]]}]", "corners"),
        ("place: [", "expected"),
        ("pace: slow", "Invalid enum value 'slow', allowed are max, real - at `$.cameras[1].pace`"),
        (
            "vehicles: [car, lorry]",
            "'lorry', allowed are auto-rickshaw, bus, car, motorcycle, other, truck - at `$.",
        ),
        (
            "zones: [{name: lane, corners: [[0, 0], [1, 1], [0, 0]]}]",
            "corners: all of zone lane lie on one line, it has no area - at `$.cameras[1].zones[0]`",
        ),
        (
            "zones: [{name: lane, corners: [[0.1, 0.3], [0.2, 0.6], [0.3, 0.9]]}]",
            "corners: all of zone lane lie on one line",
        ),
        (
            "lines: [{name: stop, ends: [[0.5, 0.5], [0.5, 0.5]]}]",
            "ends: both of line stop are the same point - at `$.cameras[1].lines[0]`",
        ),
    ],
)
def test_a_mistake_is_told_with_its_line(line: str, named: str) -> None:
    with pytest.raises(Stop) as stopped:
        parse_cameras(LINES.format(line), environment={}, where="cameras.yml")
    told = str(stopped.value)
    assert named in told
    assert "line 6:" in told


@pytest.mark.parametrize(
    "corners", ["[[0, 0], [1, 1], [1, 0], [0, 1]]", "[[0.5, 0.5], [0.51, 0.5], [0.5, 0.51]]"]
)
def test_a_zone_may_cross_itself_and_may_be_small(corners: str) -> None:
    line = f"zones: [{{name: lane, corners: {corners}}}]"
    _, film = parse_cameras(LINES.format(line), environment={}, where="cameras.yml")
    assert [zone.name for zone in film.zones] == ["lane"]


def test_a_second_camera_of_one_id_is_told_at_its_own_line() -> None:
    with pytest.raises(Stop, match="line 4: camera id a stands there twice"):
        parse_cameras(
            "cameras:\n- id: a\n  source: x\n- id: a\n  source: y", environment={}, where="cameras.yml"
        )


def test_a_password_may_hold_any_sign_and_may_come_from_a_secret_file(tmp_path: Path) -> None:
    secret = tmp_path / "password"
    secret.write_text("p@ss/w:rd\n")
    text = "cameras: [{id: a, source: 'rtsp://${NAME}:${WORD}@10.0.0.5/x'}]"
    (camera,) = parse_cameras(
        text, environment={"NAME": "viewer", "WORD_FILE": str(secret)}, where="cameras.yml"
    )
    assert camera.source == "rtsp://viewer:p%40ss%2Fw%3Ard@10.0.0.5/x"
    assert camera.shown_source() == "rtsp://10.0.0.5/x"


def test_a_secret_file_that_is_not_there_is_told_without_the_secret() -> None:
    text = "cameras: [{id: a, source: 'rtsp://u:${WORD}@10.0.0.5/x'}]"
    with pytest.raises(Stop, match="line 1: camera a: its secret file cannot be read: No such file"):
        parse_cameras(text, environment={"WORD_FILE": "/nowhere/word"}, where="cameras.yml")


def test_a_secret_file_that_is_no_text_is_told_without_what_it_holds(tmp_path: Path) -> None:
    secret = tmp_path / "password"
    secret.write_bytes(b"s3cret\xff\xfe")
    text = "cameras: [{id: a, source: 'rtsp://u:${WORD}@10.0.0.5/x'}]"
    with pytest.raises(Stop, match=r"line 1: camera a: its secret file is no text in UTF-8$"):
        parse_cameras(text, environment={"WORD_FILE": str(secret)}, where="cameras.yml")


@pytest.mark.parametrize("name", ["cam_pw", "CAM-PW", ""])
def test_a_variable_that_could_never_be_filled_in_is_a_mistake_and_no_password(name: str) -> None:
    text = f"cameras: [{{id: a, source: 'rtsp://u:${{{name}}}@10.0.0.5/x'}}]"
    with pytest.raises(Stop, match="capitals"):
        parse_cameras(text, environment={"cam_pw": "x"}, where="cameras.yml")


def test_a_reader_that_needs_no_passwords_gets_none() -> None:
    gate, _ = parse_cameras(GOOD, environment=None, where="cameras.yml")
    assert "${PASS_WORD}" in gate.source


@given(st.text(max_size=200))
def test_no_text_whatever_is_more_than_one_clear_mistake(text: str) -> None:
    with contextlib.suppress(Stop):
        parse_cameras(text, environment={}, where="cameras.yml")


def test_a_missing_camera_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(Stop, match=r"nowhere\.yml: No such file"):
        read_cameras(tmp_path / "nowhere.yml", environment={})


def test_a_camera_file_that_is_no_text_is_named(tmp_path: Path) -> None:
    path = tmp_path / "cameras.yml"
    path.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(Stop, match=r"cameras\.yml"):
        read_cameras(path, environment={})
