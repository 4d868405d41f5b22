"""Reads of a plate -> how fast it came along, by its size in the picture, which is its distance.

A plate's true size is set by rule (CMVR Rules 50 and 51: 500 x 120, 340 x 200 and 200 x 100 mm), so a pinhole
camera of known focal length f sees a plate of S metres and s pixels at a distance of f * S / s metres. What
is estimated so is right to about a fifth, which is why events tell a class.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from contracts.messages.common import Corners, VehicleKind
from contracts.messages.plate import SpeedClass
from processors.passages.movement.ways import Ways
from processors.passages.observations import PlateRead

_BELOW_KMPH: tuple[tuple[float, SpeedClass], ...] = ((5.0, "standing"), (20.0, "slow"), (60.0, "moderate"))
_KMPH = 3.6
_SMALL: frozenset[VehicleKind] = frozenset({"motorcycle", "auto-rickshaw"})
_SHORTEST_SEC = 0.3
_FEWEST_READS = 4
_MOST_ERROR = 0.25
_SLOWEST_MPS = 5.0 / _KMPH


def speed_class(
    reads: Sequence[PlateRead], *, kind: VehicleKind | None, lines: int, ways: Ways
) -> SpeedClass | None:
    """The class of the mean speed over the reads; None where too little was seen to tell."""
    speed = speed_mps(reads, kind=kind, lines=lines, ways=ways)
    if speed is None:
        return None
    kmph = speed * _KMPH
    return next((name for below, name in _BELOW_KMPH if kmph < below), "fast")


def speed_mps(
    reads: Sequence[PlateRead], *, kind: VehicleKind | None, lines: int, ways: Ways
) -> float | None:
    """Metres a second along the straight line that fits the plate's places best; None: not to be told."""
    if ways.focal is None or len(reads) < _FEWEST_READS:
        return None
    times = np.array([read.captured_at.timestamp() for read in reads])
    if float(np.ptp(times)) < _SHORTEST_SEC:
        return None
    wide_m, high_m = _plate_m(kind, lines)
    places = np.array([_place_m(read, wide_m * high_m, ways, ways.focal) for read in reads])
    since = times - times.mean()
    moved = places - places.mean(axis=0)
    velocity = since @ moved / (since @ since)
    speed = float(np.linalg.norm(velocity))
    # The standard error of a slope: corners that tremble over a short way give any speed.
    rest = moved - since[:, None] * velocity
    error = math.sqrt(float((rest**2).sum()) / (len(reads) - 2) / float(since @ since))
    return speed if error <= _MOST_ERROR * max(speed, _SLOWEST_MPS) else None


def _place_m(read: PlateRead, plate_m2: float, ways: Ways, focal: float) -> tuple[float, float, float]:
    """Where the plate was: metres right of, below and before the camera."""
    width, height = read.size_wh
    focal_px = focal * width
    corners = read.seen.corners
    depth = focal_px * math.sqrt(plate_m2 / max(_area_px(corners), 1.0))
    x = sum(corner[0] for corner in corners) / 4 - ways.centre[0] * width
    y = sum(corner[1] for corner in corners) / 4 - ways.centre[1] * height
    return x * depth / focal_px, y * depth / focal_px, depth


def _area_px(corners: Corners) -> float:
    """Of the quadrangle (shoelace formula)."""
    pairs = zip(corners, (*corners[1:], corners[0]), strict=True)
    return abs(sum(x0 * y1 - x1 * y0 for (x0, y0), (x1, y1) in pairs)) / 2


def _plate_m(kind: VehicleKind | None, lines: int) -> tuple[float, float]:
    if lines == 1:
        return 0.5, 0.12
    return (0.2, 0.1) if kind in _SMALL else (0.34, 0.2)
