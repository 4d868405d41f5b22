"""Where `platestream read --draw` puts its drawings: over no picture, and over no other drawing."""

from __future__ import annotations

from pathlib import Path

import pytest
import typer
from PIL import Image
from typer.testing import CliRunner

from contracts.errors import Stop
from deploy.cli.read import read
from deploy.reading.pictures import drawing_files, picture_files


def a_picture(path: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.new("RGB", (64, 48), "grey").save(path)
    return path


def test_a_drawing_keeps_the_path_below_the_folder_that_was_given(tmp_path: Path) -> None:
    a_picture(tmp_path / "in" / "gate" / "car.png")

    assert drawing_files(picture_files([tmp_path / "in"]), tmp_path / "out") == [
        tmp_path / "out" / "gate" / "car.jpg"
    ]


def test_pictures_of_one_name_get_a_drawing_each(tmp_path: Path) -> None:
    given = [a_picture(tmp_path / name) for name in ("a/1.jpg", "a/1.png", "b/1.jpg", "b/1-2.jpg")]
    out = tmp_path / "out"

    assert drawing_files(picture_files([*given, given[0]]), out) == [
        *(out / "1.jpg", out / "1-2.jpg", out / "1-3.jpg", out / "1-2-2.jpg"),
        out / "1.jpg",
    ]


def test_drawings_into_the_folder_of_the_pictures_are_refused_and_the_pictures_stay(tmp_path: Path) -> None:
    picture = a_picture(tmp_path / "car.jpg")
    before = picture.read_bytes()
    single = typer.Typer()
    single.command()(read)

    result = CliRunner().invoke(single, [str(tmp_path), "--draw", str(tmp_path)])

    assert isinstance(result.exception, Stop)
    assert f"{picture} is read and would be replaced" in str(result.exception)
    assert picture.read_bytes() == before


def test_a_link_to_a_picture_is_not_followed_into_it(tmp_path: Path) -> None:
    picture = a_picture(tmp_path / "car.jpg")
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "car.jpg").symlink_to(picture)

    with pytest.raises(Stop, match="would be replaced by a drawing"):
        drawing_files(picture_files([picture]), tmp_path / "out")
