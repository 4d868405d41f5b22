"""What sun, lamps and rain do to a plate: crop in, gray or in colour, crop of the same size out.

Nothing moves a character. The same generator gives the same crop. What lens, sensor and cable do, they do
to all of a plate alike (`plate_pictures.seen_badly`); these differ from place to place: half a number in the
shade of a wall, the end of it under a lamp's reflection.
"""

from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np
from cv2.typing import MatLike
from numpy.typing import NDArray

Floats = NDArray[np.float32]


def weathered(crop: MatLike, rng: np.random.Generator) -> MatLike:
    """One of the kinds below, at times two; shade most of all, as on the street."""
    kinds = 1 + int(rng.random() < 0.15)
    for index in rng.choice(len(_KINDS), size=kinds, replace=False, p=_SHARES):
        crop = _KINDS[int(index)](crop, rng)
    return crop


def shaded(crop: MatLike, rng: np.random.Generator) -> MatLike:
    """The edge of a shadow runs across, or two do: of a wall, a bumper, a bar."""
    factor = _slope(crop, rng)
    if rng.random() < 0.3:
        factor = np.minimum(factor, _slope(crop, rng)) if rng.random() < 0.5 else factor * _slope(crop, rng)
    return _clipped(crop.astype(np.float32) * _over(crop, np.maximum(factor, 0.12)))


def _slope(crop: MatLike, rng: np.random.Generator) -> Floats:
    """How much light each pixel gets: all of it on one side of a line, a part on the other."""
    across, down = _places(crop)
    angle = float(rng.uniform(0.0, 2.0 * np.pi))
    beyond = (across - rng.uniform(0.05, 0.95)) * np.cos(angle) + (down - rng.uniform(0.05, 0.95)) * np.sin(
        angle
    )
    softness = float(np.exp(rng.uniform(np.log(0.004), np.log(0.12))))
    lit = 1.0 / (1.0 + np.exp(np.clip(beyond / softness, -30.0, 30.0)))
    dark = float(rng.uniform(0.15, 0.7))
    return (dark + (1.0 - dark) * lit).astype(np.float32)


def glaring(crop: MatLike, rng: np.random.Generator) -> MatLike:
    """The reflection of a lamp or of a low sun takes a part of the writing away, and pales more of it."""
    across, down = _places(crop)
    flatness = crop.shape[0] / crop.shape[1]
    stretch = float(np.exp(rng.normal(0.0, 0.4)))
    x, y = float(rng.uniform(-0.1, 1.1)), float(rng.uniform(-0.2, 1.2))
    away = np.hypot((across - x) * stretch, (down - y) * flatness)
    spot = rng.uniform(60.0, 240.0) * np.exp(-((away / rng.uniform(0.05, 0.3)) ** 2))
    veil = rng.uniform(0.0, 70.0) * np.exp(-away / rng.uniform(0.2, 0.8))
    return _clipped(crop + _over(crop, spot + veil))


def overexposed(crop: MatLike, rng: np.random.Generator) -> MatLike:
    """A plate that throws headlights back: what is bright has no shades left and spreads over the strokes;
    not so far that an 8 is a 0, or who learns from it doubts every 0."""
    light = max(float(np.percentile(crop, 95)), 32.0)
    bright = crop.astype(np.float32) * (255.0 / light * float(rng.uniform(0.9, 1.3)))
    spread = float(rng.uniform(0.006, 0.02)) * crop.shape[1]
    halo = cv2.GaussianBlur(np.clip(bright - rng.uniform(130.0, 190.0), 0.0, 255.0), (0, 0), spread)
    return _clipped(bright + float(rng.uniform(0.1, 0.55)) * halo)


def rained_on(crop: MatLike, rng: np.random.Generator) -> MatLike:
    """Streaks of falling drops, drops that stand on glass or plate and blur what is behind, and paler air."""
    height, width = crop.shape[:2]
    wet = crop.copy()
    for _ in range(int(rng.integers(0, 7))):
        _put_drop(wet, rng)
    streaks = np.zeros((height, width), np.float32)
    lean = float(rng.normal(0.0, 0.2))
    for _ in range(int(rng.integers(4, 40))):
        x, y = float(rng.uniform(0, width)), float(rng.uniform(-0.3, 1.0)) * height
        long = float(rng.uniform(0.15, 0.9)) * height
        start, end = (round(x), round(y)), (round(x + lean * long), round(y + long))
        cv2.line(streaks, start, end, float(rng.uniform(15, 110)), int(rng.integers(1, 3)), cv2.LINE_AA)
    streaks = cv2.GaussianBlur(streaks, (0, 0), float(rng.uniform(0.5, 1.4))).astype(np.float32)
    clear = float(rng.uniform(0.65, 1.0))
    return _clipped(wet * clear + (1.0 - clear) * float(rng.uniform(70, 190)) + _over(crop, streaks))


def _put_drop(crop: MatLike, rng: np.random.Generator) -> None:
    height, width = crop.shape[:2]
    reach = max(2, round(float(rng.uniform(0.04, 0.14)) * height))
    x, y = int(rng.integers(width)), int(rng.integers(height))
    inside = crop[max(0, y - reach) : y + reach, max(0, x - reach) : x + reach]
    drop = cv2.GaussianBlur(inside, (0, 0), max(0.6, reach / 2.5)).reshape(inside.shape)
    # A drop is a lens: what it shows stands on its head.
    inside[:] = drop[::-1] if rng.random() < 0.5 else drop


def _places(crop: MatLike) -> tuple[Floats, Floats]:
    """Where each pixel is, across and down, in 0..1 of the crop."""
    height, width = crop.shape[:2]
    across = (np.arange(width, dtype=np.float32) + 0.5) / width
    down = (np.arange(height, dtype=np.float32) + 0.5) / height
    return across[None, :], down[:, None]


def _over(crop: MatLike, light: NDArray[np.floating]) -> NDArray[np.floating]:
    """Light by pixel, for every colour of it."""
    return light if crop.ndim == 2 else light[..., None]


def _clipped(light: NDArray[np.floating]) -> MatLike:
    return np.clip(light, 0.0, 255.0).astype(np.uint8)


_KINDS: tuple[Callable[[MatLike, np.random.Generator], MatLike], ...] = (
    shaded,
    glaring,
    overexposed,
    rained_on,
)
_SHARES = (0.5, 0.2, 0.15, 0.15)
