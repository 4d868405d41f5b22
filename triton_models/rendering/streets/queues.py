"""Vehicles that stop: one lane's drives at their own speed in, the same behind one another and a halt out.

Each keeps its distance to the one ahead, the first halts at a line for a while, as at a barrier.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from triton_models.rendering.streets.drives import STEP_SEC, Drive

_BETWEEN_M = 2.2
_ACCELERATION = 1.8
_BRAKING = 3.5
# Metres a second for each metre of free road: who is near goes slowly.
_SPEED_PER_M = 0.9
_AT_LINE_M = 0.4
_LONGEST_SEC = 120.0


@dataclass(frozen=True)
class Halt:
    """A line across a lane, `y_m` along the road; each one stands there for so many seconds (from, to)."""

    y_m: float
    for_sec: tuple[float, float]


def queued(drives: Sequence[Drive], halt: Halt, rng: np.random.Generator) -> list[Drive]:
    """The drives of one lane, in the order in which they begin."""
    found: list[Drive] = []
    for drive in drives:
        ahead = found[-1] if found else None
        found.append(_behind(drive, ahead, halt, float(rng.uniform(*halt.for_sec))))
    return found


def _behind(drive: Drive, ahead: Drive | None, halt: Halt, stands_sec: float) -> Drive:
    begins = drive.begins
    space = _BETWEEN_M
    if ahead is not None:
        space += (drive.posed.model.length + ahead.posed.model.length) / 2
        while begins < ahead.ends and _gone(drive, ahead, begins) < space:
            begins += STEP_SEC
    wanted, way = abs(drive.speed), abs(drive.end_y - drive.start_y)
    # The front stops at the line, the way is that of the middle.
    line = abs(halt.y_m - drive.start_y) - drive.posed.model.length / 2
    gone, speed, stood_sec, course = 0.0, wanted, 0.0, [0.0]
    while gone < way and len(course) * STEP_SEC < _LONGEST_SEC:
        time = begins + len(course) * STEP_SEC
        free = way
        if stood_sec < stands_sec:
            free = line - gone
            stood_sec += STEP_SEC if free < _AT_LINE_M else 0.0
        if ahead is not None and time < ahead.ends:
            free = min(free, _gone(drive, ahead, time) - gone - space)
        safe = min(wanted, max(0.0, free * _SPEED_PER_M))
        speed = min(max(safe, speed - _BRAKING * STEP_SEC), speed + _ACCELERATION * STEP_SEC)
        gone += max(0.0, speed) * STEP_SEC
        course.append(gone)
    return replace(drive, begins=begins, course=tuple(course))


def _gone(drive: Drive, ahead: Drive, time: float) -> float:
    """How far the one ahead is from where this drive starts."""
    return abs(ahead.at(time)[1] - drive.start_y)
