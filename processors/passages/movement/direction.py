"""First and last box of a passage -> where the vehicle went."""

from __future__ import annotations

import math

from contracts.messages.plate import Direction
from processors.passages.movement.path import Path
from processors.passages.tracking.motion import centre, size

_GROWN = 0.2
_SIDEWAYS_SIZES = 1.0
_DOWN_SIZES = 1.0


def direction_of(vehicle_path: Path | None, plate_path: Path | None) -> Direction | None:
    """By the vehicle's boxes, or the plate's where no vehicle was found; None when it hardly moved."""
    for path, sizes in ((vehicle_path, 1.0), (plate_path, 4.0)):
        found = _direction(path, sizes=sizes) if path else None
        if found is not None:
            return found
    return None


def _direction(path: Path, *, sizes: float) -> Direction | None:
    """What comes nearer grows, and under a camera that looks down it goes down instead."""
    smaller, larger = path.whole or (path.first, path.last)
    mean_size = (size(smaller) + size(larger)) / 2 * sizes
    (x, y), (last_x, last_y) = centre(path.first), centre(path.last)
    right = (last_x - x) / (_SIDEWAYS_SIZES * mean_size)
    down = (last_y - y) / (_DOWN_SIZES * mean_size)
    nearer = max(math.log(size(larger) / size(smaller)) / _GROWN, down, key=abs)
    if abs(nearer) >= max(1.0, abs(right)):
        return "approaching" if nearer > 0 else "leaving"
    if abs(right) >= 1.0:
        return "right" if right > 0 else "left"
    return None
