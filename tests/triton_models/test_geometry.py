"""Pictures and corners into model input, and points back."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from triton_models.geometry import box_corners, corners_box, iou, letterbox, project, rectify, rectifying
from triton_models.tensors import CHARACTERS_SIZE_WH, PAD_VALUE, PLATE_MARGINS, PLATE_SIZE_WH, VEHICLE_SIZE_WH

sides = st.integers(1, 3000)
places = st.floats(0, 500, allow_nan=False, width=32)


@given(width=sides, height=sides)
def test_a_letterboxed_picture_fits_touches_one_edge_and_is_grey_beside_it(width: int, height: int) -> None:
    picture = np.full((height, width, 3), 200, np.uint8)
    canvas, scale = letterbox(picture, VEHICLE_SIZE_WH)
    assert canvas.shape == (VEHICLE_SIZE_WH[1], VEHICLE_SIZE_WH[0], 3)
    across, down = max(1, round(width * scale)), max(1, round(height * scale))
    assert across <= VEHICLE_SIZE_WH[0]
    assert down <= VEHICLE_SIZE_WH[1]
    assert across == VEHICLE_SIZE_WH[0] or down == VEHICLE_SIZE_WH[1]
    assert (canvas[:down, :across] == 200).all()
    assert (canvas[down:] == PAD_VALUE).all()
    assert (canvas[:, across:] == PAD_VALUE).all()


def test_a_point_of_the_picture_lies_at_its_scale_in_the_letterbox() -> None:
    picture = np.zeros((600, 1000, 3), np.uint8)
    cv2.circle(picture, (750, 150), 12, (255, 255, 255), -1)
    canvas, scale = letterbox(picture, PLATE_SIZE_WH)
    rows, columns = np.nonzero(canvas[: round(600 * scale), :, 0] > 128)
    assert columns.mean() == pytest.approx(750 * scale, abs=0.6)
    assert rows.mean() == pytest.approx(150 * scale, abs=0.6)


@pytest.mark.parametrize(("width", "height"), [(640, 360), (1367, 769), (1920, 1080), (3839, 2159)])
def test_what_lies_far_to_the_right_and_below_keeps_its_place_however_much_a_picture_shrinks(
    width: int, height: int
) -> None:
    picture = np.zeros((height, width, 3), np.uint8)
    x, y, radius = width * 15 // 16, height * 15 // 16, width // 32
    cv2.circle(picture, (x, y), radius, (255, 255, 255), -1)
    canvas, scale = letterbox(picture, VEHICLE_SIZE_WH)
    rows, columns = np.nonzero(canvas[: round(height * scale), :, 0] > 128)
    assert columns.mean() == pytest.approx(x * scale, abs=1.0)
    assert rows.mean() == pytest.approx(y * scale, abs=1.0)


@pytest.mark.parametrize("width", [900, 1280, 1601, 1920, 3840])
def test_a_picture_far_larger_than_the_models_input_is_averaged_not_sampled(width: int) -> None:
    """Fine stripes become an even grey; single samples would show them as a pattern."""
    stripes = np.zeros((width // 2, width, 3), np.uint8)
    stripes[:, ::2] = 255
    canvas, scale = letterbox(stripes, VEHICLE_SIZE_WH)
    assert scale < 0.5
    inside = canvas[: int(stripes.shape[0] * scale), : int(width * scale)]
    assert inside.std() < 2
    assert inside.mean() == pytest.approx(127.5, abs=2)


def test_a_tilted_plate_is_seen_straight_on_with_its_margins() -> None:
    corners = np.array([[100, 80], [300, 120], [290, 190], [92, 145]], np.float32)
    picture = np.zeros((300, 400, 3), np.uint8)
    cv2.fillConvexPoly(picture, corners.astype(np.int32), (255, 255, 255))
    plate, homography = rectify(picture, corners, CHARACTERS_SIZE_WH)
    width, height = CHARACTERS_SIZE_WH
    assert plate.shape == (height, width, 3)
    left, top = (
        side * margin / (1 + 2 * margin)
        for side, margin in zip(CHARACTERS_SIZE_WH, PLATE_MARGINS, strict=True)
    )
    expected = [[left, top], [width - left, top], [width - left, height - top], [left, height - top]]
    assert project(corners, homography) == pytest.approx(np.array(expected, np.float32), abs=0.01)
    inner = plate[round(top) + 3 : height - round(top) - 3, round(left) + 3 : width - round(left) - 3]
    assert (inner > 200).mean() > 0.99
    assert plate[: round(top) - 3].max() < 60


def test_a_plate_far_larger_than_the_reader_is_averaged_not_sampled() -> None:
    """Fine stripes become an even grey; single samples would show them as a pattern."""
    stripes = np.zeros((640, 1920, 3), np.uint8)
    stripes[:, ::2] = 255
    corners = box_corners(np.array([100, 60, 1820, 580], np.float32))
    plate, _ = rectify(stripes, corners, CHARACTERS_SIZE_WH)
    assert plate.std() < 25


@given(st.lists(st.tuples(places, places), min_size=1, max_size=8))
def test_points_come_back_through_the_inverse(points: list[tuple[float, float]]) -> None:
    corners = np.array([[40, 30], [400, 60], [390, 200], [30, 160]], np.float32)
    homography = rectifying(corners, CHARACTERS_SIZE_WH)
    there = np.array(points, np.float32)
    back = project(project(there, homography), np.asarray(np.linalg.inv(homography), np.float64))
    # The vanishing line of this mapping is far outside of the points drawn here.
    assert back == pytest.approx(there, abs=0.2)


@given(x=places, y=places, width=st.floats(1, 300, width=32), height=st.floats(1, 300, width=32))
def test_a_box_is_the_box_around_its_corners_and_overlaps_itself_wholly(
    x: float, y: float, width: float, height: float
) -> None:
    box = np.array([x, y, x + width, y + height], np.float32)
    assert corners_box(box_corners(box)) == pytest.approx(box)
    assert iou(box, box[None])[0] == pytest.approx(1.0, abs=1e-3)


def test_the_overlap_of_halves_and_of_strangers() -> None:
    others = np.array([[0, 0, 10, 10], [5, 0, 15, 10], [20, 20, 30, 30]], np.float32)
    assert iou(others[0], others) == pytest.approx([1.0, 1 / 3, 0.0])
