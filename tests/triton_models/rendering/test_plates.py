"""Drawn plates: the characters stand where they are said to stand, and nothing else is a character."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray

from contracts.errors import Stop
from contracts.messages.common import ALPHABET
from triton_models.rendering import faces
from triton_models.rendering.faces import ALL_FACES, Face, glyph
from triton_models.rendering.layout import split_lines
from triton_models.rendering.numbers import Registration, random_registration
from triton_models.rendering.plates import RenderedPlate, draw_plate, random_plate
from triton_models.rendering.styles import KIND_COLOURS, PlateKind, random_style

VEHICLES = ("car", "motorcycle", "auto-rickshaw", "bus", "truck")
CAR = Registration(("MH", "12", "AB", "1234"), "standard")
TRUCK = Registration(("KA", "05", "MN", "4321"), "standard")


def plates(count: int) -> list[RenderedPlate]:
    rng = np.random.default_rng(8)
    return [random_plate(rng, vehicle=VEHICLES[index % 5], height_px=64) for index in range(count)]


def test_the_same_seed_draws_the_same_plate() -> None:
    one, other = random_plate(np.random.default_rng(2)), random_plate(np.random.default_rng(2))
    assert np.array_equal(one.image, other.image)
    assert one.characters == other.characters


def test_every_box_lies_inside_the_plate_and_holds_something() -> None:
    for plate in plates(60):
        height, width = plate.image.shape[:2]
        for character, (x0, y0, x1, y1), _ in plate.characters:
            assert 0 <= x0 < x1 <= width, (plate.text, character)
            assert 0 <= y0 < y1 <= height, (plate.text, character)


def test_characters_come_in_reading_order() -> None:
    for plate in plates(60):
        lines = [line for _, _, line in plate.characters]
        assert lines == sorted(lines)
        assert set(lines) == set(range(plate.lines))
        for line in range(plate.lines):
            middles = [(box[0] + box[2]) / 2 for _, box, number in plate.characters if number == line]
            assert middles == sorted(middles)


def test_the_drawn_text_is_the_registration_and_the_ind_strip_is_not_in_it() -> None:
    rng = np.random.default_rng(9)
    for vehicle in VEHICLES:
        registration = random_registration(rng, vehicle=vehicle)
        style = replace(random_style(rng, vehicle=vehicle, series=registration.series), high_security=True)
        assert draw_plate(registration, style, rng).text == registration.text


@pytest.mark.parametrize(("split_series", "first"), [(False, ("MH", "12")), (True, ("MH", "12", "AB"))])
def test_two_lines_are_cut_after_the_office_or_after_the_series(
    split_series: bool, first: tuple[str, ...]
) -> None:
    style = random_style(np.random.default_rng(1), vehicle="motorcycle", lines=2)
    lines = split_lines(CAR, replace(style, split_series=split_series))
    assert lines[0] == first
    assert sum(lines, ()) == ("MH", "12", "AB", "1234")


def test_the_upper_line_is_above_the_lower() -> None:
    rng = np.random.default_rng(3)
    plate = draw_plate(TRUCK, random_style(rng, vehicle="truck", lines=2), rng)
    upper = [box[3] for _, box, line in plate.characters if line == 0]
    lower = [box[1] for _, box, line in plate.characters if line == 1]
    assert max(upper) <= min(lower) + 2


@pytest.mark.parametrize("kind", list(KIND_COLOURS))
def test_a_plate_has_the_ground_and_the_ink_of_its_kind(kind: PlateKind) -> None:
    rng = np.random.default_rng(6)
    style = random_style(rng, kind=kind, lines=1)
    style = replace(
        style, wear=0.0, emboss=0.0, face=Face("arimo", 700, "plate"), high_security=False, trim="none"
    )
    plate = draw_plate(CAR, style, rng)
    boxes = [box for _, box, _ in plate.characters]
    between = plate.image[int(boxes[0][1]) - 4 : int(boxes[0][1]) - 2, int(boxes[0][0]) : int(boxes[1][2])]
    assert np.abs(mean_colour(between) - np.array(style.ground)).max() < 40
    # The left stem of the H is ink from top to bottom.
    x0, y0, x1, y1 = (round(value) for value in boxes[1])
    stem = plate.image[y0 + 4 : y1 - 4, x0 + max((x1 - x0) // 12, 1) : x0 + max((x1 - x0) // 7, 2)]
    assert np.abs(mean_colour(stem) - np.array(style.ink)).max() < 60


def mean_colour(pixels: NDArray[np.uint8]) -> NDArray[np.float64]:
    return np.asarray(pixels.reshape(-1, 3).mean(0), np.float64)


def test_every_typeface_of_the_list_is_installed_and_draws_capitals_of_one_height() -> None:
    for face in ALL_FACES:
        assert 0.9 < glyph(face, "H").height < 1.12, face
        assert glyph(face, "8").width > 0.1, face
        # What a face has no shape for would look like every other such character.
        assert len({glyph(face, each).mask.tobytes() for each in ALPHABET}) >= len(ALPHABET) - 1, face


def test_a_missing_typeface_is_named_with_what_to_do(
    monkeypatch: pytest.MonkeyPatch, tmp_path: object
) -> None:
    monkeypatch.setattr(faces, "FONTS_FOLDER", tmp_path)
    with pytest.raises(Stop, match=r"typeface barlow 999 .*make setup"):
        glyph(Face("barlow", 999, "plate"), "A")
