from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import onnxruntime
import pytest

import triton_models
from triton_models.rendering.plates import random_plate
from triton_models.training.characters.framing import with_read_boxes
from triton_models.training.characters.relettered import Lettercase, letters
from triton_models.training.characters.score import best_text
from triton_models.training.crops.plate_pictures import PlateCut, box_quad, framed

READER = Path(triton_models.__file__).with_name("repository") / "characters" / "1" / "model.onnx"


def a_plate(seed: int) -> PlateCut:
    plate = random_plate(np.random.default_rng(seed), vehicle="car", height_px=64, lines=1)
    height, width = plate.image.shape[:2]
    boxes = np.array([box for _, box, _ in plate.characters], np.float32)
    quad = box_quad(np.array([0, 0, width, height], np.float32))
    return PlateCut(plate.image, (quad,), plate.text, boxes, "drawn", "")


@pytest.fixture(scope="module")
def plates() -> list[PlateCut]:
    return [a_plate(seed) for seed in range(24)]


def read(cut: PlateCut) -> str:
    session = onnxruntime.InferenceSession(str(READER), providers=["CPUExecutionProvider"])
    return best_text(
        session.run(["probabilities"], {"image": framed(cut, cut.framings[0])[np.newaxis]})[0][0]
    )


def test_a_relettered_plate_reads_as_its_new_text(plates: list[PlateCut]) -> None:
    rng = np.random.default_rng(4)
    case = Lettercase(plates)
    legible = [cut for cut in plates if read(cut) == cut.text]
    changed = [case.relettered(cut, rng) for cut in legible]

    others = [new for cut, new in zip(legible, changed, strict=True) if new.text != cut.text]
    assert len(others) > len(legible) / 2
    assert sum(read(cut) == cut.text for cut in others) > 0.8 * len(others)


def test_digits_stay_digits_and_the_plate_it_was_stays_as_it_is(plates: list[PlateCut]) -> None:
    case, rng = Lettercase(plates), np.random.default_rng(5)
    for cut in plates:
        before = cut.picture.copy()
        new = case.relettered(cut, rng)
        assert [letter.isdigit() for letter in new.text] == [letter.isdigit() for letter in cut.text]
        np.testing.assert_array_equal(cut.picture, before)
        assert (new.text != cut.text) <= bool((new.picture != before).any())


def test_without_a_box_a_character_no_letter_is_taken_or_set(plates: list[PlateCut]) -> None:
    unknown = replace(plates[0], boxes=None)

    assert letters(unknown) == []
    assert Lettercase(plates).relettered(unknown, np.random.default_rng(1)) is unknown


def test_a_steep_line_is_left_alone(plates: list[PlateCut]) -> None:
    boxes = plates[0].boxes
    assert boxes is not None
    falling = np.arange(len(boxes), dtype=np.float32)[:, np.newaxis] * (0, 6, 0, 6)

    assert letters(plates[0])
    assert letters(replace(plates[0], boxes=boxes + falling.astype(np.float32))) == []


def test_a_reader_says_where_the_characters_are_that_it_read_right(plates: list[PlateCut]) -> None:
    known = next(cut for cut in plates if read(cut) == cut.text)
    found, left = with_read_boxes(
        [replace(known, boxes=None), replace(known, boxes=None, text="XX00XX0000")], READER
    )

    assert left.boxes is None
    assert found.boxes is not None
    assert known.boxes is not None
    middles = (found.boxes[:, 0] + found.boxes[:, 2]) / 2
    assert np.all(middles > known.boxes[:, 0])
    assert np.all(middles < known.boxes[:, 2])
