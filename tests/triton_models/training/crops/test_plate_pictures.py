from __future__ import annotations

import numpy as np
import pytest

from triton_models.geometry import rectifying
from triton_models.tensors import CHARACTERS_SIZE_WH
from triton_models.training.crops.plate_pictures import (
    HEIGHT,
    WIDTH,
    PlateCut,
    box_quad,
    framed,
    mapped_boxes,
    training_crop,
)


def a_cut(boxes: bool = True) -> PlateCut:
    rng = np.random.default_rng(5)
    picture = rng.integers(0, 255, (80, 240, 3), np.uint8)
    known = np.array([[30, 20, 60, 60], [70, 20, 100, 60]], np.float32) if boxes else None
    quad = box_quad(np.array([20, 10, 220, 70], np.float32))
    return PlateCut(picture, (quad,), "MH", known, "made", "1")


def test_the_plate_lands_inside_its_margins() -> None:
    homography = rectifying(box_quad(np.array([20, 10, 220, 70], np.float32)), CHARACTERS_SIZE_WH)
    placed = mapped_boxes(np.array([[20, 10, 220, 70]], np.float32), homography)[0]
    left, top = 0.07 / 1.14, 0.14 / 1.28
    assert placed == pytest.approx([left, top, 1 - left, 1 - top], abs=1e-4)


def test_what_is_served_has_the_readers_size() -> None:
    cut = a_cut()
    assert framed(cut, cut.framings[0]).shape == (HEIGHT, WIDTH, 3)


def test_the_same_generator_gives_the_same_crop() -> None:
    one, places = training_crop(a_cut(), np.random.default_rng(7))
    same, same_places = training_crop(a_cut(), np.random.default_rng(7))
    assert np.array_equal(one, same)
    assert places is not None
    assert same_places is not None
    assert np.array_equal(places, same_places)


def test_crops_vary_and_keep_their_shape_and_boxes_their_order() -> None:
    rng = np.random.default_rng(11)
    crops = [training_crop(a_cut(), rng) for _ in range(200)]
    assert {crop.shape for crop, _ in crops} == {(HEIGHT, WIDTH)}
    assert len({crop.tobytes() for crop, _ in crops}) == 200
    for _, places in crops:
        assert places is not None
        assert (places[:, :2] < places[:, 2:]).all()
        assert places[0, 0] < places[1, 0]


def test_a_plate_without_known_places_gives_none() -> None:
    assert training_crop(a_cut(boxes=False), np.random.default_rng(1))[1] is None
