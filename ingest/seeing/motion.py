"""Does something move? From small grey pictures, a fraction of a second apart."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from ingest.camera.capture import Grey

# Grey levels. Sensors and encoders flicker by less; a vehicle differs from its road by more.
LEAST_CHANGE = 12.0
# Cells of 14,400: a vehicle too small to have a legible plate still covers more.
LEAST_CELLS = 4
_NOISE_FACTOR = 6.0
_MOST_NOISE = 5.0
"""Standard deviation in grey levels; a look averages the worst night's noise to less."""
_KEPT_LOOKS = 6
_NEIGHBOURS = np.ones((3, 3), np.uint8)


@dataclass(frozen=True, slots=True)
class Moved:
    """`anywhere`: something moves in the picture; `in_zone`: where a zone is."""

    anywhere: bool
    in_zone: bool


class Motion:
    """Compares each picture with earlier ones. `zone` [height, width] marks the cells that matter most."""

    def __init__(self, zone: NDArray[np.bool_]) -> None:
        self._zone = zone
        self._past: deque[Grey] = deque(maxlen=_KEPT_LOOKS)

    def look(self, grey: Grey) -> Moved:
        """What moved since the last look, or crept since some looks ago; everything does at the first."""
        if not self._past:
            self._past.append(grey)
            return Moved(anywhere=True, in_zone=True)
        changed = _changed(grey, self._past[-1]) | _changed(grey, self._past[0])
        self._past.append(grey)
        anywhere = int(changed.sum()) >= LEAST_CELLS
        return Moved(anywhere, anywhere and int(changed[self._zone].sum()) >= LEAST_CELLS)


def _changed(grey: Grey, before: Grey) -> NDArray[np.bool_]:
    """Cells that differ by more than light, noise and a swaying mast do."""
    difference = grey.astype(np.int16) - before
    # Sudden light changes everything by about as much: what remains beside the median is movement.
    light = int(np.median(difference))
    # A mast in the wind moves all edges by less than a cell: what lies between a cell's neighbours is no
    # change. Vehicles are larger than that.
    now = grey.astype(np.int16) - light
    above = now - cv2.dilate(before, _NEIGHBOURS)
    below = cv2.erode(before, _NEIGHBOURS) - now
    limit = max(LEAST_CHANGE, _NOISE_FACTOR * _noise(difference - light))
    cells = (np.maximum(above, below) > limit).astype(np.uint8)
    # A single cell is noise; a thing has neighbours.
    return np.asarray(cv2.morphologyEx(cells, cv2.MORPH_OPEN, np.ones((2, 2), np.uint8)) > 0)


def _noise(difference: NDArray[np.int16]) -> float:
    """Standard deviation by the quietest quarter of the cells (of a normal distribution, a quarter lies
    within 0.3186 sigma): a lorry that fills most of the picture is no noise."""
    sizes = np.abs(difference).ravel()
    quarter = sizes.size // 4
    return min(_MOST_NOISE, float(np.partition(sizes, quarter)[quarter]) / 0.3186)
