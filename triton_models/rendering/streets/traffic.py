"""Who drives past and when: a camera and a generator of random numbers in, drives out.

Vehicles keep their lane, and their speed unless there is a halt; they start so far apart that nobody runs
into another.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

import numpy as np

from contracts.messages.common import VehicleKind
from triton_models.rendering.numbers import Registration, random_registration
from triton_models.rendering.plates import RenderedPlate, draw_plate
from triton_models.rendering.streets.buses import bus
from triton_models.rendering.streets.camera import View
from triton_models.rendering.streets.cars import car
from triton_models.rendering.streets.drives import STEP_SEC, Drive, Lane
from triton_models.rendering.streets.light import Light
from triton_models.rendering.streets.motorcycles import motorcycle
from triton_models.rendering.streets.posed import Posed
from triton_models.rendering.streets.queues import Halt, queued
from triton_models.rendering.streets.rickshaws import rickshaw
from triton_models.rendering.streets.roads import Road
from triton_models.rendering.streets.shapes import Model
from triton_models.rendering.streets.trucks import truck
from triton_models.rendering.styles import random_style

MAKERS: Mapping[VehicleKind, Callable[[np.random.Generator], Model]] = {
    "car": car,
    "motorcycle": motorcycle,
    "auto-rickshaw": rickshaw,
    "bus": bus,
    "truck": truck,
}
_GAP_M = 7.0
"""Behind a tall vehicle less would hide the next one's plate for most of its way."""
_PLATE_PX = 128
_CHARACTER_MM: Mapping[VehicleKind, float] = {
    "car": 58, "motorcycle": 34, "auto-rickshaw": 40, "bus": 60, "truck": 60,
}  # fmt: skip


@dataclass(frozen=True)
class StreetCamera:
    """One rendered camera: what `films.render_film` needs beside seed and length."""

    id: str
    place: str
    view: View
    road: Road
    lanes: tuple[Lane, ...]
    passages_per_minute: float = 12.0
    night: bool = False
    rain: bool = False
    exposure_s: float = 1 / 250
    crf: int = 23
    halt: Halt | None = None
    """Where the vehicles of the first lane stop, one behind the other."""
    parked: tuple[tuple[VehicleKind, float, float], ...] = ()
    """Vehicles that stand there for the whole film, facing the camera: kind, x and y in metres."""


def drives(rng: np.random.Generator, camera: StreetCamera, light: Light, seconds: float) -> list[Drive]:
    """All that pass and are gone before the film ends, so that it can be played in a loop."""
    used: set[str] = set()
    standing = [_parked(rng, camera, light, at, seconds, used) for at in camera.parked]
    found: list[Drive] = []
    last: dict[int, Drive] = {}
    period, when = 60.0 / camera.passages_per_minute, 0.6
    turn = int(rng.integers(len(camera.lanes)))
    while when < seconds:
        number = (
            (turn + len(found)) % len(camera.lanes)
            if rng.random() < 0.8
            else int(rng.integers(len(camera.lanes)))
        )
        drive = _drive(rng, camera, camera.lanes[number], light, when, used)
        drive = _kept_apart(drive, last.get(number))
        if drive.ends < seconds - 0.2:
            found.append(drive)
            last[number] = drive
            used.add(drive.registration.text)
        when = max(when + period * float(rng.uniform(0.7, 1.3)), drive.begins + 0.4)
    if camera.halt is not None:
        first = [drive for drive in found if drive.lane == camera.lanes[0]]
        others = [drive for drive in found if drive.lane != camera.lanes[0]]
        found = others + [drive for drive in queued(first, camera.halt, rng) if drive.ends < seconds - 0.2]
    return standing + found


def _parked(
    rng: np.random.Generator,
    camera: StreetCamera,
    light: Light,
    at: tuple[VehicleKind, float, float],
    seconds: float,
    used: set[str],
) -> Drive:
    kind, x_m, y_m = at
    drive = _drive(rng, camera, Lane(x_m, True, 1.0, {kind: 1.0}), light, 0.0, used)
    used.add(drive.registration.text)
    return replace(drive, x_m=x_m, start_y=y_m, begins=0.0, course=(0.0,) * (int(seconds / STEP_SEC) + 2))


def _drive(
    rng: np.random.Generator, camera: StreetCamera, lane: Lane, light: Light, when: float, used: set[str]
) -> Drive:
    kinds = tuple(lane.kinds)
    weights = np.array([lane.kinds[kind] for kind in kinds])
    kind = kinds[int(rng.choice(len(kinds), p=weights / weights.sum()))]
    model = MAKERS[kind](rng)
    registration = random_registration(rng, vehicle=kind)
    while registration.text in used:
        registration = random_registration(rng, vehicle=kind)
    plate = tidy_plate(rng, registration, kind, rear=not lane.approaching)
    mount = next(mount for mount in model.mounts if mount.front == lane.approaching)
    posed = Posed(
        model, plate, mount, light, (180.0 if lane.approaching else 0.0) + float(rng.normal(0, 1.0))
    )
    near, far = _span(camera.view, model)
    speed = lane.speed_mps * float(rng.uniform(0.88, 1.12))
    x_m = lane.x_m + float(rng.normal(0, 0.12 if kind != "motorcycle" else 0.25))
    if lane.approaching:
        return Drive(posed, registration, kind, lane, x_m, far, near, when, -speed)
    return Drive(posed, registration, kind, lane, x_m, near, far, when, speed)


def tidy_plate(
    rng: np.random.Generator, registration: Registration, kind: VehicleKind, *, rear: bool
) -> RenderedPlate:
    """As on most vehicles: printed, fairly clean, characters as tall as the rules want them, or nearly."""
    tallest: RenderedPlate | None = None
    for _ in range(30):
        style = random_style(rng, vehicle=kind, series=registration.series, rear=rear)
        if style.face.group not in ("plate", "narrow", "wide") and rng.random() > 0.15:
            continue
        style = replace(style, wear=min(style.wear, 0.25), bolder=max(style.bolder, 0))
        plate = draw_plate(registration, style, rng, _PLATE_PX)
        if tallest is None or character_mm(plate) > character_mm(tallest):
            tallest = plate
        if character_mm(plate) >= _CHARACTER_MM[kind]:
            break
    return tallest or draw_plate(registration, random_style(rng, vehicle=kind), rng, _PLATE_PX)


def character_mm(plate: RenderedPlate) -> float:
    """Height of the lowest character."""
    lowest = min(box[3] - box[1] for _, box, _ in plate.characters)
    return float(lowest * plate.size_mm[1] / plate.image.shape[0])


def _span(view: View, model: Model) -> tuple[float, float]:
    """Nearest and farthest y of a vehicle's middle between which some of it may be in the picture."""
    width, height = view.size_wh
    bottom = max(min(view.ground_at(x, height)[1] for x in (0, width)), 0.5)
    top = max(view.ground_at(x, 0)[1] for x in (0, width))
    clear = bottom * max(view.height_m - model.height, 0.1) / view.height_m
    far = top if math.isfinite(top) else 80.0
    return clear - model.length / 2 - 0.3, min(far, 80.0) + model.length / 2 + 0.3


def _kept_apart(drive: Drive, ahead: Drive | None) -> Drive:
    """Begin later where the one ahead in this lane would otherwise be too near, at its start or its end."""
    if ahead is None:
        return drive
    space = (drive.posed.model.length + ahead.posed.model.length) / 2 + _GAP_M
    at_start = ahead.begins + space / abs(ahead.speed)
    arrives = abs(drive.end_y - drive.start_y) / abs(drive.speed)
    at_end = ahead.ends + space / abs(ahead.speed) - arrives
    return replace(drive, begins=max(drive.begins, at_start, at_end))
