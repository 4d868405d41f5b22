"""One sighting -> what tracking follows: vehicles with their plate, and plates without a vehicle."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from itertools import combinations

import numpy as np

from contracts.messages.common import Corners, LogPosition, VehicleSeen, Xyxy
from contracts.messages.sighting import PlateSeen, Sighting
from processors.readings.alignment import surely_differing
from processors.readings.slots import Slots, slots_of

_SAME_PLATE_IOU = 0.5
# Two vehicles' plates do not overlap; a corner found wrongly moves a plate by half its height.
_SOME_OVERLAP = 0.1
_MOST_DIFFERENT = 1.5
_HALF_SHARPNESS = 150.0
_HALF_CHARACTER_PX = 9.0
_EDGE_PX = 2.0
_CUT_OFF_WEIGHT = 0.15
_HIGH_UP = 0.3
# A box around two vehicles: each lies within it, they hardly overlap, with them it is full, and none of its
# sides is farther from them than this share of it. A truck behind two cars stands out above both.
_LIES_WITHIN = 0.8
_LARGE_PART = 0.3
_FULL = 0.7
_APART = 0.2
_OUTSIDE = 0.1


@dataclass(frozen=True, eq=False)
class PlateRead:
    """A plate as one frame shows it. `weight` in (0, 1] says how well it can be read there."""

    seen: PlateSeen
    slots: Slots
    weight: float
    vehicle: VehicleSeen | None
    captured_at: datetime
    frame: LogPosition
    size_wh: tuple[int, int]

    @cached_property
    def clarity(self) -> float:
        """`weight` times the mean certainty of the characters."""
        certainty = self.slots.certainty
        return self.weight * float(np.exp(np.log(certainty).mean())) if len(certainty) else 0.0

    @cached_property
    def text(self) -> str:
        """What this frame says by itself."""
        return self.slots.text


@dataclass(frozen=True, eq=False)
class Observation:
    """A vehicle, a plate, or both. `name` is its place in the sighting, the same at every replay."""

    name: str
    vehicle: VehicleSeen | None
    read: PlateRead | None

    @property
    def confidence(self) -> float:
        plate = self.read.seen.confidence if self.read else 0.0
        return max(plate, self.vehicle.confidence if self.vehicle else 0.0)


def observations(sighting: Sighting) -> list[Observation]:
    """Each plate is observed once; a vehicle that several plates claim goes with the surest of those that are
    where plates are, and not above."""
    plates = sorted(_distinct(sighting.plates), key=lambda number: _is_high_up(number, sighting))
    taken: set[int] = set()
    found: list[Observation] = []
    for number in plates:
        plate = sighting.plates[number]
        vehicle = _vehicle_of(plate, sighting, taken)
        found.append(Observation(f"plate-{number}", vehicle, _read(plate, vehicle, sighting)))
    found.extend(
        Observation(f"vehicle-{number}", vehicle, None)
        for number, vehicle in enumerate(sighting.vehicles)
        if number not in taken and not _is_around_two(vehicle, sighting.vehicles)
    )
    return found


def box_of(corners: Corners) -> Xyxy:
    """The upright box around four corners."""
    xs, ys = [x for x, _ in corners], [y for _, y in corners]
    return min(xs), min(ys), max(xs), max(ys)


def overlap(left: Xyxy, right: Xyxy) -> float:
    """Intersection over union of two boxes."""
    common = _common(left, right)
    union = _area(left) + _area(right) - common
    return common / union if union > 0 else 0.0


def share_covered(box: Xyxy, other: Xyxy) -> float:
    """How much of a box lies within another one."""
    return _common(box, other) / _area(box) if _area(box) > 0 else 0.0


def _common(left: Xyxy, right: Xyxy) -> float:
    width = min(left[2], right[2]) - max(left[0], right[0])
    height = min(left[3], right[3]) - max(left[1], right[1])
    return max(0.0, width) * max(0.0, height)


def _area(box: Xyxy) -> float:
    return max(0.0, box[2] - box[0]) * max(0.0, box[3] - box[1])


def _distinct(plates: Sequence[PlateSeen]) -> list[int]:
    """Numbers of the plates, surest first, without those that show a surer one again."""
    kept: list[int] = []
    for number in sorted(range(len(plates)), key=lambda index: (-plates[index].confidence, index)):
        if not any(_shows_again(plates[number], plates[other]) for other in kept):
            kept.append(number)
    return kept


def _shows_again(plate: PlateSeen, surer: PlateSeen) -> bool:
    """The same plate found twice: most of it at one place, or some of it and with the same characters."""
    together = overlap(box_of(plate.corners), box_of(surer.corners))
    if together >= _SAME_PLATE_IOU or together < _SOME_OVERLAP:
        return together >= _SAME_PLATE_IOU
    return surely_differing(slots_of(plate.characters), slots_of(surer.characters)) <= _MOST_DIFFERENT


def _is_around_two(vehicle: VehicleSeen, all_seen: Sequence[VehicleSeen]) -> bool:
    """Whether the box is one around two vehicles beside each other that are seen by themselves, too."""
    parts = [
        other.xyxy
        for other in all_seen
        if other is not vehicle
        and share_covered(other.xyxy, vehicle.xyxy) >= _LIES_WITHIN
        and share_covered(vehicle.xyxy, other.xyxy) >= _LARGE_PART
    ]
    return any(
        overlap(one, other) < _APART
        and share_covered(vehicle.xyxy, one) + share_covered(vehicle.xyxy, other) >= _FULL
        and _is_about(vehicle.xyxy, _around(one, other))
        for one, other in combinations(parts, 2)
    )


def _around(one: Xyxy, other: Xyxy) -> Xyxy:
    return min(one[0], other[0]), min(one[1], other[1]), max(one[2], other[2]), max(one[3], other[3])


def _is_about(box: Xyxy, other: Xyxy) -> bool:
    """Whether each side of the one is about where that of the other is."""
    allowed = 2 * (_OUTSIDE * (box[2] - box[0]), _OUTSIDE * (box[3] - box[1]))
    return all(abs(one - another) <= most for one, another, most in zip(box, other, allowed, strict=True))


def _is_high_up(number: int, sighting: Sighting) -> bool:
    """Whether a plate is so near to the upper edge of its vehicle's box that it may well be that of another
    vehicle, which is behind this one."""
    plate = sighting.plates[number]
    if plate.vehicle is None or plate.vehicle >= len(sighting.vehicles):
        return False
    _, top, _, bottom = sighting.vehicles[plate.vehicle].xyxy
    _, plate_top, _, plate_bottom = box_of(plate.corners)
    return (plate_top + plate_bottom) / 2 < top + _HIGH_UP * (bottom - top)


def _vehicle_of(plate: PlateSeen, sighting: Sighting, taken: set[int]) -> VehicleSeen | None:
    number = plate.vehicle
    if number is None or number in taken or number >= len(sighting.vehicles):
        return None
    taken.add(number)
    return sighting.vehicles[number]


def _read(plate: PlateSeen, vehicle: VehicleSeen | None, sighting: Sighting) -> PlateRead:
    return PlateRead(
        seen=plate,
        slots=slots_of(plate.characters),
        weight=reading_weight(plate, (sighting.width, sighting.height)),
        vehicle=vehicle,
        captured_at=sighting.captured_at,
        frame=sighting.frame,
        size_wh=(sighting.width, sighting.height),
    )


def character_px(plate: PlateSeen) -> float:
    """About how high its characters are, in pixels of the frame."""
    top_left, top_right, bottom_right, bottom_left = plate.corners
    height = math.dist(top_left, bottom_left) + math.dist(top_right, bottom_right)
    return 0.35 * height / plate.lines


def reading_weight(plate: PlateSeen, size_wh: tuple[int, int]) -> float:
    """How well a plate can be read here: by sharpness, size of characters, slant, and whether it is whole."""
    top_left, top_right, bottom_right, bottom_left = plate.corners
    width = math.dist(top_left, top_right) + math.dist(bottom_left, bottom_right)
    height = math.dist(top_left, bottom_left) + math.dist(top_right, bottom_right)
    high_px = character_px(plate)
    weight = plate.confidence * high_px / (high_px + _HALF_CHARACTER_PX)
    weight *= plate.sharpness / (plate.sharpness + _HALF_SHARPNESS) * 0.8 + 0.2
    weight *= _straightness(top_left, top_right, width, height, plate.lines)
    if touches_edge(box_of(plate.corners), size_wh, within_px=_EDGE_PX):
        weight *= _CUT_OFF_WEIGHT
    return max(weight, 1e-3)


def _straightness(
    left: tuple[float, float], right: tuple[float, float], width: float, height: float, lines: int
) -> float:
    """1 for an upright plate seen from the front, less when turned or foreshortened."""
    turned = abs(math.atan2(right[1] - left[1], right[0] - left[0]))
    usual_ratio = 3.0 if lines == 1 else 1.2
    narrow = min(1.0, width / max(height, 1e-6) / usual_ratio)
    return max(0.1, math.cos(min(turned, 1.4)) ** 2) * (0.3 + 0.7 * narrow)


def touches_edge(box: Xyxy, size_wh: tuple[int, int], *, within_px: float) -> bool:
    """Whether the picture's edge cuts it off, perhaps."""
    return (
        box[0] < within_px
        or box[1] < within_px
        or box[2] > size_wh[0] - within_px
        or box[3] > size_wh[1] - within_px
    )
