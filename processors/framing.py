"""Places of a camera file, in shares of a camera's whole picture -> in shares of the frames that it sends."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from contracts.cameras import Camera

Point = tuple[float, float]
_LEAST_SHARE = 1e-6


@dataclass(frozen=True)
class Framing:
    """The part of a camera's picture that its frames show: `low` its upper left corner, `size` its width and
    height, in shares of the picture."""

    low: Point = (0.0, 0.0)
    size: Point = (1.0, 1.0)

    def of(self, point: Point) -> Point:
        """The same place in shares of a frame."""
        return (point[0] - self.low[0]) / self.size[0], (point[1] - self.low[1]) / self.size[1]


def framing_of(camera: Camera) -> Framing:
    """Frames show the whole picture, or the rectangle around all zones where they are cut to it."""
    if not camera.cut_to_zones:
        return Framing()
    corners = np.array([corner for zone in camera.zones for corner in zone.corners])
    low, high = corners.min(axis=0), corners.max(axis=0)
    width, height = np.maximum(high - low, _LEAST_SHARE)
    return Framing((float(low[0]), float(low[1])), (float(width), float(height)))
