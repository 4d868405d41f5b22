"""A picture seen at random: another scale, place, tilt, light and sharpness, with its labels moved along."""

from __future__ import annotations

import math
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from triton_models.geometry import Homography, project
from triton_models.tensors import PAD_VALUE
from triton_models.training.detectors.pictures import Floats, Rgb

_SHRUNK_BELOW = 0.6
"""Smaller than this, a picture is averaged down before it is warped, as a camera or a letterbox would."""


@dataclass(frozen=True)
class View:
    """`homography` takes pixels of the picture to pixels of the view; `mirrored` swaps left and right."""

    homography: Homography
    size_wh: tuple[int, int]
    scale: float
    mirrored: bool

    def of(self, picture: Rgb) -> Rgb:
        """The picture as this view shows it; grey where there is none."""
        homography = self.homography
        if self.scale < _SHRUNK_BELOW:
            height, width = picture.shape[:2]
            size_wh = (max(1, round(width * self.scale)), max(1, round(height * self.scale)))
            picture = cv2.resize(picture, size_wh, interpolation=cv2.INTER_AREA).astype(np.uint8, copy=False)
            homography = homography @ np.diag([width / size_wh[0], height / size_wh[1], 1.0])
        seen = cv2.warpPerspective(
            picture, homography, self.size_wh, flags=cv2.INTER_LINEAR, borderValue=(PAD_VALUE,) * 3
        )
        return seen.astype(np.uint8, copy=False)

    def corners(self, corners: Floats) -> Floats:
        """Corners [4, 2] in the view, still from the top-left as one sees it there."""
        moved = project(corners, self.homography)
        return moved[[1, 0, 3, 2]] if self.mirrored else moved

    def box(self, xyxy: Floats) -> Floats:
        """Upright box around the moved box."""
        x0, y0, x1, y1 = xyxy
        moved = project(np.array([[x0, y0], [x1, y0], [x1, y1], [x0, y1]], np.float32), self.homography)
        return np.concatenate([moved.min(0), moved.max(0)]).astype(np.float32)


def view_of(
    rng: np.random.Generator, *, centre: tuple[float, float], lands_at: tuple[float, float], scale: float,
    size_wh: tuple[int, int], tilt: float = 0.0, keystone: float = 0.0, mirror_share: float = 0.25,
) -> View:  # fmt: skip
    """The picture's point `centre` comes to lie at `lands_at`. `tilt` is the spread of the angle in
    radians, `keystone` that of the perspective."""
    mirrored = bool(rng.random() < mirror_share)
    angle = float(rng.normal(0.0, tilt)) if tilt and rng.random() < 0.6 else 0.0
    across, down = (
        float(rng.normal(0, keystone)) if keystone and rng.random() < 0.5 else 0.0 for _ in range(2)
    )
    stretch = float(rng.uniform(0.87, 1.15)) if rng.random() < 0.5 else 1.0
    cosine, sine, side = math.cos(angle) * scale, math.sin(angle) * scale, -1.0 if mirrored else 1.0
    to_origin = np.array([[1, 0, -centre[0]], [0, 1, -centre[1]], [0, 0, 1]], np.float64)
    turned = np.array([[cosine * side, -sine, 0], [sine * side, cosine, 0], [across, down, 1]], np.float64)
    placed = np.array([[stretch, 0, lands_at[0]], [0, 1, lands_at[1]], [0, 0, 1]], np.float64)
    return View(placed @ turned @ to_origin, size_wh, scale, mirrored)


def in_other_light(picture: Rgb, rng: np.random.Generator) -> Rgb:
    """Gamma, brightness, a colour cast, noise, blur and compression, each at times."""
    if rng.random() < 0.8:
        picture = _relit(picture, rng)
    if rng.random() < 0.25:
        picture = np.asarray(cv2.GaussianBlur(picture, (3, 3) if rng.random() < 0.7 else (5, 5), 0), np.uint8)
    if rng.random() < 0.12:
        length = int(rng.choice([5, 7, 9]))
        kernel = np.zeros((length, length), np.float32)
        kernel[length // 2] = 1.0 / length
        picture = np.asarray(cv2.filter2D(picture, -1, kernel), np.uint8)
    if rng.random() < 0.3:
        coded = cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, int(rng.integers(25, 80))])[1]
        picture = np.asarray(cv2.imdecode(coded, cv2.IMREAD_COLOR), np.uint8)
    return picture


def _relit(picture: Rgb, rng: np.random.Generator) -> Rgb:
    light = 255.0 * (np.arange(256) / 255.0) ** math.exp(rng.normal(0, 0.35))
    light = light * rng.uniform(0.6, 1.3) + rng.uniform(-25, 25)
    cast = rng.uniform(0.8, 1.2, 3) if rng.random() < 0.4 else np.ones(3)
    table = np.clip(light[:, None] * cast, 0, 255).astype(np.uint8)
    lit: NDArray[np.uint8] = np.asarray(cv2.LUT(picture, table.reshape(1, 256, 3)), np.uint8)
    if rng.random() < 0.1:
        lit = np.repeat(lit.mean(2, keepdims=True), 3, 2).astype(np.uint8)
    if rng.random() < 0.3:
        noise = rng.normal(0, rng.uniform(2, 14), lit.shape[:2]).astype(np.float32)[..., None]
        lit = np.clip(lit + noise, 0, 255).astype(np.uint8)
    return lit
