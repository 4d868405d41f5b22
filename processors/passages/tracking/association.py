"""Tracks and the observations of one frame -> which observation continues which track."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linear_sum_assignment

from contracts.messages.common import Xyxy
from processors.passages.observations import Observation, box_of, character_px, overlap
from processors.passages.tracking.motion import Motion, centre, size
from processors.passages.tracking.track import Track
from processors.readings.alignment import ENOUGH_CHARACTERS, is_legible, surely_differing_in_part

_FORBIDDEN = 1e6
_UNPROVEN = 0.2
_REACH_GROWS_SEC = 0.6


@dataclass(frozen=True)
class _Reach:
    """How far from where it is expected a box may be, in its own sizes: at once, and more a second,
    while its velocity is known or not."""

    at_once: float
    known_per_sec: float
    unknown_per_sec: float

    def allowed(self, motion: Motion, elapsed_sec: float) -> float:
        per_sec = self.known_per_sec if motion.seen > 1 else self.unknown_per_sec
        return self.at_once + per_sec * min(elapsed_sec, _REACH_GROWS_SEC)


_PLATE = _Reach(at_once=0.8, known_per_sec=8.0, unknown_per_sec=30.0)
_VEHICLE = _Reach(at_once=0.3, known_per_sec=1.5, unknown_per_sec=4.0)
_SIDE = _Reach(at_once=0.6, known_per_sec=0.2, unknown_per_sec=4.0)
"""The same for each side of a vehicle's box. Where one that fills the picture leaves it, the next one appears
well within its reach, but small: a side of its box is far from where that was."""
_STAYS = 0.15
_FARTHEST = 1.5
_WELL_TOGETHER = 0.3
# Characters that surely differ: so few, and it is the same plate wherever it moved meanwhile.
_SAME_TEXT = 0.7
# So many, and one frame's misreading may have made the one plate the other.
_LOOK_ALIKE = 1.5
# The nearer to where it is expected, the worse may it have been read: from here, so many fewer at reach.
_MOST_DIFFERENT = 4.5
_FEWER_AT_REACH = 3.5
_LEGIBLE_PX = 9.0
_UNSEEN_SEC = 0.6
_SAME_TEXT_FARTHEST = 6.0


def associate(
    tracks: Sequence[Track], found: Sequence[Observation], time_sec: float
) -> list[tuple[Track, Observation]]:
    """The cheapest pairing of tracks and observations; impossible pairs are left out.

    Plates that surely are the same go together first: the cheapest pairing of all makes as many pairs as it
    can, and would give a plate to another track if only that way its own finds something too. But a track
    that may go on where it is does not leave for a plate that a look-alike is expected to show there.
    """
    if not tracks or not found:
        return []
    apart = [[_distances(track, each, time_sec) for each in found] for track in tracks]
    costs = np.full((len(tracks), len(found)), _FORBIDDEN)
    same, alike = np.zeros(costs.shape, bool), np.zeros(costs.shape, bool)
    for nearest, farthest in ((-1.0, 1.0), (1.0, _SAME_TEXT_FARTHEST)):
        # Comparing texts is what takes the time: who finds its own plate near is not looked for farther away.
        met = same.any(1, keepdims=True) | same.any(0, keepdims=True)
        met |= (costs < _FORBIDDEN).any(1, keepdims=True) & alike.any(0, keepdims=True)
        for row, column in np.argwhere(~met).tolist():
            distances = apart[row][column]
            if distances and nearest < min(distances) <= farthest:
                pair = _pair(tracks[row], found[column], distances, time_sec)
                costs[row, column], same[row, column] = pair.cost, pair.same_plate
                alike[row, column] = pair.alike
    sure = _cheapest(np.where(same, costs, _FORBIDDEN))
    for row, column in sure:
        costs[row, :] = costs[:, column] = _FORBIDDEN
    return [(tracks[row], found[column]) for row, column in (*sure, *_cheapest(costs))]


def _cheapest(costs: NDArray[np.float64]) -> list[tuple[int, int]]:
    rows, columns = linear_sum_assignment(costs)
    return [
        (row, column)
        for row, column in zip(rows.tolist(), columns.tolist(), strict=True)
        if costs[row, column] < _FORBIDDEN
    ]


@dataclass(frozen=True)
class _Pair:
    cost: float
    same_plate: bool = False
    alike: bool = False


def _pair(track: Track, seen: Observation, distances: Sequence[float], time_sec: float) -> _Pair:
    differing = differing_characters(track, seen)
    nearest = min(distances)
    apart = sum(min(distance, _FARTHEST) for distance in distances) / len(distances)
    if differing is None:
        if nearest > 1.0 or _may_be_anything(track, seen, time_sec):
            return _Pair(_FORBIDDEN)
        vehicle = vehicle_distance(track, seen, time_sec)
        # What nobody can read may be no plate: it may bring a vehicle nearer, but not take it away.
        apart = apart if vehicle is None else min(apart, vehicle)
        return _Pair(0.25 + 0.6 * apart + _unproven(track))
    same = differing < _SAME_TEXT and nearest <= _SAME_TEXT_FARTHEST
    if not same and (nearest > 1.0 or differing > _most_different(seen) - _FEWER_AT_REACH * nearest):
        return _Pair(_FORBIDDEN)
    cost = 0.4 * apart + 0.6 * min(1.0, differing / ENOUGH_CHARACTERS)
    return _Pair(cost, same, differing <= _LOOK_ALIKE)


def _may_be_anything(track: Track, seen: Observation, time_sec: float) -> bool:
    """Whether nothing says that what cannot be read is this vehicle, which had shown its plate well: the
    vehicle around it is another one, or there is none, and none of the track's a moment ago. Lamps and
    grilles of the next vehicle are like that."""
    best = track.passage.clearest
    if track.vehicle is None or best is None or not is_legible(best.slots):
        return False
    vehicle = vehicle_distance(track, seen, time_sec)
    if vehicle is None:
        return time_sec - track.vehicle.time_sec > _UNSEEN_SEC
    return vehicle > 1.0


def _most_different(seen: Observation) -> float:
    """In how many characters it may differ where it is expected to be: of characters that are too small to be
    told apart the reader is sure of some all the same."""
    too_small = seen.read is not None and character_px(seen.read.seen) < _LEGIBLE_PX
    return float(ENOUGH_CHARACTERS + _FEWER_AT_REACH) if too_small else _MOST_DIFFERENT


def _unproven(track: Track) -> float:
    """What a track costs that was hardly seen: it must not take the place of one followed for long."""
    return 0.0 if track.proven else _UNPROVEN


def differing_characters(track: Track, seen: Observation) -> float | None:
    """In how many characters the plates surely differ; None when one of them says too little."""
    best = track.passage.clearest
    if seen.read is None or best is None:
        return None
    if not (is_legible(seen.read.slots) and is_legible(best.slots)):
        return None
    return surely_differing_in_part(best.slots, seen.read.slots)


def without_stray_plate(track: Track, seen: Observation, time_sec: float) -> Observation:
    """The observation without its plate where the track's own, well read, cannot be there and what is read
    there is next to nothing: an ornament, or another vehicle's plate behind this one's box."""
    best = track.passage.clearest
    if seen.read is None or seen.vehicle is None or best is None:
        return seen
    if not is_legible(best.slots) or is_legible(seen.read.slots):
        return seen
    distance = plate_distance(track, seen, time_sec)
    return seen if distance is None or distance <= 1.0 else replace(seen, read=None)


def plate_distance(track: Track, seen: Observation, time_sec: float) -> float | None:
    """How far the plate is from where the track expects its own, 1 being as far as it may be."""
    if track.plate is None or seen.read is None:
        return None
    return _distance(track.plate, box_of(seen.read.seen.corners), time_sec, _PLATE)


def vehicle_distance(track: Track, seen: Observation, time_sec: float) -> float | None:
    """The same for the vehicle."""
    if track.vehicle is None or seen.vehicle is None:
        return None
    by_centre = _distance(track.vehicle, seen.vehicle.xyxy, time_sec, _VEHICLE)
    return max(by_centre, _side_distance(track, track.vehicle, seen.vehicle.xyxy, time_sec))


def _distances(track: Track, seen: Observation, time_sec: float) -> list[float]:
    """Distances from where the track is expected, 1 being as far as it may be."""
    plate, vehicle = plate_distance(track, seen, time_sec), vehicle_distance(track, seen, time_sec)
    if plate is not None:
        plate = max(plate, _from_vehicle(track, seen, time_sec))
    found = [distance for distance in (plate, vehicle) if distance is not None]
    plate_box = box_of(seen.read.seen.corners) if seen.read else None
    if not found and track.vehicle and plate_box and _inside(plate_box, track.vehicle.at(time_sec)):
        found.append(0.7)
    if not found and track.plate and seen.vehicle and _inside(track.plate.at(time_sec), seen.vehicle.xyxy):
        found.append(0.7)
    return found


def _from_vehicle(track: Track, seen: Observation, time_sec: float) -> float:
    """How far a plate without a vehicle of its own is from the track's, 0 being within its box."""
    if track.vehicle is None or seen.vehicle is not None or seen.read is None:
        return 0.0
    expected, elapsed = track.vehicle.at(time_sec), time_sec - track.vehicle.time_sec
    x, y = centre(box_of(seen.read.seen.corners))
    outside = math.hypot(
        max(expected[0] - x, 0.0, x - expected[2]), max(expected[1] - y, 0.0, y - expected[3])
    )
    return outside / (_VEHICLE.allowed(track.vehicle, elapsed) * size(expected))


def _distance(motion: Motion, box: Xyxy, time_sec: float, reach: _Reach) -> float:
    expected = motion.at(time_sec)
    elapsed = time_sec - motion.time_sec
    size_expected, size_seen = size(expected), size(box)
    allowed = reach.allowed(motion, elapsed) * (size_expected + size_seen) / 2
    (x, y), (other_x, other_y) = centre(expected), centre(box)
    moved = math.hypot(x - other_x, y - other_y) / allowed
    resized = abs(math.log(size_seen / size_expected)) / (0.6 + elapsed)
    together = overlap(expected, box)
    if together >= _WELL_TOGETHER:
        moved = min(moved, 1.0 - together)
    return max(moved, resized * 0.8)


def _side_distance(track: Track, motion: Motion, box: Xyxy, time_sec: float) -> float:
    """How far the side is that is farthest from where it is expected. Whoever stands firmly is expected at
    its place, though another one has hidden more and more of it, and is there with one side hidden."""
    allowed, expected = _SIDE.allowed(motion, time_sec - motion.time_sec), motion.at(time_sec)
    farthest = max(_sides_apart(expected, box)) / allowed
    place = track.passage.vehicle_place
    if place.box is None or not place.is_firm:
        return farthest
    *_, second, first = sorted(_sides_apart(place.box, box))
    return min(farthest, (second if second <= _STAYS else first) / allowed)


def _sides_apart(box: Xyxy, other: Xyxy) -> list[float]:
    """How far each side of a box is from that of the other one, in their mean size."""
    mean_size = (size(box) + size(other)) / 2
    return [abs(one - another) / mean_size for one, another in zip(box, other, strict=True)]


def _inside(inner: Xyxy, outer: Xyxy) -> bool:
    x, y = centre(inner)
    return outer[0] <= x <= outer[2] and outer[1] <= y <= outer[3]
