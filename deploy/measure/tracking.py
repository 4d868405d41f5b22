"""Events of vehicles without a plate against what truly passed, by where their boxes were frame by frame."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from contracts.messages.common import Xyxy
from deploy.measure.tracked import MIDDLE, Tracked
from processors.passages.movement.crossings import BEYOND
from processors.passages.observations import overlap, share_covered
from processors.passages.settings import PassageSettings
from processors.passages.tracking.motion import size
from triton_models.rendering.truth import FilmTruth, PassageTruth

_MORE_FRAMES = 2
"""A vehicle must become an event that is near in so many frames more than the settings ask for."""
_SAME_VEHICLE_IOU = 0.35
# Of one that another hides, the box holds what is to be seen: a part, but hardly anything beside it.
_PART_SHARE = 0.8
# One frame of another vehicle is an accident; two are two vehicles in one event.
_MIXED_FRAMES = 2

_Way = Mapping[int, Xyxy]
"""Number of a frame that was looked at -> where a vehicle was in it."""


@dataclass(frozen=True, kw_only=True)
class Tracking:
    """Counts of vehicles that `passed` near enough (`once`: with exactly one event, `crossed`: those of them
    whose event goes over the line as they did) and of events (`double`: beyond the first for one vehicle,
    `mixed`: with frames of another vehicle, `strange`: of none)."""

    passed: int = 0
    once: int = 0
    crossed: int = 0
    double: int = 0
    mixed: int = 0
    strange: int = 0
    remarks: tuple[str, ...] = ()

    def __add__(self, other: Tracking) -> Tracking:
        return Tracking(
            passed=self.passed + other.passed,
            once=self.once + other.once,
            crossed=self.crossed + other.crossed,
            double=self.double + other.double,
            mixed=self.mixed + other.mixed,
            strange=self.strange + other.strange,
            remarks=self.remarks + other.remarks,
        )


def judge(
    truth: FilmTruth, events: Sequence[Tracked], *, looks: Sequence[float], settings: PassageSettings
) -> Tracking:
    """What became of every vehicle of one film, of which frames were looked at at these seconds."""
    numbers = {_number(at_sec, truth) for at_sec in looks}
    vehicles = {each.passage: each for each in (*truth.passages, *truth.illegible)}
    ways = {name: _way(each, truth, numbers) for name, each in vehicles.items()}
    shown = [(event, _vehicles_of(event, truth, ways)) for event in events]
    of: dict[str, list[Tracked]] = {name: [] for name in vehicles}
    for event, names in shown:
        for name, _ in names.most_common(1):
            of[name].append(event)
    wanted = [name for name, way in ways.items() if _is_near(way, settings)]
    once = {name: of[name][0] for name in wanted if len(of[name]) == 1}
    uncounted = [
        f"{_named(vehicles[name])} has {len(of[name])} events: {'; '.join(map(_told, of[name])) or 'none'}"
        for name in wanted
        if name not in once
    ]
    went = {name: _crossings(ways[name], truth) for name in once}
    astray = [
        f"{_named(vehicles[name])} went {_listed(went[name])}, its event {_listed(event.crossings)}"
        for name, event in once.items()
        if event.crossings != went[name]
    ]
    mixed = [f"{_told(event)}, is of {dict(names)}" for event, names in shown if _is_mixed(names)]
    strange = [f"{_told(event)}, is no vehicle of the film" for event, names in shown if not names]
    told = (*uncounted, *mixed, *astray, *strange)
    return Tracking(
        passed=len(wanted),
        once=len(once),
        crossed=len(once) - len(astray),
        double=sum(max(0, len(of[name]) - 1) for name in vehicles),
        mixed=len(mixed),
        strange=len(strange),
        remarks=tuple(f"{truth.camera}, without plates: {each}" for each in told),
    )


def _number(at_sec: float, truth: FilmTruth) -> int:
    return round(at_sec * truth.frames_per_second)


def _way(vehicle: PassageTruth, truth: FilmTruth, numbers: set[int]) -> _Way:
    way = {_number(frame.time_sec, truth): frame.vehicle_xyxy for frame in vehicle.frames}
    return {number: box for number, box in way.items() if number in numbers}


def _is_near(way: _Way, settings: PassageSettings) -> bool:
    near = sum(size(box) >= settings.unread_px for box in way.values())
    return near >= settings.unread_frames + _MORE_FRAMES


def _vehicles_of(event: Tracked, truth: FilmTruth, ways: Mapping[str, _Way]) -> Counter[str]:
    """How many boxes of an event are around each vehicle, or a part of it."""
    found: Counter[str] = Counter()
    for at_sec, box in event.boxes:
        number = _number(at_sec, truth)
        there = {name: way[number] for name, way in ways.items() if number in way}
        shares = {name: overlap(box, whole) for name, whole in there.items() if _is_of(box, whole)}
        if shares:
            found[max(shares, key=lambda name: shares[name])] += 1
    return found


def _is_mixed(names: Counter[str]) -> bool:
    return any(frames >= _MIXED_FRAMES for _, frames in names.most_common()[1:])


def _is_of(box: Xyxy, whole: Xyxy) -> bool:
    return overlap(box, whole) >= _SAME_VEHICLE_IOU or share_covered(box, whole) >= _PART_SHARE


def _crossings(way: _Way, truth: FilmTruth) -> tuple[str, ...]:
    """The sides of the line that the vehicle's wheels went to: below it is to the right of who looks along it
    from the picture's left edge."""
    below = [box[3] / truth.height - MIDDLE for _, box in sorted(way.items())]
    sides = ["right" if each > 0 else "left" for each in below if abs(each) >= BEYOND]
    return tuple(side for before, side in pairwise(sides) if side != before)


def _told(event: Tracked) -> str:
    return f"an event of {len(event.boxes)} frames, {event.boxes[0][0]:.1f} to {event.boxes[-1][0]:.1f} s"


def _listed(crossings: Sequence[str]) -> str:
    return ", ".join(crossings) or "nowhere"


def _named(vehicle: PassageTruth) -> str:
    frames = vehicle.frames
    return (
        f"{vehicle.passage} {vehicle.text} ({vehicle.vehicle}, {frames[0].time_sec:.1f} to "
        f"{frames[-1].time_sec:.1f} s)"
    )
