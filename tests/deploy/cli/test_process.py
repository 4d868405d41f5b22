"""`platestream process`: videos without a stack."""

from __future__ import annotations

import json
import os
import re
from datetime import UTC, datetime
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import cv2
import numpy as np
import pytest
import typer
from typer.testing import CliRunner

from contracts.errors import Stop
from deploy.cli.process import process
from deploy.reading.video import video_of


def run(*arguments: str) -> Any:
    single = typer.Typer()
    single.command()(process)
    return CliRunner().invoke(single, arguments)


def a_film(
    path: Path,
    *,
    seconds: float = 4.0,
    plate: str | None = "MH12AB1234",
    created: str | None = None,
    options: dict[str, str] | None = None,
) -> Path:
    """A white plate on grey that comes nearer. `options`: of the container."""
    with av.open(str(path), "w", options=options or {}) as container:
        if created:
            container.metadata["creation_time"] = created
        stream = container.add_stream("libx264", rate=10, options={"crf": "18"})
        stream.width, stream.height, stream.pix_fmt = 640, 384, "yuv420p"
        stream.codec_context.time_base = Fraction(1, 10)
        for number in range(int(seconds * 10)):
            picture = np.full((384, 640, 3), 70, np.uint8)
            if plate and number >= 5:
                size = 0.6 + 0.5 * number / (seconds * 10)
                x, y, width, height = 120 + 2 * number, 150 + number, round(260 * size), round(58 * size)
                cv2.rectangle(picture, (x, y), (x + width, y + height), (245, 245, 245), -1)
                cv2.rectangle(picture, (x, y), (x + width, y + height), (10, 10, 10), 2)
                cv2.putText(
                    picture,
                    plate,
                    (x + round(14 * size), y + round(41 * size)),
                    cv2.FONT_HERSHEY_DUPLEX,
                    1.1 * size,
                    (10, 10, 10),
                    max(1, round(2.4 * size)),
                    cv2.LINE_AA,
                )
            container.mux(stream.encode(av.VideoFrame.from_ndarray(picture, format="rgb24")))
        container.mux(stream.encode())
    return path


def test_a_plate_that_drives_past_is_one_event_and_a_missing_video_does_not_stop_the_rest(
    tmp_path: Path,
) -> None:
    film = a_film(tmp_path / "Gate 1.mp4", created="2026-02-01T10:00:00Z")

    result = run(str(tmp_path / "gone.mp4"), str(film), "--json", "--evidence", str(tmp_path / "kept"))

    assert result.exit_code == 1
    assert "gone.mp4" in result.stderr
    (event,) = [json.loads(line) for line in result.stdout.splitlines()]
    assert (event["camera"], event["state"], event["clock"]) == ("gate-1", "final", "container")
    assert event["reading"]["text"] == "MH12AB1234"
    assert event["first_captured_at"].startswith("2026-02-01T10:00:00.6")
    frame = event["evidence"]["frame"]
    assert (tmp_path / "kept" / frame["key"]).stat().st_size > 0
    assert (frame["width"], frame["height"]) == (640, 384)


def test_without_json_a_line_a_passage_and_their_number(tmp_path: Path) -> None:
    result = run(str(a_film(tmp_path / "empty.mp4", seconds=1.0, plate=None)))

    assert result.exit_code == 0
    assert result.stdout == f"{tmp_path / 'empty.mp4'}: 0 passages\n"


@pytest.mark.parametrize("name", ["notes.mp4", "notes.jpg"])
def test_a_file_that_is_no_video_is_one_line_that_begins_with_its_name(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_text("no video")

    result = run(str(tmp_path / name))

    assert result.exit_code == 1
    (line,) = result.stderr.strip().splitlines()
    assert line.startswith(f"{tmp_path / name}: ")


def test_a_film_that_was_cut_off_is_told(tmp_path: Path) -> None:
    film = a_film(tmp_path / "whole.mp4", plate=None, options={"movflags": "faststart"})
    cut = tmp_path / "cut.mp4"
    cut.write_bytes(film.read_bytes()[: film.stat().st_size * 3 // 4])

    result = run(str(cut))

    assert result.exit_code == 1
    assert re.search(r"cut\.mp4: is cut off: \d\d? of its 40 frames are there", result.stderr)


@pytest.mark.parametrize("created", ["1904-01-01T00:00:00Z", None])
def test_a_film_without_a_sensible_date_is_dated_by_its_file(tmp_path: Path, created: str | None) -> None:
    film = a_film(tmp_path / "film.mp4", seconds=0.5, plate=None, created=created)

    video = video_of(film, frames_per_second=5)

    assert video.started_at == datetime.fromtimestamp(film.stat().st_mtime, UTC)
    assert video.seconds == pytest.approx(0.5, abs=0.11)


def test_an_address_is_refused_without_its_password(tmp_path: Path) -> None:
    result = run(str(tmp_path / "gone.mp4"), "rtsp://viewer:s3cr3t@camera.example/live")

    assert isinstance(result.exception, Stop)
    assert str(result.exception).startswith("rtsp://… is no video file")
    assert "s3cr3t" not in result.output + str(result.exception)


def test_a_name_that_is_no_text_is_told_as_well_as_it_can_be(tmp_path: Path) -> None:
    film = a_film(tmp_path / "film.mp4", seconds=1.0, plate=None)
    film = film.rename(os.fsdecode(os.fsencode(tmp_path) + b"/\xff.mp4"))

    result = run(str(film))

    assert (result.exit_code, result.stdout) == (0, f"{tmp_path}/\ufffd.mp4: 0 passages\n")
