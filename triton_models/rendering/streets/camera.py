"""A pinhole camera over a road: world points in metres in, pixels and depths out.

World: x to the right, y along the road away from the camera, z up; the road is z = 0.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class View:
    """Where a camera stands and looks. Angles in degrees; `focal_px` is for its full width."""

    size_wh: tuple[int, int]
    focal_px: float
    height_m: float
    tilt_deg: float
    pan_deg: float = 0.0
    roll_deg: float = 0.0
    side_m: float = 0.0

    @cached_property
    def _rotation(self) -> Floats:
        """World to camera (x right, y down, z forward)."""
        tilt, pan, roll = (math.radians(angle) for angle in (self.tilt_deg, self.pan_deg, self.roll_deg))
        upright = np.array([[1, 0, 0], [0, 0, -1], [0, 1, 0]], np.float64)
        turn = np.array([[math.cos(pan), -math.sin(pan), 0], [math.sin(pan), math.cos(pan), 0], [0, 0, 1]])
        nod = np.array([[1, 0, 0], [0, math.cos(tilt), -math.sin(tilt)], [0, math.sin(tilt), math.cos(tilt)]])
        lean = np.array(
            [[math.cos(roll), -math.sin(roll), 0], [math.sin(roll), math.cos(roll), 0], [0, 0, 1]]
        )
        rotation: Floats = lean @ nod @ upright @ turn
        return rotation

    def project(self, points: Floats) -> tuple[Floats, Floats]:
        """World points [n, 3] -> pixels [n, 2] and depths [n]; what lies behind has a depth below 0."""
        seen = (points - np.array([self.side_m, 0.0, self.height_m])) @ self._rotation.T
        depth = seen[:, 2]
        safe = np.where(np.abs(depth) < 1e-6, 1e-6, depth)
        centre = np.array([self.size_wh[0] / 2, self.size_wh[1] / 2])
        return seen[:, :2] * (self.focal_px / safe)[:, None] + centre, depth

    def ground_at(self, x_px: float, y_px: float) -> tuple[float, float]:
        """Where a pixel's ray meets the road: x and y in metres (y is infinite above the horizon)."""
        ray = np.array([x_px - self.size_wh[0] / 2, y_px - self.size_wh[1] / 2, self.focal_px])
        way = ray @ self._rotation
        if way[2] > -1e-6:
            return 0.0, math.inf
        reach = -self.height_m / way[2]
        return float(self.side_m + way[0] * reach), float(way[1] * reach)

    def scaled(self, factor: float) -> View:
        """The same view on a picture `factor` times as large."""
        width, height = self.size_wh
        return View(
            size_wh=(round(width * factor), round(height * factor)),
            focal_px=self.focal_px * factor,
            height_m=self.height_m,
            tilt_deg=self.tilt_deg,
            pan_deg=self.pan_deg,
            roll_deg=self.roll_deg,
            side_m=self.side_m,
        )
