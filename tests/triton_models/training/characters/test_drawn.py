from __future__ import annotations

from pathlib import Path

import numpy as np

from contracts.plate_number import verdict
from triton_models.geometry import corners_box, iou
from triton_models.rendering.plates import random_plate
from triton_models.training.characters.drawn import DrawnPlates, drawn_cut
from triton_models.training.characters.framing import with_model_framings
from triton_models.training.crops.plate_pictures import PlateCut
from triton_models.training.crops.unusual import opened, split_plate

PLATE_MODEL = Path("triton_models/repository/plate/1/model.onnx")


def test_a_drawn_plate_has_a_place_for_every_character_inside_its_framing() -> None:
    rng = np.random.default_rng(21)
    for _ in range(12):
        cut = drawn_cut(rng)
        assert cut.boxes is not None
        assert len(cut.text) == len(cut.boxes) <= 14
        x0, y0, x1, y1 = corners_box(cut.framings[0])
        middles = (cut.boxes[:, :2] + cut.boxes[:, 2:]) / 2
        assert (middles > (x0, y0)).all()
        assert (middles < (x1, y1)).all()
        assert cut.lines in (1, 2)


def test_a_series_goes_on_in_the_second_line_and_is_still_one_series() -> None:
    rng = np.random.default_rng(5)
    for _ in range(40):
        plate = split_plate(rng, vehicle="auto-rickshaw", height_px=64)
        assert verdict(plate.text).valid
        lower = "".join(character for character, _, line in plate.characters if line == 1)
        assert plate.lines == 2
        assert 1 <= len(lower) <= 6


def test_room_and_a_word_within_a_plate_move_its_characters_and_are_none() -> None:
    rng = np.random.default_rng(6)
    grown = 0
    for lines in (1, 2) * 6:
        plate = random_plate(rng, lines=lines)
        wider = opened(plate, rng)
        grown += wider.image.shape != plate.image.shape
        assert wider.text == plate.text
        height, width = wider.image.shape[:2]
        for (_, before, _), (_, after, _) in zip(plate.characters, wider.characters, strict=True):
            assert after[2] <= width + 1
            assert after[3] <= height + 1
            # What stands there is what stood there.
            x0, y0, x1, y1 = (round(side) for side in before)
            moved = wider.image[round(after[1]) : round(after[3]), round(after[0]) : round(after[2])]
            assert np.array_equal(moved, plate.image[y0:y1, x0:x1])
    assert grown >= 8


def test_the_step_alone_decides_which_drawings_are_current() -> None:
    one, same = DrawnPlates(seed=4, window=3), DrawnPlates(seed=4, window=3)

    def texts(plates: DrawnPlates, step: int) -> list[str]:
        rng = np.random.default_rng(9)
        return [plates.plate(rng, step).text for _ in range(4)]

    assert texts(one, 2) == texts(same, 2)
    assert set(texts(one, 0)).isdisjoint(texts(one, 5))


def test_the_plate_models_own_corners_are_added_beside_the_labels() -> None:
    rng = np.random.default_rng(8)
    cuts: list[PlateCut] = [drawn_cut(rng) for _ in range(6)]
    framed = with_model_framings(cuts, PLATE_MODEL)
    assert [cut.text for cut in framed] == [cut.text for cut in cuts]
    added = [cut for cut in framed if len(cut.framings) == 2]
    assert len(added) >= 3
    for cut in added:
        label, found = (corners_box(quad) for quad in cut.framings)
        assert iou(label, found[np.newaxis])[0] >= 0.4
