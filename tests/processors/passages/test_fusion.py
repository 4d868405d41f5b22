"""Poor pictures of one plate show it together, and what shows something else is left out."""

from __future__ import annotations

import cv2
import numpy as np

from processors.passages.fusion import fused
from processors.ports import Image

SIZE_WH = (192, 64)


def a_plate(text: str = "Q 90043") -> Image:
    picture = np.full((96, 288, 3), 225, np.uint8)
    cv2.rectangle(picture, (6, 6), (281, 89), (20, 20, 20), 3)
    cv2.putText(picture, text, (22, 66), cv2.FONT_HERSHEY_SIMPLEX, 1.7, (25, 25, 25), 4, cv2.LINE_AA)
    return picture


def seen_badly(plate: Image, rng: np.random.Generator, *, moved: float = 1.0) -> Image:
    """Shifted and turned a little, of few pixels, with noise."""
    degrees, scale = moved * rng.uniform(-2, 2), 1 + moved * rng.uniform(-0.03, 0.03)
    turn = cv2.getRotationMatrix2D((144.0, 48.0), float(degrees), float(scale))
    shift = np.array([[0, 0, dx] for dx in moved * rng.uniform(-4, 4, 2)])
    moved_plate = cv2.warpAffine(plate, np.asarray(turn) + shift, (288, 96), borderMode=cv2.BORDER_REPLICATE)
    small = cv2.resize(moved_plate, (96, 32), interpolation=cv2.INTER_AREA).astype(np.float32)
    return np.asarray(np.clip(small + rng.normal(0, 22, small.shape), 0, 255), np.uint8)


def likeness(one: Image, other: Image) -> float:
    """Correlation of grey levels after the best small shift."""
    target = cv2.cvtColor(cv2.resize(one, SIZE_WH, interpolation=cv2.INTER_AREA), cv2.COLOR_RGB2GRAY)
    grey = cv2.cvtColor(cv2.resize(other, SIZE_WH, interpolation=cv2.INTER_AREA), cv2.COLOR_RGB2GRAY)
    found = cv2.matchTemplate(target, grey[8:-8, 10:-10], cv2.TM_CCOEFF_NORMED)
    return float(found.max())


def test_together_they_show_more_than_each_of_them() -> None:
    rng = np.random.default_rng(5)
    seen = [seen_badly(a_plate(), rng, moved=float(number > 0)) for number in range(10)]

    together = fused(seen, 0, SIZE_WH)

    assert together is not None
    assert together.shape == (64, 192, 3)
    assert likeness(a_plate(), together) > likeness(a_plate(), seen[0]) + 0.02


def test_what_shows_something_else_is_left_out() -> None:
    rng = np.random.default_rng(6)
    seen = [seen_badly(a_plate(), rng) for _ in range(8)]
    others = [rng.integers(0, 256, (32, 96, 3)).astype(np.uint8) for _ in range(8)]

    alone, among = fused(seen, 0, SIZE_WH), fused([*seen, *others], 0, SIZE_WH)

    assert alone is not None
    assert among is not None
    assert likeness(alone, among) > 0.98


def test_too_few_pictures_are_not_fused() -> None:
    rng = np.random.default_rng(7)

    assert fused([seen_badly(a_plate(), rng) for _ in range(3)], 0, SIZE_WH) is None
    assert fused([rng.integers(0, 256, (32, 96, 3)).astype(np.uint8) for _ in range(8)], 0, SIZE_WH) is None
