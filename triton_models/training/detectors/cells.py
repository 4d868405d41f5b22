"""What each cell of a detector's map should say: Gaussian peaks, and what is measured from the cells."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from triton_models.training.detectors.network import STRIDE
from triton_models.training.detectors.pictures import Floats


@dataclass(frozen=True)
class Grid:
    """Middles of the cells of a picture's map, in its pixels, each [rows, columns]."""

    x: Floats
    y: Floats

    @classmethod
    def of(cls, size_wh: tuple[int, int]) -> Grid:
        rows, columns = np.mgrid[0 : size_wh[1] // STRIDE, 0 : size_wh[0] // STRIDE].astype(np.float32)
        return cls((columns + 0.5) * STRIDE, (rows + 0.5) * STRIDE)

    def around(self, middle: Floats, spread: tuple[float, float]) -> Floats:
        """A Gaussian of 1 in the cell that holds `middle`."""
        across, down = (self.x - middle[0]) / spread[0], (self.y - middle[1]) / spread[1]
        peak: Floats = np.exp(-0.5 * (across**2 + down**2)).astype(np.float32)
        rows, columns = peak.shape
        row, column = int(middle[1] // STRIDE), int(middle[0] // STRIDE)
        peak[min(max(row, 0), rows - 1), min(max(column, 0), columns - 1)] = 1.0
        return peak

    def inside(self, xyxy: Floats, rim: float = 0.0) -> np.ndarray[tuple[int, int], np.dtype[np.bool_]]:
        """Cells whose middle lies in a box."""
        across = (self.x > xyxy[0] - rim) & (self.x < xyxy[2] + rim)
        cells: np.ndarray[tuple[int, int], np.dtype[np.bool_]] = (
            across & (self.y > xyxy[1] - rim) & (self.y < xyxy[3] + rim)
        )
        return cells


def visible_share(xyxy: Floats, size_wh: tuple[int, int]) -> float:
    """How much of a box lies within the picture."""
    width = max(0.0, min(float(xyxy[2]), size_wh[0]) - max(float(xyxy[0]), 0.0))
    height = max(0.0, min(float(xyxy[3]), size_wh[1]) - max(float(xyxy[1]), 0.0))
    area = float((xyxy[2] - xyxy[0]) * (xyxy[3] - xyxy[1]))
    return width * height / max(area, 1e-6)
