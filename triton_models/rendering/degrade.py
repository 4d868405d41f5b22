"""What light, lens, sensor and cable do to a picture: RGB in, RGB of the same size out.

Nothing here moves a pixel, so boxes and corners stay true. The generator decides everything.
"""

from __future__ import annotations

from functools import cache

import cv2
import numpy as np
from numpy.typing import NDArray

Picture = NDArray[np.uint8]
_NOISE_PX = 512


def degrade(picture: Picture, rng: np.random.Generator, strength: float = 1.0) -> Picture:
    """A street camera's picture of a clean one; `strength` 0 leaves it nearly alone, 1 is a usual mix."""
    seen = _toned(picture, rng, strength)
    for chance, step in ((0.15, shadow), (0.08, glare)):
        if rng.random() < chance * strength:
            seen = step(seen, rng)
    if rng.random() < 0.25 * strength:
        seen = cv2.GaussianBlur(seen, (0, 0), float(rng.uniform(0.4, 1.5))).astype(np.uint8)
    if rng.random() < 0.15 * strength:
        seen = motion_blur(seen, float(rng.uniform(2, 7)), float(rng.uniform(60, 120)))
    if rng.random() < 0.2 * strength:
        seen = low_resolution(seen, float(rng.uniform(0.4, 0.85)))
    if rng.random() < 0.6 * strength:
        seen = noisy(seen, rng, float(rng.gamma(2.0, 2.2)))
    if rng.random() < 0.6 * strength:
        seen = compressed(seen, int(rng.integers(25, 90)))
    return seen


def shadow(picture: Picture, rng: np.random.Generator) -> Picture:
    """The edge of a shadow, of a bridge or a tree, runs across."""
    height, width = picture.shape[:2]
    mask = np.ones((height // 4 + 1, width // 4 + 1), np.float32)
    points = rng.uniform(-0.3, 1.3, (4, 2)) * (width // 4, height // 4)
    cv2.fillConvexPoly(mask, cv2.convexHull(points.astype(np.int32)), float(rng.uniform(0.35, 0.75)))
    soft = cv2.GaussianBlur(mask, (0, 0), float(rng.uniform(0.6, 5)))
    return _scaled(picture, np.asarray(cv2.resize(soft, (width, height)), np.float32))


def glare(picture: Picture, rng: np.random.Generator) -> Picture:
    """A low sun or a lamp spreads over a part of the lens."""
    height, width = picture.shape[:2]
    small = np.zeros((height // 8 + 1, width // 8 + 1), np.float32)
    centre = (int(rng.integers(small.shape[1])), int(rng.integers(small.shape[0])))
    cv2.circle(
        small, centre, max(int(rng.uniform(0.03, 0.15) * small.shape[1]), 1), float(rng.uniform(90, 255)), -1
    )
    halo = cv2.resize(cv2.GaussianBlur(small, (0, 0), float(rng.uniform(2, 10))), (width, height))
    return np.asarray(cv2.add(picture, cv2.cvtColor(halo.astype(np.uint8), cv2.COLOR_GRAY2RGB)), np.uint8)


def motion_blur(picture: Picture, length_px: float, angle_deg: float) -> Picture:
    reach = max(int(np.ceil(length_px / 2)), 1)
    kernel = np.zeros((2 * reach + 1, 2 * reach + 1), np.float32)
    way = np.array((np.cos(np.deg2rad(angle_deg)), np.sin(np.deg2rad(angle_deg)))) * length_px / 2
    start, stop = (
        (round(reach - way[0]), round(reach - way[1])),
        (round(reach + way[0]), round(reach + way[1])),
    )
    cv2.line(kernel, start, stop, 1.0, 1, cv2.LINE_AA)
    return np.asarray(
        cv2.filter2D(picture, -1, kernel / kernel.sum(), borderType=cv2.BORDER_REPLICATE), np.uint8
    )


def low_resolution(picture: Picture, scale: float) -> Picture:
    height, width = picture.shape[:2]
    small = cv2.resize(picture, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    return np.asarray(cv2.resize(small, (width, height), interpolation=cv2.INTER_LINEAR), np.uint8)


def noisy(picture: Picture, rng: np.random.Generator, deviation: float) -> Picture:
    """Noise from a fixed sheet, laid on at a random place: drawing it anew would cost more than all else."""
    height, width = picture.shape[:2]
    y, x = rng.integers(0, _NOISE_PX, 2)
    rows, columns = (np.arange(height) + int(y)) % _NOISE_PX, (np.arange(width) + int(x)) % _NOISE_PX
    noise = _noise_sheet()[rows][:, columns]
    amount = np.clip(noise.astype(np.float32) * (deviation / 32), -128, 127)
    return np.asarray(cv2.add(picture, amount, dtype=cv2.CV_8U), np.uint8)


def compressed(picture: Picture, quality: int) -> Picture:
    done, data = cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, quality])
    if not done:
        raise ValueError("the picture cannot be encoded as JPEG")
    return np.asarray(cv2.imdecode(data, cv2.IMREAD_COLOR), np.uint8)


def _toned(picture: Picture, rng: np.random.Generator, strength: float) -> Picture:
    """Exposure, contrast, gamma and a colour cast in one table a channel."""
    gamma = float(np.exp(rng.normal(0, 0.22 * strength)))
    contrast, light = 1 + float(rng.normal(0, 0.14 * strength)), float(rng.normal(0, 0.05 * strength))
    casts = 1 + rng.normal(0, 0.04 * strength, 3)
    level = np.linspace(0, 1, 256)[:, None] ** gamma
    table = np.clip(((level - 0.5) * contrast + 0.5 + light) * casts, 0, 1) * 255
    return np.asarray(cv2.LUT(picture, table.astype(np.uint8)[None]), np.uint8)


def _scaled(picture: Picture, factor: NDArray[np.float32]) -> Picture:
    return np.asarray(cv2.multiply(picture, cv2.merge([factor] * 3), dtype=cv2.CV_8U), np.uint8)


@cache
def _noise_sheet() -> NDArray[np.int8]:
    rng = np.random.default_rng(20)
    return np.clip(rng.normal(0, 32, (_NOISE_PX, _NOISE_PX, 3)), -127, 127).astype(np.int8)
