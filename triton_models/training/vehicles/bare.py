"""A plate on a plain wall or a table, as people hand in: however large, it is in no vehicle."""

from __future__ import annotations

import math

import cv2
import numpy as np

from triton_models.tensors import VEHICLE_SIZE_WH
from triton_models.training.crops.unusual import street_plate
from triton_models.training.detectors.pictures import Rgb
from triton_models.training.detectors.views import view_of

_HEIGHT_PX = 96
_SMALLEST, _LARGEST = 0.1, 0.95
"""Of the picture's width; a plate of two lines is at most as high as the picture."""
_TILT, _KEYSTONE = 0.12, 4e-4
_FOREIGN, _DECORATIONS = 0.2, 0.3
_MOST_GRAIN = 12.0


def bare_plate(rng: np.random.Generator) -> Rgb:
    """A picture [H, W, 3] of the size that the detector looks at."""
    plate = street_plate(
        rng,
        lines=1 + int(rng.random() < 0.5),
        height_px=_HEIGHT_PX,
        foreign=_FOREIGN,
        decorations=_DECORATIONS,
    ).image
    down, across = plate.shape[:2]
    width, height = VEHICLE_SIZE_WH
    wanted = math.exp(rng.uniform(math.log(_SMALLEST), math.log(_LARGEST))) * width
    scale = min(wanted / across, _LARGEST * height / down)
    room = np.array([width - across * scale, height - down * scale]) / 2
    middle = np.array([width, height]) / 2 + rng.uniform(-1, 1, 2) * room
    view = view_of(
        rng, centre=(across / 2, down / 2), lands_at=(float(middle[0]), float(middle[1])), scale=scale,
        size_wh=VEHICLE_SIZE_WH, tilt=_TILT, keystone=_KEYSTONE, mirror_share=0.0,
    )  # fmt: skip
    corners = np.array([[0, 0], [across, 0], [across, down], [0, down]], np.float32)
    mask = np.zeros((height, width), np.float32)
    cv2.fillConvexPoly(mask, np.round(view.corners(corners)).astype(np.int32), 1.0)
    cover = cv2.GaussianBlur(mask, (3, 3), 0)[..., None]
    mixed = view.of(plate) * cover + _wall(rng) * (1 - cover)
    return np.asarray(mixed, np.uint8)


def _wall(rng: np.random.Generator) -> Rgb:
    """One colour, lit from a side, with its grain."""
    width, height = VEHICLE_SIZE_WH
    side = rng.normal(0, 0.25, 2)
    x, y = np.meshgrid(np.linspace(-1, 1, width), np.linspace(-1, 1, height))
    light = (1 + side[0] * x + side[1] * y)[..., None]
    grain = rng.normal(0, rng.uniform(0, _MOST_GRAIN), (height, width, 1))
    wall = rng.uniform(20, 240) * rng.uniform(0.8, 1.2, 3) * light + grain
    return np.asarray(np.clip(wall, 0, 255), np.uint8)
