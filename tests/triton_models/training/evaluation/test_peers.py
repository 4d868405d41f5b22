"""How others' models are fed and what is made of their answers; a fake session plays the model."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from triton_models.training.evaluation.peers import (
    HyperLprPlates,
    LineReader,
    SlotReader,
    YoloxVehicles,
    plate_detectors,
    plate_readers,
    vehicle_detectors,
)

SQUARE = np.array([[0, 0], [96, 0], [96, 48], [0, 48]], np.float32)
"""Corners of a plate as tall as one of two lines."""
WIDE = np.array([[0, 0], [192, 0], [192, 48], [0, 48]], np.float32)


@dataclass
class OneModel:
    """Gives `answers` in turn, the last one for good, and keeps what it was fed."""

    answers: list[NDArray[Any]]
    side: int = 320
    characters: str = ""
    fed: list[NDArray[Any]] = field(default_factory=list)

    def get_inputs(self) -> Sequence[Any]:
        return [SimpleNamespace(name="picture", shape=[1, 3, self.side, self.side])]

    def get_modelmeta(self) -> Any:
        return SimpleNamespace(custom_metadata_map={"character": self.characters})

    def run(self, outputs: None, fed: Mapping[str, NDArray[Any]], /) -> Sequence[NDArray[Any]]:
        self.fed.append(fed["picture"])
        return [self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]]


def picture(width: int, height: int, colour: tuple[int, int, int] = (200, 100, 50)) -> NDArray[np.uint8]:
    return np.full((height, width, 3), colour, np.uint8)


def plate_row(x: float, *, objectness: float = 0.8, one: float = 0.5, two: float = 0.25) -> list[float]:
    """A plate of 40 x 20 around (x, 50) of the input, with its corners at the box."""
    left, right = x - 20, x + 20
    return [x, 50, 40, 20, objectness, left, 40, right, 40, right, 60, left, 60, one, two]


def test_a_plate_of_the_input_lies_in_the_picture_that_was_put_into_the_middle_of_black() -> None:
    """640 x 480 is fed as 320 x 240 with 40 black rows above: what is at (80, 40) was at (160, 0)."""
    model = OneModel([np.array([[plate_row(100)]], np.float32)])
    found = HyperLprPlates(model)(picture(640, 480))
    assert found.xyxy.tolist() == [[160, 0, 240, 40]]
    assert found.corners is not None
    assert found.corners.tolist() == [[[160, 0], [240, 0], [240, 40], [160, 40]]]
    rows = model.fed[0][0, 0, :, 160]
    assert (np.flatnonzero(rows)[0], np.flatnonzero(rows)[-1]) == (40, 279)


def test_a_tall_picture_has_black_at_its_sides() -> None:
    model = OneModel([np.array([[plate_row(100)]], np.float32)])
    assert HyperLprPlates(model)(picture(160, 320)).xyxy.tolist() == [[0, 40, 40, 60]]


@pytest.mark.parametrize(("one", "two"), [(0.5, 0.25), (0.25, 0.5)])
def test_a_plate_is_as_sure_as_its_likelier_kind(one: float, two: float) -> None:
    rows = np.array([[plate_row(100, objectness=0.8, one=one, two=two), plate_row(200, objectness=0.01)]])
    found = HyperLprPlates(OneModel([rows.astype(np.float32)]))(picture(320, 320))
    assert found.scores.tolist() == [pytest.approx(0.4)]


def test_of_two_boxes_on_one_plate_the_surer_stays() -> None:
    rows = [plate_row(100, objectness=0.6), plate_row(104, objectness=0.9), plate_row(200, objectness=0.7)]
    found = HyperLprPlates(OneModel([np.array([rows], np.float32)]))(picture(320, 320))
    assert found.xyxy[:, 0].tolist() == [84, 180]


def test_the_plate_detector_sees_red_first_between_nought_and_one() -> None:
    model = OneModel([np.zeros((1, 0, 15), np.float32)])
    HyperLprPlates(model)(picture(320, 160))
    assert model.fed[0].shape == (1, 3, 320, 320)
    assert model.fed[0][0, :, 160, 10] == pytest.approx([200 / 255, 100 / 255, 50 / 255])


COCO_CAR, COCO_MOTORCYCLE, COCO_BUS = 2, 3, 5


def vehicle_rows(cells: Mapping[int, tuple[int, float]]) -> NDArray[np.float32]:
    """All rows of an input of 64 x 64; those of `cells` are a class, half a cell off, 2 x 4 strides large."""
    rows = np.zeros((1, 64 + 16 + 4, 85), np.float32)
    for cell, (kind, score) in cells.items():
        rows[0, cell, :5] = (0.5, 0.5, np.log(2), np.log(4), 1.0)
        rows[0, cell, 5 + kind] = score
    return rows


@pytest.mark.parametrize(
    ("cell", "box"),
    [
        (8 * 3 + 4, [28, 12, 44, 44]),  # stride 8, third row from nought, fourth column: around (36, 28)
        (64 + 4 * 1 + 2, [24, -8, 56, 56]),  # stride 16: around (40, 24)
        (64 + 16 + 1, [16, -48, 80, 80]),  # stride 32: around (48, 16)
    ],
)
def test_a_vehicle_lies_where_its_cell_and_stride_say(cell: int, box: list[float]) -> None:
    model = OneModel([vehicle_rows({cell: (COCO_CAR, 0.9)})], side=64)
    found = YoloxVehicles(model)(picture(128, 128, (0, 0, 255)))
    assert found.xyxy[0] == pytest.approx(2 * np.array(box), abs=1e-3)
    assert found.scores.tolist() == [pytest.approx(0.9)]
    assert model.fed[0][0, :, 5, 5].tolist() == [255, 0, 0]  # blue first, not scaled


def test_only_cars_buses_and_trucks_are_vehicles_here() -> None:
    model = OneModel([vehicle_rows({0: (COCO_MOTORCYCLE, 0.9), 63: (COCO_BUS, 0.6)})], side=64)
    assert YoloxVehicles(model)(picture(64, 64)).scores.tolist() == [pytest.approx(0.6)]


def test_each_vehicle_has_the_likeliest_of_the_kinds_that_are_asked_for() -> None:
    rows = vehicle_rows({0: (COCO_MOTORCYCLE, 0.9), 63: (COCO_BUS, 0.6)})
    rows[0, 63, 5 + COCO_CAR] = 0.5
    found = YoloxVehicles(OneModel([rows], side=64), ("car", "motorcycle", "bus"))(picture(64, 64))
    assert found.kinds == ("motorcycle", "bus")
    assert YoloxVehicles(OneModel([rows], side=64))(picture(64, 64)).kinds == ("bus",)


def slots(*signs: int) -> NDArray[np.float32]:
    return np.eye(37, dtype=np.float32)[np.newaxis, list(signs)]


def test_slots_are_figures_then_letters_and_the_last_sign_is_an_empty_slot() -> None:
    model = OneModel([slots(0, 9, 10, 35, 36, 1, 36, 36, 36)])
    assert SlotReader(model)(picture(192, 48), WIDE) == "09AZ1"
    assert model.fed[0].shape == (1, 64, 128, 3)
    assert model.fed[0].dtype == np.uint8


SIGNS = "M\nH\n1\n中"
BLANK, M, H, ONE, CHINESE, SPACE = range(6)


def steps(*signs: int) -> NDArray[np.float32]:
    return np.eye(6, dtype=np.float32)[np.newaxis, list(signs)]


def line_reader(*lines: NDArray[np.float32]) -> tuple[LineReader, OneModel]:
    model = OneModel(list(lines), characters=SIGNS)
    return LineReader(model), model


@pytest.mark.parametrize(
    ("signs", "text"),
    [
        ((M, M, M, H, H), "MH"),  # repeated is one
        ((ONE, BLANK, ONE, ONE), "11"),  # two, with a blank between
        ((BLANK, M, BLANK, BLANK, H, BLANK), "MH"),
        ((BLANK, BLANK), ""),
        ((M, SPACE, H, CHINESE, ONE), "MH1"),  # what stands on no Indian plate is left out
    ],
)
def test_repetitions_and_blanks_of_a_line_collapse(signs: tuple[int, ...], text: str) -> None:
    read, _ = line_reader(steps(*signs))
    assert read(picture(192, 48), WIDE) == text


def test_a_tall_plate_is_read_as_two_lines_from_the_top() -> None:
    two = picture(96, 48, (250, 250, 250))
    two[24:] = 10
    read, model = line_reader(steps(M, H), steps(ONE))
    assert read(two, SQUARE) == "MH1"
    upper, lower = (float(fed[0, :, 24, 90].mean()) for fed in model.fed)
    assert (upper, lower) == pytest.approx((250 / 127.5 - 1, 10 / 127.5 - 1))


def test_a_line_is_48_high_blue_first_and_grey_beside_the_plate() -> None:
    read, model = line_reader(steps(M))
    read(picture(192, 48), WIDE)
    (fed,) = model.fed
    assert fed.shape == (1, 3, 48, 320)
    assert fed[0, :, 24, 90] == pytest.approx([50 / 127.5 - 1, 100 / 127.5 - 1, 200 / 127.5 - 1])
    assert fed[0, :, 24, 300].tolist() == [0, 0, 0]


@pytest.mark.parametrize("found", [plate_detectors, vehicle_detectors, plate_readers])
def test_what_a_folder_lacks_is_not_measured(
    found: Callable[[Path | None], dict[str, object]], tmp_path: Path
) -> None:
    assert found(None) == found(tmp_path) == {}
