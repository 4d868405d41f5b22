"""A picture with plates, as a worse hour would have shown them: shade, glare, headlights, rain, distance.

For judging and not for training: a training draws weather of its own (`training/weather.py`), so that no
reader is judged by what it was drilled on. RGB in and out; the generator decides everything.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from triton_models.rendering.degrade import compressed, motion_blur

Picture = NDArray[np.uint8]
Light = NDArray[np.float32]
Box = tuple[float, float, float, float]
Condition = Callable[[Light, Box, np.random.Generator], Light]

SMALL_PX = (30.0, 52.0)
"""Width of the widest plate of a picture seen from afar; three quarters of it where that plate is high, as
those of two lines are."""
_HIGH = 0.4
_QUALITY = 80


def under(condition: Condition, picture: Picture, plates: Sequence[Box], rng: np.random.Generator) -> Picture:
    """`plates` x0, y0, x1, y1 in pixels; what is around each changes with it."""
    changed = picture.copy()
    for box in plates:
        x0, y0, x1, y1 = _around(box, picture.shape[1], picture.shape[0])
        if x1 - x0 < 8 or y1 - y0 < 8:
            continue
        part = changed[y0:y1, x0:x1]
        inside = (box[0] - x0, box[1] - y0, box[2] - x0, box[3] - y0)
        part[:] = np.clip(condition(part.astype(np.float32), inside, rng), 0, 255)
    return changed


def from_afar(picture: Picture, plates: Sequence[Box], rng: np.random.Generator) -> tuple[Picture, float]:
    """The picture with fewer pixels, and the factor of each length: 1 where plates are small already."""
    widest = max(plates, key=lambda box: box[2] - box[0])
    width = widest[2] - widest[0]
    wanted = float(rng.uniform(*SMALL_PX)) * (0.75 if widest[3] - widest[1] > _HIGH * width else 1.0)
    scale = wanted / width
    if scale >= 1.0:
        return picture, 1.0
    small = cv2.resize(picture, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    return compressed(np.asarray(small, np.uint8), _QUALITY), scale


def shade(part: Light, plate: Box, rng: np.random.Generator) -> Light:
    """A shadow's edge runs through the plate; the dark side gets a fifth to nearly half of the light."""
    across, down = _from(part, plate, rng.uniform(0.2, 0.8), rng.uniform(0.2, 0.8))
    angle = float(rng.uniform(0, 2 * np.pi))
    beyond = across * np.cos(angle) + down * np.sin(angle) > 0
    light = np.where(beyond, np.float32(rng.uniform(0.2, 0.45)), np.float32(1))
    softness = max(0.6, float(rng.uniform(0.008, 0.05)) * _width(plate))
    return part * np.asarray(cv2.GaussianBlur(light, (0, 0), softness), np.float32)[..., None]


def glare(part: Light, plate: Box, rng: np.random.Generator) -> Light:
    """A lamp's reflection on the plate: a spot without any shade left, and a veil around it."""
    across, down = _from(part, plate, rng.uniform(0, 1), rng.uniform(0, 1))
    away = np.hypot(across, down) / _width(plate)
    spot = rng.uniform(120, 230) * np.exp(-((away / rng.uniform(0.12, 0.3)) ** 2))
    return part + (spot + rng.uniform(20, 60) * np.exp(-away / 0.6)).astype(np.float32)[..., None]


def headlights(part: Light, plate: Box, rng: np.random.Generator) -> Light:
    """At night: the plate throws light back until it glows, all around it is dark."""
    x0, y0, x1, y1 = (max(0, round(side)) for side in plate)
    lit = part * np.float32(rng.uniform(1.3, 1.9))
    seen = part * np.float32(0.35)
    seen[y0:y1, x0:x1] = lit[y0:y1, x0:x1]
    spread = max(0.8, float(rng.uniform(0.015, 0.035)) * _width(plate))
    halo = cv2.GaussianBlur(np.clip(lit - 150, 0, 255), (0, 0), spread)
    return seen + np.asarray(halo, np.float32) * np.float32(rng.uniform(0.6, 1.1))


def rain(part: Light, plate: Box, rng: np.random.Generator) -> Light:
    """Paler, with streaks across and drops on the glass."""
    height, width = part.shape[:2]
    streaks = np.zeros((height, width), np.float32)
    for _ in range(25):
        x, y = float(rng.uniform(0, width)), float(rng.uniform(-0.2, 1)) * height
        long, lean = float(rng.uniform(0.1, 0.4)) * _width(plate), float(rng.normal(0.1, 0.03))
        thick = max(1, round(0.006 * _width(plate)))
        ends = (round(x), round(y)), (round(x + lean * long), round(y + long))
        cv2.line(streaks, *ends, float(rng.uniform(40, 110)), thick, cv2.LINE_AA)
    wet = part * np.float32(0.75) + np.float32(35)
    wet += np.asarray(cv2.GaussianBlur(streaks, (0, 0), 0.8), np.float32)[..., None]
    for _ in range(5):
        x, y = int(rng.integers(width)), int(rng.integers(height))
        reach = max(2, round(float(rng.uniform(0.03, 0.08)) * _width(plate)))
        drop = wet[max(0, y - reach) : y + reach, max(0, x - reach) : x + reach]
        drop[:] = cv2.GaussianBlur(drop, (0, 0), reach / 2)[::-1]
    return wet


def shaken(part: Light, plate: Box, rng: np.random.Generator) -> Light:
    """The camera or the vehicle moved by two to five hundredths of the plate's width."""
    length = max(2.0, float(rng.uniform(0.02, 0.045)) * _width(plate))
    return motion_blur(part.astype(np.uint8), length, float(rng.uniform(0, 180))).astype(np.float32)


CONDITIONS: dict[str, Condition] = {
    "shade": shade,
    "glare": glare,
    "headlights": headlights,
    "rain": rain,
    "shaken": shaken,
}


def _around(box: Box, width: int, height: int) -> tuple[int, int, int, int]:
    room = 0.5 * _width(box)
    x0, y0 = max(0, int(box[0] - room)), max(0, int(box[1] - room))
    return x0, y0, min(width, int(box[2] + room)), min(height, int(box[3] + room))


def _width(box: Box) -> float:
    return box[2] - box[0]


def _from(part: Light, plate: Box, across: float, down: float) -> tuple[Light, Light]:
    """How far each pixel is, in pixels, from the place so far across and down the plate, in 0..1 of it."""
    x0, y0, x1, y1 = plate
    columns = np.arange(part.shape[1], dtype=np.float32) - np.float32(x0 + across * (x1 - x0))
    rows = np.arange(part.shape[0], dtype=np.float32) - np.float32(y0 + down * (y1 - y0))
    return columns[None, :], rows[:, None]
