"""What a camera's file says of how vehicles may move there: zones, lines, the field of view."""

from __future__ import annotations

import math
from dataclasses import dataclass

import cv2
import numpy as np

from contracts.cameras import Camera
from processors.framing import Point, framing_of

_CENTRE: Point = (0.5, 0.5)


@dataclass(frozen=True)
class Zone:
    """A polygon in shares of the frame's width and height."""

    name: str
    corners: tuple[Point, ...]

    def holds(self, point: Point) -> bool:
        return cv2.pointPolygonTest(np.asarray(self.corners, np.float32), point, measureDist=False) >= 0


@dataclass(frozen=True)
class Line:
    """From one point to another, in shares of the frame's width and height."""

    name: str
    start: Point
    end: Point

    def distance(self, point: Point) -> float:
        """From the endless line through both ends; above 0 to its right, looking from start to end."""
        along = self.end[0] - self.start[0], self.end[1] - self.start[1]
        off = point[0] - self.start[0], point[1] - self.start[1]
        return (along[0] * off[1] - along[1] * off[0]) / max(math.hypot(*along), 1e-9)

    def is_between(self, one: Point, other: Point) -> bool:
        """Whether the way from one point to the other, on either side, goes over the line and not past it."""
        before, after = self.distance(one), self.distance(other)
        part = before / (before - after)
        met = one[0] + part * (other[0] - one[0]), one[1] + part * (other[1] - one[1])
        along = self.end[0] - self.start[0], self.end[1] - self.start[1]
        reach = (met[0] - self.start[0]) * along[0] + (met[1] - self.start[1]) * along[1]
        return 0.0 <= reach <= along[0] ** 2 + along[1] ** 2


@dataclass(frozen=True)
class Ways:
    """`focal` is the camera's focal length in widths of its frames, None where nobody said what it sees;
    `centre` is where it looks at, in shares of the frame."""

    zones: tuple[Zone, ...] = ()
    lines: tuple[Line, ...] = ()
    focal: float | None = None
    centre: Point = _CENTRE

    def __bool__(self) -> bool:
        return bool(self.zones or self.lines or self.focal)


UNTOLD = Ways()


def ways_of(camera: Camera) -> Ways | None:
    """What a camera of the camera file says, in shares of the frames that it sends; None for nothing."""
    framing = framing_of(camera)
    angle = camera.field_of_view_deg
    ways = Ways(
        zones=tuple(
            Zone(zone.name, tuple(framing.of(each) for each in zone.corners)) for zone in camera.zones
        ),
        lines=tuple(
            Line(line.name, framing.of(line.ends[0]), framing.of(line.ends[1])) for line in camera.lines
        ),
        focal=None if angle is None else 0.5 / math.tan(math.radians(angle) / 2) / framing.size[0],
        centre=framing.of(_CENTRE),
    )
    return ways or None
