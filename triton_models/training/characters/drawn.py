"""Drawn plates for the reader's training: rendered flat, set into surroundings, seen at an angle.

Drawing costs as much as training's share of a plate, so a window of recent drawings is reused and slides
on. Which drawings it holds follows from the step alone: a resumed run sees the same.
"""

from __future__ import annotations

import functools

import cv2
import numpy as np

from triton_models.geometry import box_corners, corners_box, project
from triton_models.rendering.plates import RenderedPlate
from triton_models.tensors import SLOTS
from triton_models.training.crops.plate_pictures import Floats, PlateCut, Rgb, box_quad
from triton_models.training.crops.unusual import street_plate

_HEIGHT_PX = {1: 64, 2: 112}
_LARGEST_WIDTH = 300
_NEWLY_DRAWN_A_STEP = 4
_ROOM = (0.2, 0.35)
"""Surroundings, of the plate's width and height."""


class DrawnPlates:
    """`plate(rng, step)` picks one of the `window` drawings that are current at that step."""

    def __init__(self, seed: int, window: int, foreign: float = 0.2, decorations: float = 0.0) -> None:
        self._window = window
        # Some more than the window: a drawing is asked for until the window has slid past it.
        self._drawing = functools.lru_cache(maxsize=window + 512)(
            functools.partial(_numbered, seed, foreign, decorations)
        )

    def plate(self, rng: np.random.Generator, step: int) -> PlateCut:
        return self._drawing(step * _NEWLY_DRAWN_A_STEP + int(rng.integers(self._window)))


def _numbered(seed: int, foreign: float, decorations: float, number: int) -> PlateCut:
    return drawn_cut(np.random.default_rng((seed, 77, number)), foreign, decorations)


def drawn_cut(rng: np.random.Generator, foreign: float = 0.2, decorations: float = 0.0) -> PlateCut:
    """A plate of `street_plate` with its surroundings; half have two lines, more than on the street."""
    lines = 1 + int(rng.random() < 0.5)
    some_plate = functools.partial(
        street_plate, rng, lines=lines, height_px=_HEIGHT_PX[lines], foreign=foreign, decorations=decorations
    )
    plate = some_plate()
    while len(plate.text) > SLOTS:
        plate = some_plate()
    picture, quad, boxes = _surrounded(plate, rng)
    if rng.random() < 0.5:
        picture, quad, boxes = _at_an_angle(picture, quad, boxes, rng)
    scale = min(1.0, _LARGEST_WIDTH / picture.shape[1])
    if scale < 1.0:
        picture = cv2.resize(picture, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA).astype(np.uint8)
    return PlateCut(
        picture=np.ascontiguousarray(picture), framings=(quad * scale,), text=plate.text, boxes=boxes * scale,
        source="drawn", group="", lines=plate.lines,
    )  # fmt: skip


def _surrounded(plate: RenderedPlate, rng: np.random.Generator) -> tuple[Rgb, Floats, Floats]:
    """The plate on some bodywork: one colour, and large soft spots of others."""
    height, width = plate.image.shape[:2]
    across, down = round(_ROOM[0] * width), round(_ROOM[1] * height)
    size_wh = (width + 2 * across, height + 2 * down)
    spots = cv2.resize(rng.integers(0, 255, (4, 6, 3)).astype(np.float32), size_wh)
    body = rng.integers(0, 255, 3)
    picture = (0.6 * body + 0.4 * spots).astype(np.uint8)
    picture[down : down + height, across : across + width] = plate.image
    quad = box_quad(np.array([across, down, across + width, down + height], np.float32))
    boxes = np.array([box for _, box, _ in plate.characters], np.float32)
    return picture, quad, boxes + np.array([across, down, across, down], np.float32)


def _at_an_angle(
    picture: Rgb, quad: Floats, boxes: Floats, rng: np.random.Generator
) -> tuple[Rgb, Floats, Floats]:
    """Seen from a side: what rectifying later puts straight leaves its traces in the pixels."""
    extent = quad[2] - quad[0]
    moved = (quad + rng.normal(0.0, 0.035, (4, 2)) * extent).astype(np.float32)
    view = cv2.getPerspectiveTransform(quad, moved).astype(np.float64)
    size_wh = (picture.shape[1], picture.shape[0])
    seen = cv2.warpPerspective(picture, view, size_wh, borderMode=cv2.BORDER_REPLICATE)
    return seen.astype(np.uint8, copy=False), moved, corners_box(project(box_corners(boxes), view))
