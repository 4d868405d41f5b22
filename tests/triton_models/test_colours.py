"""A plate's ground is told by what lies around and between its characters, in whatever light it stands."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from triton_models.colours import (
    GROUND_COLOURS,
    LIGHT_LETTERED,
    Seen,
    as_negative,
    ground_colours,
    has_light_characters,
)
from triton_models.geometry import rectify
from triton_models.rendering.numbers import random_registration
from triton_models.rendering.plates import draw_plate
from triton_models.rendering.styles import KIND_COLOURS, PlateKind, random_style
from triton_models.tensors import CHARACTERS_SIZE_WH

SUN, SHADE = (1.0, 0.98, 0.94), (0.42, 0.45, 0.5)
NIGHT = (0.02, 0.02, 0.02)
TAIL_LIGHTS = (0.9, 0.45, 0.5)
MOST_WRONG = 0.05

KINDS = tuple(KIND_COLOURS)


Framed = tuple[NDArray[np.uint8], NDArray[np.float32], list[float]]
"""The reader's input, where the characters stand in it, and the picture's mean colour."""


def shown_plate(
    kind: PlateKind, seed: int, light: tuple[float, float, float], *, width_px: int = 120
) -> Framed:
    """A drawn plate of that kind on a grey vehicle."""
    rng = np.random.default_rng(seed)
    style = random_style(rng, series="standard", kind=kind)
    plate = draw_plate(random_registration(rng, "standard"), style, rng, 96)
    height, width = plate.image.shape[:2]
    room = 60
    flat = np.full((height + 2 * room, width + 2 * room, 3), 105, np.uint8)
    flat[room : room + height, room : room + width] = plate.image
    seen = np.clip(flat * np.array(light) + rng.normal(0, 3, flat.shape), 0, 255).astype(np.uint8)
    scale = width_px / width
    picture = np.asarray(cv2.resize(seen, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA), np.uint8)
    box = np.array([[0, 0], [width, 0], [width, height], [0, height]], np.float32) + room
    boxes = np.array([each for _, each, _ in plate.characters], np.float32) + room
    return *_framed(picture, box * scale, boxes * scale), picture.reshape(-1, 3).mean(0).tolist()


def read_plate(kind: PlateKind, seed: int, light: tuple[float, float, float]) -> tuple[str, float]:
    """As it is told and how sure. All but yellow ones are white to the detector, as to the shipped one."""
    framed, places, mean = shown_plate(kind, seed, light)
    opinion = Seen("yellow" if KIND_COLOURS[kind][0] == "yellow" else "white", 0.9)
    shares = ground_colours(framed, places, opinion, mean)
    assert shares.sum() == pytest.approx(1.0)
    return GROUND_COLOURS[int(shares.argmax())], float(shares.max())


def _framed(
    picture: NDArray[np.uint8], corners: NDArray[np.float32], boxes: NDArray[np.float32]
) -> tuple[NDArray[np.uint8], NDArray[np.float32]]:
    framed, homography = rectify(picture, corners, CHARACTERS_SIZE_WH)
    ends = cv2.perspectiveTransform(boxes.reshape(-1, 1, 2).astype(np.float64), homography)
    return framed, np.asarray(ends.reshape(-1, 4), np.float32)


@pytest.mark.parametrize("light", [SUN, SHADE], ids=["sun", "shade"])
@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_of_plate_is_told_in_its_colour_in_sun_and_shade(
    kind: PlateKind, light: tuple[float, float, float]
) -> None:
    """White ink on black and on red, black on green, yellow on black and on blue, red on yellow."""
    told = [read_plate(kind, seed, light) for seed in range(40)]

    colours = [colour for colour, _ in told]
    assert colours.count(KIND_COLOURS[kind][0]) >= (1 - 2 * MOST_WRONG) * len(told)
    surely_wrong = [colour for colour, sure in told if sure >= 0.9 and colour != KIND_COLOURS[kind][0]]
    assert len(surely_wrong) <= MOST_WRONG * len(told)


@pytest.mark.parametrize("light", [SUN, SHADE], ids=["sun", "shade"])
@pytest.mark.parametrize("kind", [kind for kind in KINDS if KIND_COLOURS[kind][0] in LIGHT_LETTERED])
def test_on_a_dark_ground_characters_are_told_light_or_dark(
    kind: PlateKind, light: tuple[float, float, float]
) -> None:
    told = [has_light_characters(*shown_plate(kind, seed, light)[:2]) for seed in range(40)]

    is_light = kind != "rental-electric"
    assert told.count(is_light) >= (1 - MOST_WRONG) * len(told)


def test_a_negative_is_dark_where_the_picture_is_light() -> None:
    picture = np.array([[[0, 100, 255]]], np.uint8)

    assert as_negative(picture).tolist() == [[[255, 155, 0]]]
    assert as_negative(picture).dtype == np.uint8


@pytest.mark.parametrize("kind", ["private", "military", "embassy", "dealer", "private-electric"])
def test_in_the_dark_no_colour_is_sure(kind: PlateKind) -> None:
    sure = [sure for _, sure in (read_plate(kind, seed, NIGHT) for seed in range(20))]

    assert np.median(sure) < 0.9


def test_a_white_plate_under_tail_lights_is_no_red_one() -> None:
    told = [read_plate("private", seed, TAIL_LIGHTS)[0] for seed in range(40)]

    assert told.count("red") == 0
    assert told.count("white") >= 36


@given(seed=st.integers(0, 5000), kind=st.sampled_from(KINDS), dimmer=st.floats(0.6, 1.0))
def test_somewhat_less_light_changes_no_sure_colour(seed: int, kind: PlateKind, dimmer: float) -> None:
    colour, sure = read_plate(kind, seed, SUN)
    again, still = read_plate(kind, seed, (SUN[0] * dimmer, SUN[1] * dimmer, SUN[2] * dimmer))

    assert again == colour or min(sure, still) < 0.97


def test_boxes_at_the_edges_and_beyond_and_empty_ones_are_borne() -> None:
    plate = np.full((64, 192, 3), 200, np.uint8)
    places = np.array([[-20, -9, -4, 3], [180, 50, 230, 90], [5, 5, 5, 5], [190, 62, 192, 64]], np.float32)

    shares = ground_colours(plate, places, Seen("other", 0.0), (0.0, 0.0, 0.0))

    assert np.isfinite(shares).all()
    assert shares.sum() == pytest.approx(1.0)
