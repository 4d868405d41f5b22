"""Crops of plates as other hands might have lettered them: slanted, with lines and groups of other sizes,
with thinner or thicker strokes. A crop and its characters' boxes in, both changed out.

The same generator gives the same crop. A few thousand photographed plates hold few typefaces; a reader that
saw each of them hundreds of times knows the plates by heart, and not the letters.
"""

from __future__ import annotations

import cv2
import numpy as np
from cv2.typing import MatLike
from numpy.typing import NDArray

from triton_models.geometry import box_corners, corners_box

Floats = NDArray[np.float32]

_STEEPEST = 0.4
"""Slant: shift across, in pixels a pixel down."""
_UNEVEN_ACROSS, _UNEVEN_DOWN = 0.2, 0.28
"""How much parts of a plate grow beside others: the deviation of the logarithm of their lengths."""
_BENT_PX = 1.1


def reshaped(crop: MatLike, boxes: Floats | None, rng: np.random.Generator) -> tuple[MatLike, Floats | None]:
    """`crop` gray uint8 [height, width]; `boxes` [characters, 4] x0, y0, x1, y1 in 0..1 of it."""
    if rng.random() < 0.75:
        crop, boxes = _warped(crop, boxes, rng)
    if rng.random() < 0.4:
        crop = _restroked(crop, rng)
    return crop, boxes


def _warped(crop: MatLike, boxes: Floats | None, rng: np.random.Generator) -> tuple[MatLike, Floats | None]:
    height, width = crop.shape[:2]
    slant = float(np.clip(rng.normal(0.0, 0.16), -_STEEPEST, _STEEPEST)) if rng.random() < 0.6 else 0.0
    across = _uneven(rng, int(rng.integers(2, 6)), _UNEVEN_ACROSS)
    down = _uneven(rng, int(rng.integers(2, 4)), _UNEVEN_DOWN)
    columns, rows = np.arange(width, dtype=np.float32), np.arange(height, dtype=np.float32)
    x = np.interp(columns / width, *across).astype(np.float32) * width
    y = np.interp(rows / height, *down).astype(np.float32) * height
    lean = slant * (rows - height / 2)
    map_x = x[None] + lean[:, None]
    map_y = np.repeat(y[:, None], width, axis=1)
    if rng.random() < 0.4:
        bends = rng.normal(0.0, _BENT_PX, (2, 4, 9)).astype(np.float32)
        map_x = map_x + cv2.resize(bends[0], (width, height), interpolation=cv2.INTER_CUBIC)
        map_y = map_y + cv2.resize(bends[1], (width, height), interpolation=cv2.INTER_CUBIC)
    changed = cv2.remap(
        crop, map_x.astype(np.float32), map_y.astype(np.float32), cv2.INTER_LINEAR,
        borderMode=cv2.BORDER_REPLICATE,
    )  # fmt: skip
    if boxes is None:
        return changed, None
    corners = box_corners(boxes).astype(np.float64)
    placed_y = np.interp(corners[..., 1], down[1], down[0])
    straight = corners[..., 0] - slant * (placed_y - 0.5) * height / width
    placed = np.stack((np.interp(straight, across[1], across[0]), placed_y), axis=-1)
    return changed, np.clip(corners_box(placed.astype(np.float32)), 0.0, 1.0)


def _uneven(
    rng: np.random.Generator, parts: int, spread: float
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Where the ends of equal parts of the changed crop are taken from in the crop, both in 0..1."""
    lengths = np.exp(rng.normal(0.0, spread, parts))
    taken = np.concatenate(([0.0], np.cumsum(lengths) / lengths.sum()))
    return np.linspace(0.0, 1.0, parts + 1), taken


def _restroked(crop: MatLike, rng: np.random.Generator) -> MatLike:
    """Strokes a little thicker or thinner; which of the two, light plates and dark plates decide."""
    kernel = np.ones((int(rng.integers(2, 4)), int(rng.integers(2, 4))), np.uint8)
    changed = cv2.dilate(crop, kernel) if rng.random() < 0.5 else cv2.erode(crop, kernel)
    share = float(rng.uniform(0.35, 1.0))
    return cv2.addWeighted(changed, share, crop, 1.0 - share, 0)
