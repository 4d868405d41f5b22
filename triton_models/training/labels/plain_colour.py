"""The colour of a labelled plate, where it is plain to see: pixels and corners in, a class or -1 out.

What a detector learns of colours from real pictures; where its characters stand is mostly not labelled.
`triton_models.colours` tells the colours of plates that were read.
"""

from __future__ import annotations

import cv2
import numpy as np
from cv2.typing import MatLike
from numpy.typing import NDArray

from contracts.messages.common import PLATE_COLOURS

_SIZE_WH = (96, 32)
_SHRUNK = 0.08
"""Of the plate's sides: its rim, and what a loose box holds besides it, do not count."""
_GROUND_SHARE = 60
"""Per cent of the pixels, the brighter ones, that are ground rather than strokes on a light plate."""
_BRIGHT = 110
_WIDER_THAN_STROKES = np.ones((5, 5), np.uint8)
_RIM_PX = 4
_LEAST_SPAN = 24.0
"""From the darkest to the lightest: less is no writing."""


def plain_colour(rgb: NDArray[np.uint8], corners: NDArray[np.float32]) -> int:
    """Index in `PLATE_COLOURS`; -1 where light, dirt or strokes leave a doubt."""
    middle = corners.mean(0)
    inner = (middle + (corners - middle) * (1 - 2 * _SHRUNK)).astype(np.float32)
    width, height = _SIZE_WH
    flat = np.array([[0, 0], [width, 0], [width, height], [0, height]], np.float32)
    plate = cv2.warpPerspective(rgb, cv2.getPerspectiveTransform(inner, flat), _SIZE_WH)
    hue, saturation, value = (part.ravel() for part in cv2.split(cv2.cvtColor(plate, cv2.COLOR_RGB2HSV)))
    ground = value >= np.percentile(value, 100 - _GROUND_SHARE)
    bright = float(np.median(value[ground]))
    colourful = float(np.median(saturation[ground]))
    if bright < _BRIGHT:
        return -1
    if colourful < 35:
        return PLATE_COLOURS.index("white") if bright > 130 and _not_written_lighter(plate) else -1
    strong = ground & (saturation > 80)
    if colourful < 110 or not strong.any():
        return -1
    tint = float(np.median(hue[strong]))
    if 16 <= tint <= 33:
        return PLATE_COLOURS.index("yellow") if _not_written_lighter(plate) else -1
    return PLATE_COLOURS.index("green") if 42 <= tint <= 85 else -1


def _not_written_lighter(plate: MatLike) -> bool:
    """Bold white or yellow strokes on black are no white or yellow plate: what is narrow there is light, or
    more than half of it all is dark."""
    gray = cv2.cvtColor(plate, cv2.COLOR_RGB2GRAY)
    middle = slice(_RIM_PX, -_RIM_PX)
    dark = cv2.morphologyEx(gray, cv2.MORPH_BLACKHAT, _WIDER_THAN_STROKES)[middle].mean()
    light = cv2.morphologyEx(gray, cv2.MORPH_TOPHAT, _WIDER_THAN_STROKES)[middle].mean()
    darkest, lightest = np.percentile(gray[middle], (5, 95))
    if lightest - darkest < _LEAST_SPAN:
        return True
    return bool(dark > light and gray[middle].mean() > (darkest + lightest) / 2)
