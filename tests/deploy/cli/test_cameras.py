"""`platestream cameras check`: every camera looked at, those that give nothing told with their reason."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import cv2
from typer.testing import CliRunner

from deploy.cli.cameras import cameras
from tests.ingest.camera.films import make_film, make_picture


def run(*arguments: str) -> Any:
    return CliRunner().invoke(cameras, ["check", *arguments])


def a_camera_file(folder: Path) -> Path:
    make_film(folder / "film.mp4", seconds=1, fps=25)
    (folder / "pictures").mkdir()
    make_picture(folder / "pictures" / "one.png")
    listed = [
        {"id": "film", "source": str(folder / "film.mp4")},
        {"id": "folder", "source": str(folder / "pictures")},
        {"id": "gone", "source": "rtsp://viewer:s3cret@127.0.0.1:1/x"},
        {"id": "resting", "source": str(folder / "film.mp4"), "enabled": False},
    ]
    path = folder / "cameras.yml"
    path.write_text(json.dumps({"cameras": listed}))
    return path


def test_each_camera_is_told_with_what_it_sends(tmp_path: Path) -> None:
    path = a_camera_file(tmp_path)

    done = run("--cameras", str(path), "--json", "--pictures", str(tmp_path / "seen"))

    film, folder, gone, resting = json.loads(done.stdout)
    assert done.exit_code == 1
    assert (film["codec"], film["width"], film["height"], film["frames_per_second"]) == ("h264", 320, 180, 25)
    assert (film["problem"], film["picture"]) == (None, True)
    assert (folder["width"], folder["height"]) == (64, 48)
    assert "Connection refused" in gone["problem"]
    assert "s3cret" not in done.stdout
    assert resting["problem"] == "is not enabled"
    assert {file.name for file in (tmp_path / "seen").iterdir()} == {"film.jpg", "folder.jpg"}
    seen = cv2.imread(str(tmp_path / "seen" / "film.jpg"))
    assert seen is not None
    assert seen.shape == (180, 320, 3)


def test_chosen_cameras_that_are_well_end_well(tmp_path: Path) -> None:
    done = run("--cameras", str(a_camera_file(tmp_path)), "--only", "film")
    assert done.exit_code == 0
    assert "320 x 180" in done.stdout
    assert "gone" not in done.stdout


def test_a_camera_that_is_not_in_the_file_is_named(tmp_path: Path) -> None:
    done = run("--cameras", str(a_camera_file(tmp_path)), "--only", "nobody")
    assert "has no camera nobody" in str(done.exception)
