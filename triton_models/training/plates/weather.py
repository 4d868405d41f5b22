"""A view with plates in a worse hour: shade, glare and rain around each, headlights at night, few pixels.

Nothing moves. RGB in, RGB of the same size out; the generator decides everything.
"""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np

from triton_models.geometry import corners_box
from triton_models.training.crops.weather import shaded, weathered
from triton_models.training.detectors.pictures import Floats, Rgb

_LEAST_PX = 8
_SMALLEST_PX = 14.0
"""Width of the narrowest plate of a view that is seen from afar."""


def in_weather(view: Rgb, plates: Sequence[Floats], rng: np.random.Generator) -> Rgb:
    """`plates`: corners [4, 2] each, from top-left clockwise, in pixels of the view."""
    chance = rng.random()
    if chance < 0.3:
        return at_night(view, plates, rng)
    if chance < 0.55:
        return from_afar(view, plates, rng)
    if chance < 0.7:
        return np.asarray(shaded(view, rng), np.uint8)
    return around_each(view, plates, rng)


def at_night(view: Rgb, plates: Sequence[Floats], rng: np.random.Generator) -> Rgb:
    """Plates throw headlights back until they glow, all around is dark but for lamps."""
    light = view.astype(np.float32)
    seen = light * float(rng.uniform(0.18, 0.6))
    for corners in plates:
        width = _width(corners)
        cover = np.zeros(view.shape[:2], np.float32)
        cv2.fillConvexPoly(cover, np.round(corners * 8).astype(np.int32), 1.0, cv2.LINE_AA, 3)
        lit = np.clip(light * float(rng.uniform(1.1, 2.2)), 0.0, 400.0) * cover[..., None]
        halo = cv2.GaussianBlur(np.clip(lit - 140.0, 0.0, None), (0, 0), max(0.6, 0.03 * width))
        seen = seen * (1.0 - cover[..., None]) + lit + float(rng.uniform(0.2, 1.2)) * halo
        if rng.random() < 0.4:
            seen = _with_lamps(seen, corners, rng)
    return np.clip(seen, 0.0, 255.0).astype(np.uint8)


def from_afar(view: Rgb, plates: Sequence[Floats], rng: np.random.Generator) -> Rgb:
    """Fewer pixels, compressed, drawn larger again: as a small vehicle is brought to the detector's size."""
    narrowest = min((_width(corners) for corners in plates), default=60.0)
    least = float(np.clip(_SMALLEST_PX / max(narrowest, 1.0), 0.25, 0.9))
    share = float(np.exp(rng.uniform(np.log(least), np.log(0.95))))
    small = cv2.resize(view, None, fx=share, fy=share, interpolation=cv2.INTER_AREA)
    if rng.random() < 0.6:
        coded = cv2.imencode(".jpg", small, [cv2.IMWRITE_JPEG_QUALITY, int(rng.integers(35, 92))])[1]
        small = np.asarray(cv2.imdecode(coded, cv2.IMREAD_COLOR))
    way = cv2.INTER_LINEAR if rng.random() < 0.7 else cv2.INTER_CUBIC
    return np.asarray(cv2.resize(small, (view.shape[1], view.shape[0]), interpolation=way), np.uint8)


def around_each(view: Rgb, plates: Sequence[Floats], rng: np.random.Generator) -> Rgb:
    """Without an edge where it ends: that would be learned as a plate's."""
    changed = view.copy()
    for corners in plates:
        x0, y0, x1, y1 = corners_box(corners)
        room = float(rng.uniform(0.2, 1.0)) * (x1 - x0)
        left, top = max(0, int(x0 - room)), max(0, int(y0 - room))
        part = changed[top : max(0, int(y1 + room)), left : max(0, int(x1 + room))]
        if min(part.shape[:2]) < _LEAST_PX:
            continue
        inside = np.zeros(part.shape[:2], np.float32)
        edge = max(1, int(0.5 * room))
        inside[edge:-edge, edge:-edge] = 1.0
        share = cv2.GaussianBlur(inside, (0, 0), max(0.6, 0.4 * edge))[..., None]
        part[:] = part * (1.0 - share) + weathered(part, rng) * share
    return changed


def _with_lamps(seen: Floats, corners: Floats, rng: np.random.Generator) -> Floats:
    """One lamp or two beside the plate, about as wide as it is high."""
    width, (x, y) = _width(corners), corners.mean(0)
    lamps = np.zeros(seen.shape[:2], np.float32)
    away, lift = float(rng.uniform(0.8, 2.2)) * width, float(rng.uniform(-0.9, 0.3)) * width
    for side in (-1, 1) if rng.random() < 0.7 else (1,):
        place = (round(float(x) + side * away), round(float(y) + lift))
        cv2.circle(
            lamps, place, max(1, round(float(rng.uniform(0.05, 0.25)) * width)), 255.0, -1, cv2.LINE_AA
        )
    spread = max(0.6, float(rng.uniform(0.03, 0.15)) * width)
    glow = lamps + 1.5 * np.asarray(cv2.GaussianBlur(lamps, (0, 0), spread), np.float32)
    return seen + glow[..., None]


def _width(corners: Floats) -> float:
    return float(np.linalg.norm(corners[1] - corners[0]) + np.linalg.norm(corners[2] - corners[3])) / 2
