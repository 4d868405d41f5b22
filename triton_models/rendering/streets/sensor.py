"""What lens and sensor do to a frame: blur by motion, noise, rain before the lens."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

Frame = NDArray[np.uint8]


class Sensor:
    """Noise and rain of one camera; patterns are made once and shifted by chance for each frame."""

    def __init__(
        self, rng: np.random.Generator, size_wh: tuple[int, int], noise: float, *, rain: bool
    ) -> None:
        width, height = size_wh
        self._size_wh = size_wh
        pattern = rng.normal(0, noise, (height + 64, width + 64, 3)).round()
        self._more = np.clip(pattern, 0, 255).astype(np.uint8)
        self._less = np.clip(-pattern, 0, 255).astype(np.uint8)
        self._rain = _streaks(rng, (width + 64, height + 64)) if rain else None

    def expose(self, frame: Frame, rng: np.random.Generator) -> None:
        """Rain and noise, in place."""
        if self._rain is not None:
            cv2.add(frame, self._cut(self._rain, rng), dst=frame)
        x, y = self._shift(rng)
        width, height = self._size_wh
        cv2.add(frame, self._more[y : y + height, x : x + width], dst=frame)
        cv2.subtract(frame, self._less[y : y + height, x : x + width], dst=frame)

    def _cut(self, pattern: Frame, rng: np.random.Generator) -> Frame:
        x, y = self._shift(rng)
        width, height = self._size_wh
        return pattern[y : y + height, x : x + width]

    @staticmethod
    def _shift(rng: np.random.Generator) -> tuple[int, int]:
        x, y = rng.integers(0, 64, 2)
        return int(x), int(y)


def smear(frame: Frame, box: tuple[float, float, float, float], move_px: tuple[float, float]) -> None:
    """Blur a box of the frame along a movement, in place; less than about a pixel is nothing."""
    length = float(np.hypot(*move_px))
    if length < 1.2:
        return
    reach = int(np.ceil(length / 2))
    kernel = np.zeros((2 * reach + 1, 2 * reach + 1), np.float32)
    for share in np.linspace(-0.5, 0.5, 4 * reach + 1):
        x, y = reach + share * move_px[0], reach + share * move_px[1]
        kernel[round(float(y)), round(float(x))] += 1
    x0, y0, x1, y1 = (int(value) for value in box)
    area = frame[y0:y1, x0:x1]
    area[:] = cv2.filter2D(area, -1, kernel / kernel.sum(), borderType=cv2.BORDER_REPLICATE)


def _streaks(rng: np.random.Generator, size_wh: tuple[int, int]) -> Frame:
    """Falling rain, lit from behind."""
    width, height = size_wh
    picture = np.zeros((height, width, 3), np.uint8)
    for _ in range(width * height // 2600):
        x, y, long = int(rng.integers(width)), int(rng.integers(height)), int(rng.integers(6, 22))
        shade = int(rng.integers(10, 46))
        cv2.line(picture, (x, y), (x + long // 6, y + long), (shade, shade, shade), 1, cv2.LINE_AA)
    return picture
