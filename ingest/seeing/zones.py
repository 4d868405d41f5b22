"""Zones of a camera's picture: the rectangle around them, and which cells of a small picture they cover."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from contracts.cameras import Zone


def around(zones: Sequence[Zone]) -> tuple[float, float, float, float]:
    """Left, top, right, bottom of the rectangle around all zones, as shares of the picture."""
    corners = np.array([corner for zone in zones for corner in zone.corners])
    (left, top), (right, bottom) = corners.min(axis=0), corners.max(axis=0)
    return float(left), float(top), float(right), float(bottom)


def mask(zones: Sequence[Zone], *, width: int, height: int) -> NDArray[np.bool_]:
    """True for the cells [height, width] that a zone covers or touches; all of them without zones."""
    if not zones:
        return np.ones((height, width), np.bool_)
    drawn = np.zeros((height, width), np.uint8)
    for zone in zones:
        points = np.array([[x * width, y * height] for x, y in zone.corners])
        cv2.fillPoly(drawn, [np.round(points).astype(np.int32)], (1,))
    found: NDArray[np.bool_] = drawn > 0
    return found
