"""Labels that lie outside their picture are named and left out, by whoever uses labels; the rest goes on."""

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

from triton_models.training.characters.plates import read_plates
from triton_models.training.detectors.pictures import load_pictures
from triton_models.training.evaluation.plates import FoundPlate
from triton_models.training.evaluation.run import PictureRead, evaluate
from triton_models.training.labels.annotations import (
    Annotation,
    LabelledPlate,
    LabelledVehicle,
    Skipped,
    TeacherLabels,
    TeacherVehicle,
)
from triton_models.training.labels.contact_sheet import contact_sheet
from triton_models.training.labels.visible import visible

WIDTH, HEIGHT = 400, 300
INSIDE = (100.0, 100.0, 200.0, 130.0)
OUTSIDE = [
    (400.0, 100.0, 500.0, 130.0),
    (-90.0, 100.0, 0.0, 130.0),
    (100.0, 300.0, 200.0, 330.0),
    (100.0, -30.0, 200.0, 0.0),
    (1e300, 100.0, 2e300, 130.0),
]
WITHOUT_AREA = [(200.0, 100.0, 100.0, 130.0), (100.0, 130.0, 200.0, 100.0), (100.0, 100.0, 100.0, 130.0)]
numbers = st.floats(-1e4, 1e4) | st.floats(allow_infinity=True, allow_nan=True)


def note(*boxes: tuple[float, ...], **more: Any) -> Annotation:
    plates = tuple(LabelledPlate(box, text=f"MH12AB{number:04}") for number, box in enumerate(boxes))  # type: ignore[arg-type]
    return Annotation(
        image="one.jpg", source="here", split="train", width=WIDTH, height=HEIGHT, plates=plates, **more
    )


def written(folder: Path, *plates: dict[str, Any], **more: Any) -> None:
    assert cv2.imwrite(str(folder / "one.jpg"), np.full((HEIGHT, WIDTH, 3), 90, np.uint8))
    line = {"image": "one.jpg", "source": "here", "split": "train", "width": WIDTH, "height": HEIGHT}
    (folder / "annotations.jsonl").write_text(json.dumps({**line, "plates": plates, **more}) + "\n")


@pytest.mark.parametrize(
    ("box", "why"),
    [*((box, "outside") for box in OUTSIDE), *((box, "no area in") for box in WITHOUT_AREA)],
)
def test_a_box_that_shows_nothing_is_named_with_its_picture_and_its_size(
    box: tuple[float, float, float, float], why: str
) -> None:
    skipped: list[Skipped] = []
    seen = visible(note(INSIDE, box), (WIDTH, HEIGHT), skipped)
    assert [plate.text for plate in seen.plates] == ["MH12AB0000"]
    assert skipped == [Skipped("one.jpg plate 2", f"box {list(box)}: {why} the picture of 400 x 300")]


@given(box=st.tuples(numbers, numbers, numbers, numbers))
def test_every_label_is_used_as_far_as_it_is_seen_or_is_named(box: tuple[float, float, float, float]) -> None:
    skipped: list[Skipped] = []
    seen = visible(note(box), (WIDTH, HEIGHT), skipped)
    assert len(seen.plates) + len(skipped) == 1
    for x0, y0, x1, y1 in (plate.box for plate in seen.plates):
        assert 0 <= x0 < x1 <= WIDTH
        assert 0 <= y0 < y1 <= HEIGHT


@given(left=st.floats(0, 200), top=st.floats(0, 150), wide=st.floats(0.1, 200), tall=st.floats(0.1, 150))
def test_a_box_within_stays_as_it_is(left: float, top: float, wide: float, tall: float) -> None:
    labelled = note((left, top, left + wide, top + tall), plates_complete=True)
    assert visible(labelled, (WIDTH, HEIGHT), []) == labelled


def test_a_picture_of_which_a_label_is_left_out_is_no_longer_complete() -> None:
    vehicles = (LabelledVehicle(kind="car", box=OUTSIDE[0]),)
    labelled = note(INSIDE, vehicles=vehicles, plates_complete=True, vehicles_complete=True)
    seen = visible(labelled, (WIDTH, HEIGHT), [])
    assert (seen.vehicles, seen.plates_complete, seen.vehicles_complete) == ((), True, False)
    assert not visible(note(OUTSIDE[0], plates_complete=True), (WIDTH, HEIGHT), []).plates_complete


def test_what_a_teacher_says_is_told_as_a_teachers() -> None:
    skipped: list[Skipped] = []
    labels = TeacherLabels("one.jpg", vehicles=(TeacherVehicle(kind="car", box=OUTSIDE[0], score=0.9),))
    assert visible(labels, (WIDTH, HEIGHT), skipped).vehicles == ()
    assert [each.picture for each in skipped] == ["one.jpg teacher's vehicle 1"]


@pytest.mark.parametrize("box", [*OUTSIDE, *WITHOUT_AREA])
def test_a_plate_outside_is_left_out_by_readers_and_the_rest_is_read(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, box: tuple[float, ...]
) -> None:
    written(tmp_path, {"box": box, "text": "MH12AB1234"}, {"box": INSIDE, "text": "KA01CD5678"})
    with caplog.at_level(logging.WARNING):
        read = read_plates(tmp_path, "train")
    assert [cut.text for cut in read.plates] == ["KA01CD5678"]
    assert [each.picture for each in read.skipped] == ["one.jpg plate 1"]
    assert "one.jpg plate 1" in caplog.text


def test_a_plate_partly_outside_is_framed_as_far_as_it_is_seen(tmp_path: Path) -> None:
    written(tmp_path, {"box": [350, 100, 480, 130], "text": "MH12AB1234"})
    (cut,) = read_plates(tmp_path, "train").plates
    left, top = cut.framings[-1].min(0)
    right, bottom = cut.framings[-1].max(0)
    assert (right - left, bottom - top) == (50, 30)
    assert cut.picture.shape[1] == right


@pytest.mark.parametrize("box", [[0, 0, 400, 0.2], [0, 0, 0.2, 300], [0, 299.9, 400, 300]])
def test_a_strip_along_an_edge_is_cut_like_any_other(tmp_path: Path, box: list[float]) -> None:
    written(tmp_path, {"box": [10 * value for value in box], "text": "MH12AB1234"})
    assert cv2.imwrite(str(tmp_path / "one.jpg"), np.full((10 * HEIGHT, 10 * WIDTH, 3), 90, np.uint8))
    (cut,) = read_plates(tmp_path, "train").plates
    assert min(cut.picture.shape[:2]) >= 1


@pytest.mark.parametrize("box", [*OUTSIDE, *WITHOUT_AREA])
def test_what_lies_outside_becomes_no_label_of_a_detector(tmp_path: Path, box: tuple[float, ...]) -> None:
    written(tmp_path, {"box": box}, {"box": INSIDE}, plates_complete=True,
            vehicles=[{"class": "car", "box": box}, {"class": "car", "box": INSIDE}])  # fmt: skip
    corners = [[1, 1], [2, 1], [2, 2], [1, 2]]
    taught = {"plates": [{"box": box, "corners": corners, "score": 0.9}],
              "vehicles": [{"class": "bus", "box": box, "score": 0.9}]}  # fmt: skip
    (tmp_path / "teacher.jsonl").write_text(json.dumps({"image": "one.jpg", **taught}))
    (picture,), left_out = load_pictures(tmp_path, "train", ["here"])
    assert [label.corners[0].tolist() for label in picture.plates] == [list(INSIDE[:2])]
    assert [label.xyxy.tolist() for label in picture.vehicles] == [list(INSIDE)]
    assert (picture.unsure_plates, picture.unsure_vehicles, picture.complete) == ((), (), False)
    names = ("teacher's plate 1", "teacher's vehicle 1", "plate 1", "vehicle 1")
    assert [each.picture for each in left_out] == [f"one.jpg {name}" for name in names]


async def test_an_evaluation_names_a_plate_outside_and_counts_the_others(tmp_path: Path) -> None:
    async def read(path: Path) -> PictureRead:
        return PictureRead([FoundPlate(INSIDE, "MH12AB0000", 0.9, accepted=True)], size_wh=(WIDTH, HEIGHT))

    labelled = note(INSIDE, OUTSIDE[0])
    found = await evaluate(tmp_path, [labelled], read, lambda: None)
    assert [each.picture for each in found.skipped] == ["one.jpg plate 2"]
    assert (found.counts["all"].labelled, found.counts["all"].exact) == (1, 1)
    assert [each.plates for each in found.looked_at] == [labelled.plates[:1]]


@pytest.mark.parametrize("box", OUTSIDE)
def test_a_label_far_outside_does_not_keep_the_contact_sheet_from_being_drawn(
    box: tuple[float, ...],
) -> None:
    shown = np.full((HEIGHT, WIDTH, 3), 90, np.uint8)
    assert contact_sheet([("here", [(note(box), shown)])]).size
