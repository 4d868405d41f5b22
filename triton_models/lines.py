"""Where the lines of writing of a plate lie, and each cut out as the line reader takes it.

Training and serving share all of it.
"""

from __future__ import annotations

import cv2
import numpy as np
from cv2.typing import MatLike
from numpy.typing import NDArray

from triton_models.geometry import Homography, Points, box_corners, project
from triton_models.tensors import CHARACTERS_SIZE_WH, LINE_SIZE_WH

_APART = 0.6
"""Of a character's height: rows of middles farther apart are two lines."""
FEWEST_OF_TWO = 3
"""Fewer characters do not tell of how many lines a plate is."""
ROOM = (0.8, 0.12)
"""Kept beside the outermost characters, of a character's width, and above and below, of its height."""
_NARROWEST_PX = 24
_MOST_DRAWN_LARGER = 6
_PAD = 128
"""Right of the line: the middle of the range, which the network takes for nothing."""


def lines_of(places: Points) -> list[slice]:
    """Which characters are on each of one or two lines. `places` [characters, 4] in reading order, upright
    boxes in the reader's input: the second line begins where they fall back the most."""
    middles = (places[:, :2] + places[:, 2:]) / 2
    tall = float(np.median(places[:, 3] - places[:, 1])) if len(places) else 0.0
    if len(places) < FEWEST_OF_TWO or np.ptp(middles[:, 1]) <= _APART * tall:
        return [slice(0, len(places))]
    steps = np.diff(middles, axis=0)
    second = int((2.0 * steps[:, 1] - steps[:, 0]).argmax()) + 1
    return [slice(0, second), slice(second, len(places))]


def line_of_each(places: Points) -> NDArray[np.int64]:
    """The number of each character's line, 0 or 1."""
    parts = lines_of(places)
    return np.repeat(np.arange(len(parts)), [part.stop - part.start for part in parts])


def line_box(places: Points, room: tuple[float, float] = ROOM) -> Points:
    """The box around one line's characters, with room, within the reader's input."""
    beside = np.median(places[:, 2:] - places[:, :2], axis=0) * np.array(room)
    low = np.maximum(places[:, :2].min(axis=0) - beside, 0.0)
    high = np.minimum(places[:, 2:].max(axis=0) + beside, CHARACTERS_SIZE_WH)
    return np.concatenate((low, high)).astype(np.float32)


def line_corners(box: Points, homography: Homography) -> Points:
    """Corners [4, 2] in the picture of a box in the reader's input; `homography` picture -> input."""
    back = np.asarray(np.linalg.inv(homography), np.float64)
    return project(box_corners(box), back)


def cut_line(picture: MatLike, corners: Points) -> MatLike:
    """The line seen straight on, as high as the line reader's input and at most as wide, its proportions kept
    where they fit. `picture` uint8, gray or RGB."""
    width, height = _length(corners, (0, 1), (3, 2)), _length(corners, (0, 3), (1, 2))
    most_wide, tall = LINE_SIZE_WH
    wide = int(np.clip(round(tall * width / max(height, 1.0)), _NARROWEST_PX, most_wide))
    # As in `rectify`: what shrinks is drawn larger and averaged down, or strokes fall between the samples.
    larger = int(np.clip(round(max(width / wide, height / tall)), 1, _MOST_DRAWN_LARGER))
    drawn_wh = (wide * larger, tall * larger)
    inner = np.array([[0, 0], [drawn_wh[0], 0], drawn_wh, [0, drawn_wh[1]]], np.float32)
    view = cv2.getPerspectiveTransform(corners.astype(np.float32), inner)
    how = cv2.INTER_LINEAR if larger > 1 else cv2.INTER_CUBIC
    line = cv2.warpPerspective(picture, view, drawn_wh, flags=how, borderMode=cv2.BORDER_REPLICATE)
    return cv2.resize(line, (wide, tall), interpolation=cv2.INTER_AREA) if larger > 1 else line


def padded(line: MatLike) -> MatLike:
    """At the left of the line reader's input."""
    room = LINE_SIZE_WH[0] - line.shape[1]
    value = (_PAD, _PAD, _PAD)
    return cv2.copyMakeBorder(line, 0, 0, 0, room, cv2.BORDER_CONSTANT, value=value) if room > 0 else line


def _length(corners: Points, *sides: tuple[int, int]) -> float:
    return float(np.mean([np.linalg.norm(corners[one] - corners[other]) for one, other in sides]))
