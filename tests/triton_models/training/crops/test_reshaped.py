from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from triton_models.training.crops.reshaped import Floats, reshaped

HEIGHT, WIDTH = 64, 192


def bright_letters() -> tuple[NDArray[np.uint8], Floats]:
    """Three bright blocks on a dark plate, and where they are."""
    crop = np.full((HEIGHT, WIDTH), 20, np.uint8)
    boxes = np.array([[20, 16, 44, 48], [80, 16, 104, 48], [140, 16, 164, 48]], np.float32)
    for x0, y0, x1, y1 in boxes.astype(int):
        crop[y0:y1, x0:x1] = 230
    return crop, (boxes / np.array([WIDTH, HEIGHT, WIDTH, HEIGHT])).astype(np.float32)


@given(st.integers(0, 10_000))
def test_boxes_go_where_their_characters_go(seed: int) -> None:
    crop, boxes = bright_letters()
    changed, places = reshaped(crop, boxes, np.random.default_rng(seed))
    assert places is not None
    assert changed.shape == crop.shape
    outside = np.asarray(changed) > 125
    for x0, y0, x1, y1 in places * np.array([WIDTH, HEIGHT, WIDTH, HEIGHT], np.float32):
        rows, columns = slice(max(0, int(y0) - 4), int(y1) + 5), slice(max(0, int(x0) - 4), int(x1) + 5)
        inside = np.asarray(changed)[round(y0) : round(y1), round(x0) : round(x1)]
        # A slanted block leaves two corners of the box around it dark.
        assert (inside > 125).mean() > 0.35
        outside[rows, columns] = False
    assert outside.mean() < 0.01


@given(st.integers(0, 10_000))
def test_characters_keep_their_order_and_stay_in_the_crop(seed: int) -> None:
    _, places = reshaped(*bright_letters(), np.random.default_rng(seed))
    assert places is not None
    assert (places >= 0).all()
    assert (places <= 1).all()
    assert (places[:, :2] < places[:, 2:]).all()
    assert (np.diff(places[:, 0]) > 0).all()


def test_the_same_generator_gives_the_same_crop() -> None:
    one, other = (reshaped(*bright_letters(), np.random.default_rng(3))[0] for _ in range(2))
    assert np.array_equal(one, other)


def test_hardly_two_crops_are_alike() -> None:
    rng = np.random.default_rng(4)
    shapes = {np.asarray(reshaped(*bright_letters(), rng)[0]).tobytes() for _ in range(40)}
    assert len(shapes) >= 30


@pytest.mark.parametrize("seed", range(5))
def test_a_plate_without_known_places_gives_none(seed: int) -> None:
    crop, _ = bright_letters()
    assert reshaped(crop, None, np.random.default_rng(seed))[1] is None
