"""`platestream read` with the models that are shipped: real pictures, broken ones, no pictures at all."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
import typer
from numpy.typing import NDArray
from PIL import Image
from typer.testing import CliRunner

from deploy.cli.read import read
from deploy.reading.pictures import RefusedPicture, open_picture, picture_files

KEYS = [
    "text",
    "confidence",
    "accepted",
    "corners",
    "lines",
    "colour",
    "format",
    "characters",
    "candidates",
    "vehicle",
]
RIGHT_TURN = 6


def run(*arguments: str) -> Any:
    single = typer.Typer()
    single.command()(read)
    return CliRunner().invoke(single, arguments)


def lines(output: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in output.splitlines() if line.startswith("{")]


def a_picture_with_a_plate() -> NDArray[np.uint8]:
    picture = np.full((360, 600, 3), 70, np.uint8)
    cv2.rectangle(picture, (150, 160), (450, 225), (245, 245, 245), -1)
    cv2.rectangle(picture, (150, 160), (450, 225), (10, 10, 10), 2)
    cv2.putText(
        picture, "MH12AB1234", (166, 206), cv2.FONT_HERSHEY_DUPLEX, 1.25, (10, 10, 10), 3, cv2.LINE_AA
    )
    return picture


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A plate, the same below a folder, a picture cut off, a text that is called a picture."""
    (tmp_path / "below").mkdir()
    Image.fromarray(a_picture_with_a_plate()).save(tmp_path / "plate.jpg")
    Image.fromarray(a_picture_with_a_plate()).save(tmp_path / "below" / "plate.png")
    whole = (tmp_path / "plate.jpg").read_bytes()
    (tmp_path / "cut.jpg").write_bytes(whole[: len(whole) // 2])
    (tmp_path / "text.jpg").write_text("no picture")
    (tmp_path / "notes.txt").write_text("not looked at")
    return tmp_path


def test_every_picture_of_a_folder_is_one_line_and_broken_ones_end_with_1(folder: Path) -> None:
    result = run(str(folder), str(folder / "gone.jpg"), "--json")

    assert result.exit_code == 1
    said = {Path(each["picture"]).name: each for each in lines(result.stdout)}
    assert list(said) == ["plate.png", "cut.jpg", "plate.jpg", "text.jpg", "gone.jpg"]
    assert said["cut.jpg"]["error"] == "the picture is damaged or cut off"
    assert (said["cut.jpg"]["width"], said["cut.jpg"]["height"]) == (600, 360)
    assert said["text.jpg"]["error"] == "it is no picture that can be read"
    assert said["gone.jpg"] == {
        "picture": str(folder / "gone.jpg"),
        "width": None,
        "height": None,
        "error": "there is no such file",
        "plates": [],
    }
    assert (said["plate.jpg"]["width"], said["plate.jpg"]["height"]) == (600, 360)


def test_a_plate_is_told_with_its_corners_characters_and_candidates(folder: Path) -> None:
    result = run(str(folder / "plate.jpg"), "--json")

    assert result.exit_code == 0
    (picture,) = lines(result.stdout)
    assert list(picture) == ["picture", "width", "height", "error", "plates"]
    (plate,) = picture["plates"]
    assert list(plate) == KEYS
    assert plate["text"] == "MH12AB1234"
    assert "".join(each["character"] for each in plate["characters"]) == plate["text"]
    assert list(plate["format"]) == ["series", "state", "rto", "valid"]
    assert plate["candidates"][0] == {"text": plate["text"], "probability": plate["confidence"]}
    assert plate["vehicle"] is None
    (x0, y0), (x1, _), (x2, y2), _ = plate["corners"]
    assert (x0, y0, x2, y2) == pytest.approx((150, 160, 450, 225), abs=45)
    lefts = [each["box"][0] for each in plate["characters"]]
    assert lefts == sorted(lefts)
    assert x0 - 20 <= lefts[0] < lefts[-1] <= x1 + 20


def test_without_json_it_is_a_table_and_drawings_are_pictures(folder: Path, tmp_path: Path) -> None:
    result = run(str(folder / "below"), "--draw", str(tmp_path / "drawn"))

    assert result.exit_code == 0
    assert "MH12AB1234" in result.stdout
    with Image.open(tmp_path / "drawn" / "plate.jpg") as drawing:
        assert drawing.width == 960
        assert drawing.height > 576  # the picture, and the plate below it


def test_what_cannot_be_read_has_its_line_and_no_table_without_rows(tmp_path: Path) -> None:
    (tmp_path / "empty.jpg").touch()

    result = run(str(tmp_path / "gone.jpg"), str(tmp_path / "empty.jpg"))

    assert result.exit_code == 1
    assert result.stdout == ""
    assert result.stderr.splitlines() == [
        f"{tmp_path / 'gone.jpg'}: there is no such file",
        f"{tmp_path / 'empty.jpg'}: the file is empty",
    ]


def test_an_empty_folder_is_said_in_one_line(tmp_path: Path) -> None:
    result = run(str(tmp_path))

    assert result.exit_code == 1
    assert "no pictures there" in result.output


def test_a_missing_model_stops_with_its_name(tmp_path: Path, folder: Path) -> None:
    result = run(str(folder), "--models", str(tmp_path))

    assert result.exit_code == 1
    assert "vehicle" in str(result.exception)


def test_a_picture_is_turned_as_its_exif_says(tmp_path: Path) -> None:
    picture = Image.new("RGB", (40, 20), "black")
    picture.putpixel((0, 0), (255, 255, 255))
    exif = Image.Exif()
    exif[0x0112] = RIGHT_TURN
    picture.save(tmp_path / "turned.png", exif=exif)

    pixels = open_picture(tmp_path / "turned.png")

    assert pixels.shape == (40, 20, 3)
    assert pixels[0, 19].tolist() == [255, 255, 255]


def test_fifty_megapixels_are_refused_before_they_are_decoded(tmp_path: Path) -> None:
    Image.new("1", (10_000, 5_000)).save(tmp_path / "large.png")

    with pytest.raises(RefusedPicture, match=r"50\.0 megapixels") as refused:
        open_picture(tmp_path / "large.png")
    assert refused.value.size == (10_000, 5_000)


@pytest.mark.parametrize("mode", ["L", "RGBA", "P", "1", "CMYK"])
def test_pictures_of_any_colour_mode_become_rgb(tmp_path: Path, mode: str) -> None:
    path = tmp_path / f"picture.{'jpg' if mode == 'CMYK' else 'png'}"
    Image.new(mode, (30, 20)).save(path)

    assert open_picture(path).shape == (20, 30, 3)


@pytest.mark.parametrize(("values", "kind"), [((0, 30_000, 60_000), "uint16"), ((0, 0.5, 1.0), "float32"),
                                              ((0, 1000, 2000), "int32")])  # fmt: skip
def test_a_picture_of_more_than_eight_bits_keeps_its_greys(
    tmp_path: Path, values: tuple[float, ...], kind: str
) -> None:
    Image.fromarray(np.array([values], kind)).save(tmp_path / "grey.tiff")

    assert open_picture(tmp_path / "grey.tiff")[0, :, 0].tolist() == [0, 128, 255]


def test_a_file_is_taken_whatever_its_name_but_folders_give_pictures_alone(folder: Path) -> None:
    named = picture_files([folder / "notes.txt"])
    found = picture_files([folder])

    assert [file.path.name for file in named] == ["notes.txt"]
    assert "notes.txt" not in [file.path.name for file in found]
