"""Labelled pictures -> one picture with some of each source, their labels drawn in."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from triton_models.geometry import letterbox
from triton_models.training.labels.annotations import Annotation, Box

_TILE_WH = (200, 150)
_TITLE_PX = 18
_FAR_PX = 10_000
_PLATE, _VEHICLE, _INK = (255, 210, 0), (60, 200, 255), (235, 235, 235)

Pixels = NDArray[np.uint8]
Shown = tuple[Annotation, Pixels]


def contact_sheet(rows: Sequence[tuple[str, Sequence[Shown]]]) -> Pixels:
    """A row a source, its name above it; RGB."""
    columns = max((len(shown) for _, shown in rows), default=1)
    strips = [_strip(title, shown, columns) for title, shown in rows]
    return np.concatenate(strips) if strips else np.zeros((_TITLE_PX, _TILE_WH[0], 3), np.uint8)


def _strip(title: str, shown: Sequence[Shown], columns: int) -> Pixels:
    width, height = _TILE_WH
    strip = np.full((_TITLE_PX + height, columns * width, 3), 24, np.uint8)
    cv2.putText(strip, title, (4, 13), cv2.FONT_HERSHEY_SIMPLEX, 0.42, _INK, 1, cv2.LINE_AA)
    for column, (note, pixels) in enumerate(shown):
        strip[_TITLE_PX:, column * width : (column + 1) * width] = _tile(note, pixels)
    return strip


def _tile(note: Annotation, pixels: Pixels) -> Pixels:
    tile, scale = letterbox(pixels, _TILE_WH)
    for vehicle in note.vehicles:
        _frame(tile, vehicle.box, scale, _VEHICLE, "")
    for plate in note.plates:
        _frame(tile, plate.box, scale, _PLATE, plate.text or "?")
    return tile


def _frame(tile: Pixels, box: Box, scale: float, colour: tuple[int, int, int], text: str) -> None:
    # OpenCV refuses coordinates of ten digits; far outside is far outside.
    x0, y0, x1, y1 = (round(min(max(value * scale, -_FAR_PX), _FAR_PX)) for value in box)
    cv2.rectangle(tile, (x0, y0), (x1, y1), colour, 1)
    if text:
        at = (max(0, min(x0, _TILE_WH[0] - 8 * len(text))), max(10, y0 - 3))
        cv2.putText(tile, text, at, cv2.FONT_HERSHEY_SIMPLEX, 0.38, (0, 0, 0), 3, cv2.LINE_AA)
        cv2.putText(tile, text, at, cv2.FONT_HERSHEY_SIMPLEX, 0.38, colour, 1, cv2.LINE_AA)
