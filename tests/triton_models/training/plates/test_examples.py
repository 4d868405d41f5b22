"""What the plate detector is shown, and what is refused before anything is trained."""

from __future__ import annotations

from dataclasses import replace

import cv2
import msgspec
import numpy as np
import pytest

pytest.importorskip("torch", reason="PyTorch is not installed (make train-setup)")

from contracts.errors import Stop
from triton_models.training.detectors.config import DetectorTraining
from triton_models.training.detectors.pictures import LabelledPicture, PlateLabel
from triton_models.training.plates.examples import PlateExamples

CONFIG = DetectorTraining(steps=1, drawn=0.0, streets=0.0, sources={"here": 1.0, "there": 1.0})
PLATE = PlateLabel(np.array([[20, 20], [120, 20], [120, 50], [20, 50]], np.float32), 1.0)


def in_weather_at(share: float) -> DetectorTraining:
    return msgspec.structs.replace(CONFIG, weather=share)


def a_picture(*plates: PlateLabel, is_crop: bool = False, complete: bool = False) -> LabelledPicture:
    pixels = cv2.imencode(".jpg", np.full((80, 160, 3), 90, np.uint8))[1].tobytes()
    return LabelledPicture(
        name="one.jpg", source="here", jpeg=pixels, is_crop=is_crop, plates=plates, unsure_plates=(),
        vehicles=(), unsure_vehicles=(), kinds=(), complete=complete,
    )  # fmt: skip


@pytest.mark.parametrize("pictures", [[], [a_picture()], [a_picture(is_crop=True)]])
def test_pictures_that_show_neither_a_plate_nor_surely_none_are_refused(
    pictures: list[LabelledPicture],
) -> None:
    with pytest.raises(Stop, match="here, there: no picture to learn from has a plate"):
        PlateExamples(pictures, CONFIG)


def test_crops_alone_are_refused_since_there_is_nothing_to_set_them_into() -> None:
    with pytest.raises(Stop, match="here, there: all pictures to learn from are crops"):
        PlateExamples([a_picture(PLATE, is_crop=True)] * 3, CONFIG)


def test_crops_beside_one_whole_picture_of_another_source_are_learned_from() -> None:
    whole = replace(a_picture(complete=True), source="there")
    examples = PlateExamples([a_picture(PLATE, is_crop=True), whole], CONFIG)
    rng = np.random.default_rng(1)
    assert any(examples.example(rng)[1].max() > 0.8 for _ in range(20))


def test_weather_changes_what_is_seen_and_not_where_the_plates_are() -> None:
    fine, bad = (
        PlateExamples([a_picture(PLATE)], in_weather_at(share)).example(np.random.default_rng(4))
        for share in (0.0, 1.0)
    )
    assert not np.array_equal(fine[0], bad[0])
    assert all(np.array_equal(one, other) for one, other in zip(fine[1:], bad[1:], strict=True))


def test_a_crop_that_is_said_to_hold_no_plate_is_shown_as_it_is() -> None:
    examples = PlateExamples([a_picture(is_crop=True, complete=True), a_picture(complete=True)], CONFIG)
    rng = np.random.default_rng(1)
    assert all(examples.example(rng)[1].max() == 0 for _ in range(12))
