from __future__ import annotations

import numpy as np

from triton_models.geometry import corners_box
from triton_models.rendering.plates import random_plate
from triton_models.training.plates.setting import set_in, touch, with_writing


def test_a_plate_stands_where_its_corners_are_said_to_be() -> None:
    rng = np.random.default_rng(4)
    ground = np.full((480, 640, 3), 60, np.uint8)
    for _ in range(12):
        plate = random_plate(rng, height_px=96)
        height, width = plate.image.shape[:2]
        corners = np.array([[0, 0], [width, 0], [width, height], [0, height]], np.float32)
        added = set_in(ground, plate.image, corners, rng, whole=True)
        assert added is not None
        picture, moved = added
        changed = (picture != ground).any(2)
        x0, y0, x1, y1 = corners_box(moved)
        outside = changed.copy()
        outside[max(0, int(y0) - 3) : int(y1) + 4, max(0, int(x0) - 3) : int(x1) + 4] = False
        assert changed.sum() > 40
        assert not outside.any()


def test_a_picture_too_small_for_the_plate_stays_as_it_is() -> None:
    tall = np.zeros((400, 100, 3), np.uint8)
    corners = np.array([[0, 0], [100, 0], [100, 400], [0, 400]], np.float32)
    assert set_in(np.zeros((8, 64, 3), np.uint8), tall, corners, np.random.default_rng(1), whole=True) is None


def test_writing_leaves_plates_alone() -> None:
    rng = np.random.default_rng(7)
    ground = np.full((300, 400, 3), 128, np.uint8)
    plates = [np.array([150, 100, 250, 140], np.float32)]
    written = 0
    for _ in range(15):
        picture = with_writing(ground, plates, rng)
        written += bool((picture != ground).any())
        inside = picture[104:136, 156:244].astype(int) - ground[104:136, 156:244]
        assert (np.abs(inside) <= 2).mean() > 0.95
    assert written >= 12


def test_boxes_touch_where_they_share_a_place() -> None:
    box = np.array([0, 0, 10, 10], np.float32)
    assert touch(box, box + 9)
    assert not touch(box, box + 10)
