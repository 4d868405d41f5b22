"""First and last box of a passage -> where the vehicle went."""

from __future__ import annotations

import math

from contracts.messages.common import Xyxy
from contracts.messages.plate import Direction
from processors.passages.motion import centre, size

_GROWN = 0.2
_SIDEWAYS_SIZES = 1.0


def direction_of(
    vehicle_path: tuple[Xyxy, Xyxy] | None, plate_path: tuple[Xyxy, Xyxy] | None
) -> Direction | None:
    """By the vehicle's boxes, or the plate's where no vehicle was found; None when it hardly moved."""
    for path, sizes in ((vehicle_path, 1.0), (plate_path, 4.0)):
        found = _direction(*path, sideways=_SIDEWAYS_SIZES * sizes) if path else None
        if found is not None:
            return found
    return None


def _direction(first: Xyxy, last: Xyxy, *, sideways: float) -> Direction | None:
    growth = math.log(size(last) / size(first))
    shift = (centre(last)[0] - centre(first)[0]) / ((size(first) + size(last)) / 2)
    if abs(growth) >= _GROWN and abs(growth) / _GROWN >= abs(shift) / sideways:
        return "approaching" if growth > 0 else "leaving"
    if abs(shift) >= sideways:
        return "right" if shift > 0 else "left"
    return None
