"""Plates and other writing set into pictures: where, how large and how tilted is left to chance."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np

from triton_models.geometry import corners_box, project
from triton_models.rendering.lettering import lettering
from triton_models.training.detectors.pictures import Floats, Rgb

_SHAKEN = 0.03
_STRONGLY_TILTED = 0.25
_TRIES = 4


def set_in(
    canvas: Rgb, pixels: Rgb, corners: Floats, rng: np.random.Generator, *, whole: bool
) -> tuple[Rgb, Floats] | None:
    """A plate's picture in another one, and its corners there; `whole`: with what is around the plate.

    None where the canvas is too small for it.
    """
    height, width = canvas.shape[:2]
    across = float(rng.uniform(0.04, 0.3)) * width
    long_side = float(np.linalg.norm(corners[1] - corners[0]) + np.linalg.norm(corners[2] - corners[3])) / 2
    scale = across / max(20.0, long_side)
    size = np.array([pixels.shape[1], pixels.shape[0]]) * scale
    room = np.array([width, height]) - size
    if (room < 4).any():
        return None
    corner = np.array([rng.uniform(0, room[0]), rng.uniform(min(height / 3, room[1]), room[1])])
    frame = np.array([[0, 0], [1, 0], [1, 1], [0, 1]], np.float32) * [pixels.shape[1], pixels.shape[0]]
    shaken = _turned(frame * scale + corner, rng) + rng.normal(0, _SHAKEN, (4, 2)) * size
    homography = cv2.getPerspectiveTransform(frame.astype(np.float32), shaken.astype(np.float32))
    small = cv2.GaussianBlur(pixels, (0, 0), max(0.01, 0.35 / scale)) if scale < 0.6 else pixels
    warped = cv2.warpPerspective(small, homography, (width, height), flags=cv2.INTER_LINEAR)
    moved = project(corners, np.asarray(homography, np.float64))
    mask = np.zeros((height, width), np.float32)
    cv2.fillConvexPoly(mask, np.round(shaken if whole else moved).astype(np.int32), 1.0)
    soft = cv2.GaussianBlur(mask, (3, 3), 0)[..., None]
    lit = warped * _light(canvas, shaken) if rng.random() < 0.5 else warped
    return (lit * soft + canvas * (1 - soft)).astype(np.uint8), moved


def with_writing(canvas: Rgb, plates: Sequence[Floats], rng: np.random.Generator) -> Rgb:
    """One to three pieces of writing that is no plate, where none of the plates' boxes is."""
    height, width = canvas.shape[:2]
    mixed = canvas.astype(np.float32)
    for _ in range(int(rng.integers(1, 4))):
        piece = lettering(rng)
        across = float(np.exp(rng.uniform(np.log(0.08), np.log(0.6)))) * width
        size = np.array([across, across * piece.image.shape[0] / piece.image.shape[1]])
        place = _free_place(np.array([width, height]), size, plates, rng)
        if place is None:
            continue
        frame = np.array([[0, 0], [1, 0], [1, 1], [0, 1]], np.float32)
        from_ = (frame * [piece.image.shape[1], piece.image.shape[0]]).astype(np.float32)
        to = (_turned(frame * size + place, rng) + rng.normal(0, _SHAKEN, (4, 2)) * size).astype(np.float32)
        homography = cv2.getPerspectiveTransform(from_, to)
        image = cv2.warpPerspective(piece.image, homography, (width, height), flags=cv2.INTER_AREA)
        cover = cv2.warpPerspective(piece.cover, homography, (width, height))[..., None]
        mixed = image * cover + mixed * (1 - cover)
    return mixed.astype(np.uint8)


def _turned(corners: Floats, rng: np.random.Generator) -> Floats:
    """Most hang straight; one in six hangs badly."""
    angle = float(rng.normal(0, _STRONGLY_TILTED)) if rng.random() < 0.17 else 0.0
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    middle = corners.mean(0)
    return ((corners - middle) @ turn.T + middle).astype(np.float32)


def _light(canvas: Rgb, corners: Floats) -> float:
    """A plate in the dark is dark: as bright as what is around it, within bounds."""
    x0, y0, x1, y1 = corners_box(corners.astype(np.float32)).astype(int)
    around = canvas[max(0, y0) : y1, max(0, x0) : x1]
    return float(np.clip(around.mean() / 110.0, 0.3, 1.1)) if around.size else 1.0


def _free_place(
    room: Floats, size: Floats, plates: Sequence[Floats], rng: np.random.Generator
) -> Floats | None:
    for _ in range(_TRIES):
        place = np.array([rng.uniform(-0.2, 0.9), rng.uniform(-0.1, 0.9)]) * room
        box = np.concatenate([place, place + size]).astype(np.float32)
        if not any(touch(box, plate) for plate in plates):
            return place.astype(np.float32)
    return None


def touch(one: Floats, other: Floats) -> bool:
    """Whether two boxes share a place."""
    return bool((np.maximum(one[:2], other[:2]) < np.minimum(one[2:], other[2:])).all())
