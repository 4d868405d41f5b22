"""Plates found in several looks of one picture -> each plate once, from its finest view, and its vehicle."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from contracts.messages.common import PlateColour, VehicleSeen, Xyxy
from processors.cascade.settings import CascadeSettings

# A plate this wide in the model's input is seen as well as it can be.
_FINE_PX = 90.0
_CUT_OFF = 0.3
_SAME_OVERLAP = 0.3
_SAME_INSIDE = 0.65
_LEAST_INSIDE_VEHICLE = 0.5


@dataclass(frozen=True, slots=True, eq=False)
class FoundPlate:
    """A plate in pixels of the picture. `quality` ranks views of one plate: score, fineness, wholeness."""

    corners: NDArray[np.float32]
    score: float
    two_lines: float
    colour: PlateColour
    colour_confidence: float
    quality: float
    width_in_look_px: float

    @property
    def xyxy(self) -> Xyxy:
        x0, y0 = self.corners.min(axis=0)
        x1, y1 = self.corners.max(axis=0)
        return float(x0), float(y0), float(x1), float(y1)


def quality_of(score: float, width_in_look_px: float, *, cut_off: bool) -> float:
    """How much a view of a plate is worth beside other views of the same plate."""
    fineness = 0.4 + 0.6 * min(1.0, width_in_look_px / _FINE_PX)
    return score * fineness * (_CUT_OFF if cut_off else 1.0)


def merged(plates: Sequence[FoundPlate], most: int) -> list[FoundPlate]:
    """The best view of each plate, surest first."""
    kept: list[FoundPlate] = []
    for plate in sorted(plates, key=lambda plate: plate.quality, reverse=True):
        if not any(same_plate(plate.xyxy, other.xyxy) for other in kept):
            kept.append(plate)
    return sorted(kept, key=lambda plate: plate.score, reverse=True)[:most]


def confirmed(
    views: Sequence[FoundPlate],
    nearer: Sequence[FoundPlate],
    zooms: Sequence[Xyxy],
    settings: CascadeSettings,
) -> list[FoundPlate]:
    """All views; one that a look of its own did not bear out counts for less, or not at all."""
    kept: list[FoundPlate] = list(nearer)
    for plate in views:
        zoomed = any(_intersection(plate.xyxy, zoom) >= 0.99 * _area(plate.xyxy) for zoom in zooms)
        if not zoomed or any(same_plate(plate.xyxy, other.xyxy) for other in nearer):
            kept.append(plate)
        elif plate.score * settings.unconfirmed >= settings.least_plate:
            doubted = plate.score * settings.unconfirmed
            kept.append(replace(plate, score=doubted, quality=plate.quality * settings.unconfirmed))
    return kept


def vehicle_of(plate: Xyxy, vehicles: Sequence[VehicleSeen]) -> int | None:
    """The vehicle that holds the plate: most of it inside; the smallest one where several do."""
    best: tuple[float, float] | None = None
    found: int | None = None
    for number, vehicle in enumerate(vehicles):
        inside = _intersection(plate, vehicle.xyxy) / max(_area(plate), 1e-6)
        if inside < _LEAST_INSIDE_VEHICLE:
            continue
        rank = (-round(inside, 1), _area(vehicle.xyxy))
        if best is None or rank < best:
            best, found = rank, number
    return found


def same_plate(a: Xyxy, b: Xyxy) -> bool:
    """Whether two boxes are of one plate, seen by different looks."""
    smaller = max(min(_area(a), _area(b)), 1e-6)
    return _overlap(a, b) > _SAME_OVERLAP or _intersection(a, b) / smaller > _SAME_INSIDE


def same_of(view: Xyxy, plates: Sequence[Xyxy]) -> int | None:
    """Which of a picture's plates a further look shows: the one that it covers best, not also a sticker that
    lies on it."""
    best = max(range(len(plates)), key=lambda number: _overlap(view, plates[number]), default=None)
    return best if best is not None and same_plate(view, plates[best]) else None


def _overlap(a: Xyxy, b: Xyxy) -> float:
    common = _intersection(a, b)
    return common / max(_area(a) + _area(b) - common, 1e-6)


def _intersection(a: Xyxy, b: Xyxy) -> float:
    width = min(a[2], b[2]) - max(a[0], b[0])
    height = min(a[3], b[3]) - max(a[1], b[1])
    return max(0.0, width) * max(0.0, height)


def _area(xyxy: Xyxy) -> float:
    return max(0.0, xyxy[2] - xyxy[0]) * max(0.0, xyxy[3] - xyxy[1])
