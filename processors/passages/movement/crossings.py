"""Where a vehicle went in its camera's picture, frame by frame -> the zones and lines of its event."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from contracts.messages.common import Xyxy
from contracts.messages.plate import Crossing, Movement, SpeedClass
from contracts.messages.sighting import Sighting
from processors.framing import Point
from processors.passages.movement.ways import UNTOLD, Line, Ways
from processors.passages.observations import Observation, box_of

BEYOND = 0.01
"""So far, in shares of the picture, a vehicle must be beyond a line: boxes tremble while it stands on one.
And in two frames: a box that holds only half of the vehicle jumps."""
_FIRST_POINTS = 3
"""So many tell on which side of a line it began."""
_MOST_CROSSINGS = 32


class Movements:
    """Grows by one observation a frame. `ways` is what the camera's file said last."""

    def __init__(self, movement: Movement | None = None) -> None:
        self.ways: Ways = UNTOLD
        self._zones: list[str] = list(movement.zones) if movement else []
        self._crossings: list[Crossing] = list(movement.crossings) if movement else []
        self._speed: SpeedClass | None = movement.speed if movement else None
        self._by_vehicle = False
        self._before: dict[str, Point] = {}
        self._beyond: dict[str, tuple[Point, Crossing]] = {}
        self._first: dict[str, list[tuple[Point, datetime]]] = {}
        self._until: datetime | None = None

    def seen(self, seen: Observation, sighting: Sighting, ways: Ways) -> None:
        """One more frame of this vehicle: its wheels are followed, its plate while none were seen."""
        self.ways = ways
        by_vehicle = seen.vehicle is not None
        if self._by_vehicle and not by_vehicle:
            return
        if by_vehicle and not self._by_vehicle:
            self._follow_as(Movements())
            self._by_vehicle = True
        point = _point(seen, (sighting.width, sighting.height))
        if point is None:
            return
        for zone in ways.zones:
            if zone.name not in self._zones and zone.holds(point):
                self._zones.append(zone.name)
        for line in ways.lines:
            self._over(line, point, sighting.captured_at)
        self._until = sighting.captured_at

    def absorb(self, later: Movements) -> None:
        """A later part of the same passage."""
        self.ways = later.ways or self.ways
        self._zones += [name for name in later._zones if name not in self._zones]
        # Frames that are read again after a restart show the same crossings again.
        self._crossings = _in_time(
            self._crossings + [each for each in later._crossings if each not in self._crossings]
        )
        if self._by_vehicle == later._by_vehicle:
            self._go_on_with(later)
        elif later._by_vehicle:
            self._follow_as(later)

    def told(self, speed: SpeedClass | None) -> Movement | None:
        """What the event says; None where the camera's file says nothing."""
        self._speed = speed or self._speed
        if not self.ways and not (self._zones or self._crossings or self._speed):
            return None
        return Movement(zones=tuple(self._zones), crossings=tuple(self._crossings), speed=self._speed)

    def _follow_as(self, other: Movements) -> None:
        """Wheels and plates are at different places: where one was tells nothing of where the other went."""
        self._by_vehicle, self._until = other._by_vehicle, other._until
        self._before, self._beyond, self._first = dict(other._before), dict(other._beyond), dict(other._first)

    def _go_on_with(self, later: Movements) -> None:
        """Both follow the same thing: it may have crossed a line while nobody saw it."""
        for line in later.ways.lines:
            first = later._first.get(line.name, [])
            for point, at in first:
                if self._until is None or at > self._until:
                    self._over(line, point, at)
            if len(first) == _FIRST_POINTS:  # else that was all of it
                self._before[line.name] = later._before[line.name]
                self._beyond.pop(line.name, None)
                if line.name in later._beyond:
                    self._beyond[line.name] = later._beyond[line.name]
        self._until = max(filter(None, (self._until, later._until)), default=None)

    def _over(self, line: Line, point: Point, at: datetime) -> None:
        distance = line.distance(point)
        if abs(distance) < BEYOND:
            return
        first = self._first.setdefault(line.name, [])
        if len(first) < _FIRST_POINTS:
            first.append((point, at))
        before = self._before.setdefault(line.name, point)
        if (line.distance(before) > 0) == (distance > 0):
            self._before[line.name] = point
            self._beyond.pop(line.name, None)
        elif line.name not in self._beyond:
            crossing = Crossing(line=line.name, captured_at=at, to="right" if distance > 0 else "left")
            self._beyond[line.name] = point, crossing
        else:
            beyond, crossing = self._beyond.pop(line.name)
            self._before[line.name] = point
            if line.is_between(before, beyond):
                self._crossings = _in_time([*self._crossings, crossing])


def _in_time(crossings: Sequence[Crossing]) -> list[Crossing]:
    """In order, and no more than an event may carry: a vehicle can go to and fro all day."""
    return sorted(crossings, key=lambda crossing: crossing.captured_at)[:_MOST_CROSSINGS]


def _point(seen: Observation, size_wh: tuple[int, int]) -> Point | None:
    """Where it stands, in shares of the frame: below its box, or where its plate is."""
    if seen.vehicle is not None:
        return _share(seen.vehicle.xyxy, size_wh, down=1.0)
    return None if seen.read is None else _share(box_of(seen.read.seen.corners), size_wh, down=0.5)


def _share(xyxy: Xyxy, size_wh: tuple[int, int], *, down: float) -> Point:
    y = xyxy[1] + down * (xyxy[3] - xyxy[1])
    return (xyxy[0] + xyxy[2]) / 2 / size_wh[0], y / size_wh[1]
