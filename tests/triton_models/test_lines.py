"""Where the lines of a plate lie, and how they are cut out."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from triton_models.geometry import box_corners
from triton_models.lines import cut_line, line_box, line_corners, lines_of, padded
from triton_models.tensors import CHARACTERS_SIZE_WH, LINE_SIZE_WH


def row_of(count: int, *, top: float, left: float = 10.0, slope: float = 0.0) -> list[list[float]]:
    return [
        [left + 16 * n, top + slope * 16 * n, left + 16 * n + 12, top + slope * 16 * n + 22]
        for n in range(count)
    ]


def test_characters_side_by_side_are_one_line() -> None:
    places = np.array(row_of(9, top=20, slope=0.1), np.float32)
    assert lines_of(places) == [slice(0, 9)]


@given(first=st.integers(1, 6), second=st.integers(2, 6), slope=st.floats(-0.08, 0.08))
def test_two_lines_part_where_the_writing_falls_back(first: int, second: int, slope: float) -> None:
    rows = row_of(first, top=4, slope=slope) + row_of(second, top=36, slope=slope)
    assert lines_of(np.array(rows, np.float32)) == [slice(0, first), slice(first, first + second)]


def test_no_characters_are_one_empty_line() -> None:
    assert lines_of(np.empty((0, 4), np.float32)) == [slice(0, 0)]


def test_a_line_is_boxed_with_room_and_within_the_input() -> None:
    x0, y0, x1, y1 = line_box(np.array(row_of(12, top=30, left=5.0), np.float32))
    assert x0 == 0
    assert y0 == pytest.approx(30 - 0.12 * 22)
    assert x1 == CHARACTERS_SIZE_WH[0]
    assert y1 == pytest.approx(52 + 0.12 * 22)


def test_corners_lie_in_the_picture_that_the_plate_was_cut_from() -> None:
    homography = np.array([[2.0, 0, -20], [0, 2.0, -40], [0, 0, 1]])
    corners = line_corners(np.array([0, 0, 100, 20], np.float32), homography)
    assert corners[0] == pytest.approx((10, 20))
    assert corners[2] == pytest.approx((60, 30))


@pytest.mark.parametrize(
    ("size", "wide"),
    [((120, 24), 240), ((400, 30), 256), ((10, 40), 24), ((2400, 480), 240)],
    ids=["as it is", "longer than there is room", "hardly anything", "much larger"],
)
def test_a_line_keeps_its_proportions_where_they_fit(size: tuple[int, int], wide: int) -> None:
    picture = np.zeros((size[1] + 8, size[0] + 8), np.uint8)
    corners = box_corners(np.array([4, 4, 4 + size[0], 4 + size[1]], np.float32))
    assert cut_line(picture, corners).shape == (LINE_SIZE_WH[1], wide)


def test_thin_strokes_of_a_near_plate_are_not_lost() -> None:
    picture = np.full((480, 2400), 255, np.uint8)
    cv2.line(picture, (1000, 0), (1000, 480), 0, 9)
    line = cut_line(picture, box_corners(np.array([0, 0, 2400, 480], np.float32)))
    # averaged down by ten it keeps nine tenths of its dark; between samples it would be gone
    assert line.min() < 100


def test_what_is_beside_a_line_is_grey() -> None:
    filled = padded(np.zeros((LINE_SIZE_WH[1], 100, 3), np.uint8))
    assert filled.shape == (LINE_SIZE_WH[1], LINE_SIZE_WH[0], 3)
    assert (filled[:, 100:] == 128).all()
