"""Materials as pictures: sizes and colours in, RGB pictures out (paint, glass, asphalt, walls, leaves)."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

Picture = NDArray[np.uint8]
Rgb = tuple[int, int, int]


def clouds(rng: np.random.Generator, size_wh: tuple[int, int], cells: tuple[int, int]) -> NDArray[np.float32]:
    """Smooth noise around 0, deviation about 1."""
    grid = rng.standard_normal((cells[1], cells[0]), np.float32)
    return np.asarray(cv2.resize(grid, size_wh, interpolation=cv2.INTER_CUBIC), np.float32)


def grain(rng: np.random.Generator, size_wh: tuple[int, int]) -> NDArray[np.float32]:
    return rng.standard_normal((size_wh[1], size_wh[0]), np.float32)


def tinted(colour: Rgb, shade: NDArray[np.float32]) -> Picture:
    """One colour under a shade (1 = the colour itself)."""
    return np.asarray(np.clip(np.array(colour, np.float32) * shade[..., None], 0, 255), np.uint8)


def metal(
    rng: np.random.Generator,
    size_wh: tuple[int, int],
    colour: Rgb,
    *,
    top: float = 1.14,
    bottom: float = 0.72,
) -> Picture:
    """Car paint: brighter towards the sky, with soft reflections and some dust."""
    width, height = size_wh
    shade = np.linspace(top, bottom, height, dtype=np.float32)[:, None] + np.zeros((1, width), np.float32)
    shade += clouds(rng, size_wh, (4, 3)) * 0.035 + grain(rng, size_wh) * 0.012
    return tinted(colour, shade)


def glass(rng: np.random.Generator, size_wh: tuple[int, int], tone: int = 46) -> Picture:
    """A dark pane in which the sky is seen."""
    width, height = size_wh
    shade = np.linspace(1.9, 0.7, height, dtype=np.float32)[:, None] + np.zeros((1, width), np.float32)
    slope = np.linspace(-0.3, 0.3, width, dtype=np.float32)[None] * float(rng.normal(0, 1))
    return tinted(
        (tone, tone + 6, tone + 12), np.clip(shade + slope + clouds(rng, size_wh, (5, 4)) * 0.22, 0.3, 4.5)
    )


def asphalt(rng: np.random.Generator, size_wh: tuple[int, int], tone: int) -> Picture:
    shade = (
        1
        + clouds(rng, size_wh, (7, 24)) * 0.05
        + clouds(rng, size_wh, (48, 160)) * 0.05
        + grain(rng, size_wh) * 0.09
    )
    picture = tinted((tone, tone - 1, tone - 4), shade)
    for _ in range(int(rng.integers(3, 9))):
        start = rng.uniform(0, 1, 2) * size_wh
        crack = start + np.cumsum(rng.normal(0, 1, (14, 2)) * (size_wh[0] / 120, size_wh[1] / 60), axis=0)
        cv2.polylines(
            picture, [crack.astype(np.int32)], False, (tone // 2, tone // 2, tone // 2), 1, cv2.LINE_AA
        )
    return picture


def bricks(rng: np.random.Generator, size_wh: tuple[int, int], colour: Rgb) -> Picture:
    width, height = size_wh
    picture = tinted(colour, 1 + grain(rng, size_wh) * 0.05 + clouds(rng, size_wh, (6, 3)) * 0.08)
    joint = tuple(int(value * 0.72) for value in colour)
    course = max(height // 14, 3)
    for row in range(0, height, course):
        cv2.line(picture, (0, row), (width, row), joint, 1)
        for column in range((row // course % 2) * course, width, 2 * course):
            cv2.line(picture, (column, row), (column, row + course), joint, 1)
    return picture


def leaves(rng: np.random.Generator, size_px: int) -> tuple[Picture, NDArray[np.uint8]]:
    """A crown of leaves: its picture and its alpha."""
    picture = np.zeros((size_px, size_px, 3), np.uint8)
    alpha = np.zeros((size_px, size_px), np.uint8)
    green = np.array((46, 84, 36)) + rng.normal(0, 8, 3)
    for _ in range(260):
        angle, reach = float(rng.uniform(0, 2 * np.pi)), float(np.sqrt(rng.random())) * 0.42
        centre = (
            round((0.5 + reach * np.cos(angle)) * size_px),
            round((0.5 + reach * np.sin(angle) * 0.9) * size_px),
        )
        light = float(rng.uniform(0.5, 1.0)) * (1.25 - centre[1] / size_px * 0.7)
        colour = tuple(int(value) for value in np.clip(green * light * 1.3, 0, 255))
        radius = int(rng.uniform(0.02, 0.06) * size_px) + 1
        cv2.circle(picture, centre, radius, colour, -1, cv2.LINE_AA)
        cv2.circle(alpha, centre, radius, 255, -1, cv2.LINE_AA)
    return picture, alpha
