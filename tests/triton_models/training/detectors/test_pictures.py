"""Labelled pictures for the detectors: whose word counts for what, and labels that move with a view."""

from __future__ import annotations

import json
import logging
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.errors import Stop
from contracts.messages.common import PLATE_COLOURS, VEHICLE_CLASSES
from triton_models.training.characters.plates import read_plates
from triton_models.training.detectors.config import read_config
from triton_models.training.detectors.pictures import LabelledPicture, load_pictures
from triton_models.training.detectors.streets import Streets
from triton_models.training.detectors.views import view_of
from triton_models.training.labels.annotations import told_of
from triton_models.training.labels.plain_colour import plain_colour

BOX = [100, 100, 200, 130]
CORNERS = [[101, 103], [199, 100], [198, 128], [102, 131]]


def written(folder: Path, note: dict[str, Any], teacher: dict[str, Any] | None = None) -> None:
    """One picture of 400 x 300 with a yellow plate where `BOX` is."""
    picture = np.full((300, 400, 3), 90, np.uint8)
    cv2.rectangle(picture, (100, 100), (200, 130), (20, 190, 235), -1)
    cv2.imwrite(str(folder / "one.jpg"), picture)
    whole = {"image": "one.jpg", "source": "here", "split": "train", "width": 400, "height": 300, **note}
    (folder / "annotations.jsonl").write_text(json.dumps(whole) + "\n")
    if teacher is not None:
        (folder / "teacher.jsonl").write_text(json.dumps({"image": "one.jpg", **teacher}) + "\n")


def the_picture(folder: Path) -> LabelledPicture:
    pictures, left_out = load_pictures(folder, "train", ["here"])
    assert left_out == []
    assert len(pictures) == 1
    return pictures[0]


def test_a_teachers_corners_replace_a_box_of_one_line(tmp_path: Path) -> None:
    written(
        tmp_path,
        {"plates": [{"box": BOX}]},
        {"plates": [{"box": BOX, "corners": CORNERS, "score": 0.8}]},
    )
    (plate,) = the_picture(tmp_path).plates
    assert plate.corners == pytest.approx(np.array(CORNERS, np.float32))
    assert plate.weight == 1.0
    assert PLATE_COLOURS[plate.colour] == "yellow"


def test_on_two_lines_the_box_is_believed_and_counts_less(tmp_path: Path) -> None:
    written(
        tmp_path,
        {"plates": [{"box": BOX, "lines": 2}]},
        {"plates": [{"box": BOX, "corners": CORNERS, "score": 0.8}]},
    )
    (plate,) = the_picture(tmp_path).plates
    assert plate.corners[0] == pytest.approx(BOX[:2])
    assert plate.corners[2] == pytest.approx(BOX[2:])
    assert plate.weight < 1.0
    assert plate.lines == 2


def test_characters_give_tighter_corners_than_the_box(tmp_path: Path) -> None:
    characters = [{"character": "A", "box": [110 + 14 * n, 106, 120 + 14 * n, 124]} for n in range(6)]
    written(tmp_path, {"plates": [{"box": BOX, "lines": 1, "characters": characters}]})
    (plate,) = the_picture(tmp_path).plates
    assert 103 < plate.corners[0, 0] < 110
    assert 100 < plate.corners[0, 1] < 106
    assert plate.weight == 1.0


@pytest.mark.parametrize("fall_px", [-6, -2, 2, 6])
def test_the_corners_from_characters_tilt_as_their_row_does(tmp_path: Path, fall_px: int) -> None:
    characters = [
        {"character": "A", "box": [110 + 14 * n, 106 + n * fall_px / 5, 120 + 14 * n, 124 + n * fall_px / 5]}
        for n in range(6)
    ]
    written(tmp_path, {"plates": [{"box": BOX, "lines": 1, "characters": characters}]})
    top_left, top_right = the_picture(tmp_path).plates[0].corners[:2]
    assert np.sign(top_right[1] - top_left[1]) == np.sign(fall_px)
    assert top_right[0] > top_left[0] + 60


def test_what_only_an_unsure_teacher_saw_is_neither_right_nor_wrong(tmp_path: Path) -> None:
    other = {"box": [300, 200, 340, 212], "corners": [[300, 200], [340, 200], [340, 212], [300, 212]]}
    written(tmp_path, {"plates": []}, {"plates": [{**other, "score": 0.4}]})
    picture = the_picture(tmp_path)
    assert picture.plates == ()
    assert len(picture.unsure_plates) == 1


def test_classes_that_nobody_labelled_are_not_judged(tmp_path: Path) -> None:
    rickshaw = VEHICLE_CLASSES.index("auto-rickshaw")
    note = {"vehicles": [{"class": "auto-rickshaw", "box": BOX}], "vehicle_classes": ["auto-rickshaw"]}
    written(tmp_path, note)
    assert the_picture(tmp_path).kinds == (rickshaw,)
    written(tmp_path, note, {"vehicles": [{"class": "car", "box": [0, 0, 50, 50], "score": 0.9}]})
    picture = the_picture(tmp_path)
    assert picture.kinds == tuple(range(len(VEHICLE_CLASSES)))
    assert [label.kind for label in picture.vehicles] == [rickshaw, 0]


def test_what_a_teacher_sees_around_a_labelled_vehicle_may_be_that_one(tmp_path: Path) -> None:
    """As a row of rickshaws that it takes for a truck, or a motorcycle whose label has its rider in it."""
    note = {"vehicles": [{"class": "rickshaw", "box": BOX}], "vehicle_classes": ["rickshaw"]}
    row = [BOX[0] - 90, BOX[1] - 20, BOX[2] + 90, BOX[3] + 60]
    beside = [BOX[2], BOX[1], BOX[2] + 90, BOX[3] + 60]
    taught = [{"class": "truck", "box": box, "score": 0.9} for box in (row, beside)]
    written(tmp_path, note, {"vehicles": taught})
    picture = the_picture(tmp_path)
    assert [label.xyxy.tolist() for label in picture.vehicles] == [BOX, beside]
    assert [box.tolist() for box in picture.unsure_vehicles] == [row]


def test_a_picture_that_is_missing_is_named_and_counted(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    written(tmp_path, {})
    (tmp_path / "one.jpg").unlink()
    with caplog.at_level(logging.WARNING):
        pictures, left_out = load_pictures(tmp_path, "train", ["here"])
    assert (pictures, [each.picture for each in left_out]) == ([], ["one.jpg"])
    assert "one.jpg" in caplog.text


@pytest.mark.parametrize("end", [0, 40, 1500])
def test_a_picture_that_is_cut_off_is_named_and_left_out_by_detectors_and_readers(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, end: int
) -> None:
    written(tmp_path, {"plates": [{"box": BOX, "text": "MH12AB1234"}]})
    whole = (tmp_path / "one.jpg").read_bytes()
    assert end < len(whole) - 200
    (tmp_path / "one.jpg").write_bytes(whole[:end])
    with caplog.at_level(logging.WARNING):
        pictures, left_out = load_pictures(tmp_path, "train", ["here"])
    assert (pictures, [each.picture for each in left_out]) == ([], ["one.jpg"])
    assert "one.jpg" in caplog.text
    read = read_plates(tmp_path, "train")
    assert (read.plates, read.skipped) == ([], left_out)


def test_a_teachers_damaged_lines_are_named_by_file_and_number_and_counted_once(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    written(tmp_path, {"plates": [{"box": BOX, "text": "MH12AB1234"}]}, {"plates": []})
    with (tmp_path / "teacher.jsonl").open("ab") as teacher:
        teacher.write(b'{"image": "one.jpg", "plates": [{"bo\n\xff\xfe\n{"image": 3}\n')
    with caplog.at_level(logging.WARNING):
        pictures, left_out = load_pictures(tmp_path, "train", ["here"])
    assert len(pictures) == 1
    assert [each.picture for each in left_out] == [f"teacher.jsonl line {number}" for number in (2, 3, 4)]
    assert all(each.picture in caplog.text for each in left_out)
    read = read_plates(tmp_path, "train")
    assert len(read.plates) == 1
    assert told_of(left_out, read.skipped) == (
        "3 left out: teacher.jsonl line 2, teacher.jsonl line 3, teacher.jsonl line 4"
    )


BLACK, WHITE, YELLOW, RED = (10, 10, 10), (240, 240, 236), (236, 186, 20), (180, 24, 28)


@pytest.mark.parametrize(
    ("ground", "ink", "colour"),
    [
        (WHITE, BLACK, "white"),
        (YELLOW, BLACK, "yellow"),
        (YELLOW, RED, "yellow"),
        ((40, 150, 60), BLACK, "green"),
        ((40, 150, 60), WHITE, "green"),
        ((50, 50, 50), BLACK, None),
        (BLACK, WHITE, None),
        (BLACK, YELLOW, None),
        (RED, WHITE, None),
        ((24, 62, 150), YELLOW, None),
    ],
)
@pytest.mark.parametrize("bold", [4, 9])
def test_only_a_plain_colour_is_named(
    ground: tuple[int, int, int], ink: tuple[int, int, int], colour: str | None, bold: int
) -> None:
    """However bold the strokes are: white ones on black make no white plate."""
    picture = np.full((60, 200, 3), ground, np.uint8)
    cv2.putText(picture, "KA01", (30, 45), cv2.FONT_HERSHEY_SIMPLEX, 1.4, ink, bold)
    corners = np.array([[0, 0], [200, 0], [200, 60], [0, 60]], np.float32)
    named = plain_colour(picture, corners)
    assert (PLATE_COLOURS[named] if named >= 0 else None) == colour


@given(seed=st.integers(0, 10_000), scale=st.floats(0.3, 2.5))
def test_corners_stay_on_their_marks_in_every_view(seed: int, scale: float) -> None:
    """A white plate in the picture is white at its middle in the view, and goes round clockwise there."""
    picture = np.zeros((300, 400, 3), np.uint8)
    corners = np.array([[120, 100], [280, 110], [276, 170], [116, 160]], np.float32)
    cv2.fillConvexPoly(picture, corners.astype(np.int32), (255, 255, 255))
    view = view_of(
        np.random.default_rng(seed), centre=(198.0, 135.0), lands_at=(160.0, 160.0), scale=scale,
        size_wh=(320, 320), tilt=0.2, keystone=0.0005,
    )  # fmt: skip
    seen, moved = view.of(picture), view.corners(corners)
    x, y = moved.mean(0)
    assert seen[round(float(y)), round(float(x))].min() > 200
    assert moved[0, 0] < moved[1, 0]
    sides = np.roll(moved, -1, axis=0) - moved
    after = np.roll(sides, -1, axis=0)
    assert (sides[:, 0] * after[:, 1] - sides[:, 1] * after[:, 0] > 0).all()


def test_the_same_seed_renders_the_same_street_with_its_labels_inside() -> None:
    one = Streets(3, 1).picture(np.random.default_rng(1))
    same = Streets(3, 1).picture(np.random.default_rng(1))
    assert one.jpeg == same.jpeg
    height, width = one.pixels().shape[:2]
    boxes = np.array([*(label.xyxy for label in one.vehicles), *one.unsure_vehicles])
    assert len(boxes) or one.plates
    assert (boxes >= 0).all()
    assert (boxes <= (width, height, width, height)).all()
    for plate in one.plates:
        assert (plate.corners >= 0).all()
        assert (plate.corners <= (width, height)).all()
        assert plate.lines in (1, 2)


@pytest.mark.parametrize(
    "text",
    ["sources: {a: 1.0}\nspeed: 3\n", "sources: {a: fast}\n", "batch: 0\nsources: {a: 1.0}\n", "- 1\n"],
)
def test_settings_that_nobody_knows_or_that_make_no_sense_are_refused(tmp_path: Path, text: str) -> None:
    path = tmp_path / "plates.yml"
    path.write_text(text)
    with pytest.raises(Stop, match=r"plates\.yml"):
        read_config(path)


def test_a_picture_is_known_to_be_complete_only_where_its_source_says_so(tmp_path: Path) -> None:
    written(tmp_path, {"plates": []})
    assert not the_picture(tmp_path).complete
    written(tmp_path, {"plates": [], "plates_complete": True})
    assert the_picture(tmp_path).complete
