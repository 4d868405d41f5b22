"""What a frame says of a plate's colour, and when it says nothing."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from processors.cascade.colour import UNTOLD, ground_seen, mean_colour
from processors.cascade.merging import FoundPlate
from processors.cascade.second_reader import Read
from processors.cascade.settings import CascadeSettings
from triton_models.colours import Seen
from triton_models.geometry import letterbox

GREY_LIGHT = (110.0, 110.0, 110.0)
SETTINGS = CascadeSettings()
PLACES = np.array([[20 + 16 * slot, 18, 30 + 16 * slot, 46] for slot in range(9)], np.float32)


def written(ground: tuple[int, int, int], ink: tuple[int, int, int]) -> NDArray[np.uint8]:
    """Nine letters H in the reader's input."""
    plate = np.full((64, 192, 3), ground, np.uint8)
    for x0, y0, x1, y1 in PLACES.astype(int):
        plate[y0:y1, x0 : x0 + 3] = plate[y0:y1, x1 - 3 : x1] = ink
        plate[(y0 + y1) // 2 - 1 : (y0 + y1) // 2 + 2, x0:x1] = ink
    return plate


def a_read(characters: int) -> Read:
    probabilities = np.zeros((14, 37), np.float32)
    probabilities[:, -1] = 1.0
    probabilities[:characters] = np.eye(37, dtype=np.float32)[17]
    places = np.zeros((14, 4), np.float32)
    places[: len(PLACES)] = PLACES
    return probabilities, places


def found(colour: Seen) -> FoundPlate:
    return FoundPlate(
        corners=np.zeros((4, 2), np.float32), score=0.9, two_lines=0.0, colour=colour.colour,
        colour_confidence=colour.confidence, quality=1.0, width_in_look_px=90.0,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("ground", "ink", "colour"),
    [
        ((225, 225, 222), (20, 20, 22), "white"),
        ((235, 185, 25), (20, 20, 22), "yellow"),
        ((30, 130, 65), (235, 235, 230), "green"),
        ((30, 130, 65), (240, 210, 40), "green"),
        ((25, 25, 27), (235, 235, 230), "black"),
        ((25, 25, 27), (240, 210, 40), "black"),
        ((25, 62, 150), (235, 235, 230), "blue"),
        ((185, 25, 30), (235, 235, 230), "red"),
    ],
)
def test_the_pixels_tell_what_the_detector_does_not_know(
    ground: tuple[int, int, int], ink: tuple[int, int, int], colour: str
) -> None:
    taken_for = Seen("yellow" if colour == "yellow" else "white", 0.9)

    told, is_dark = ground_seen(found(taken_for), written(ground, ink), a_read(9), GREY_LIGHT, SETTINGS)

    assert told.colour == colour
    assert told.confidence > 0.8
    assert is_dark == (colour not in ("white", "yellow"))


def test_without_a_character_the_detector_alone_has_a_word() -> None:
    seen = Seen("yellow", 0.7)

    ground = ground_seen(found(seen), written((0, 0, 0), (9, 9, 9)), a_read(0), GREY_LIGHT, SETTINGS)
    assert ground == (seen, False)


def test_what_cannot_be_told_is_other_and_counts_for_nothing() -> None:
    dark = written((6, 6, 6), (9, 9, 9))

    assert ground_seen(found(Seen("white", 0.9)), dark, a_read(9), GREY_LIGHT, SETTINGS).seen == UNTOLD
    assert (UNTOLD.colour, UNTOLD.confidence) == ("other", 0.0)


def test_the_light_of_a_picture_is_its_own_without_what_is_filled_beside_it() -> None:
    picture = np.full((300, 400, 3), (200, 100, 20), np.uint8)
    canvas, scale = letterbox(picture, (448, 256))

    assert mean_colour(canvas, scale, (400, 300)) == pytest.approx((200, 100, 20), abs=1)
