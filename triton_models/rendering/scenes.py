"""Single street pictures for training detectors: random numbers in, a frame with its truth out.

`training_scene(rng)` draws a frame (RGB, 960 wide by default) with varied cameras, roads, light and
traffic, and returns where each vehicle and each plate is. The same generator state gives the same scene.
Streets and vehicle bodies come from pools that grow as they are used (the first few hundred scenes of a
process are slow), plates and placement are new each time. Pure NumPy and OpenCV, safe in worker processes.
"""

from __future__ import annotations

import functools
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from contracts.messages.common import Corners, PlateColour, VehicleKind, Xyxy
from triton_models.rendering.degrade import degrade
from triton_models.rendering.films import as_corners
from triton_models.rendering.plates import random_plate
from triton_models.rendering.streets.camera import View
from triton_models.rendering.streets.light import Light, daylight, dusk, nightlight
from triton_models.rendering.streets.posed import Posed
from triton_models.rendering.streets.roads import Road, background
from triton_models.rendering.streets.shapes import Model
from triton_models.rendering.streets.traffic import MAKERS

SIZE_WH = (960, 540)
_STREETS, _BODIES = 64, 32
_KINDS: tuple[VehicleKind, ...] = ("car", "motorcycle", "auto-rickshaw", "bus", "truck")
_KIND_STEPS = (0.4, 0.65, 0.82, 0.9, 1.0)
_PLATE_PX = 72
_LEAST_SEEN = 0.3
_LEAST_PX = 10


@dataclass(frozen=True)
class SceneVehicle:
    kind: VehicleKind
    xyxy: Xyxy
    seen: float
    """Share of its outline that no nearer vehicle covers."""


@dataclass(frozen=True)
class ScenePlate:
    """A plate that is wholly in the picture and uncovered, however small."""

    corners: Corners
    text: str
    characters: tuple[tuple[str, Xyxy, int], ...]
    lines: int
    colour: PlateColour
    character_px: float
    vehicle: int
    """Index into the scene's vehicles."""


@dataclass(frozen=True)
class SceneTruth:
    vehicles: tuple[SceneVehicle, ...]
    plates: tuple[ScenePlate, ...]
    night: bool


@dataclass(frozen=True)
class _Street:
    view: View
    road: Road
    light: Light
    background: NDArray[np.uint8]


@dataclass(frozen=True)
class _Parked:
    posed: Posed
    x: float
    y: float


def training_scene(rng: np.random.Generator) -> tuple[NDArray[np.uint8], SceneTruth]:
    """One frame with the truth of its vehicles and plates."""
    street = _street(int(rng.integers(_STREETS)))
    parked = sorted(_placed(rng, street), key=lambda item: -item.y)
    frame = street.background.copy()
    for item in parked:
        item.posed.paint(frame, street.view, (item.x, item.y))
    return degrade(frame, rng), _truth(street, parked)


@functools.lru_cache(maxsize=_STREETS)
def _street(number: int) -> _Street:
    rng = np.random.default_rng((811, number))
    draw = float(rng.random())
    light = daylight(rng) if draw < 0.66 else dusk(rng) if draw < 0.8 else nightlight(rng)
    lanes = int(rng.integers(1, 5))
    pitch = float(rng.uniform(2.4, 3.4))
    middles = tuple((index - (lanes - 1) / 2) * pitch for index in range(lanes))
    edge = middles[-1] + pitch / 2 + float(rng.uniform(0.2, 1.5))
    focal, height = float(np.exp(rng.uniform(np.log(700), np.log(2900)))), float(rng.uniform(1.2, 6.5))
    # The picture's middle looks at a place of the road that suits the lens.
    looks_at = focal / 960 * float(rng.uniform(5.0, 9.0))
    tilt = float(np.rad2deg(np.arctan2(height - 0.5, looks_at)))
    view = View(
        SIZE_WH,
        focal,
        height,
        tilt,
        float(rng.normal(0, 5)),
        float(rng.normal(0, 1.2)),
        float(rng.normal(0, edge / 3)),
    )
    road = Road(-edge, edge, middles)
    return _Street(view, road, light, background(rng, view, road, light))


@functools.lru_cache(maxsize=_BODIES * len(_KINDS))
def _body(kind: VehicleKind, number: int) -> Model:
    return MAKERS[kind](np.random.default_rng((97, _KINDS.index(kind), number)))


def _placed(rng: np.random.Generator, street: _Street) -> list[_Parked]:
    """Up to eight vehicles in or between the lanes; no two on one place."""
    view = street.view
    near = max(view.ground_at(view.size_wh[0] / 2, view.size_wh[1])[1], 2.5)
    far = min(view.ground_at(view.size_wh[0] / 2, 0)[1], near * 6, 70.0)
    placed: list[_Parked] = []
    for _ in range(int(rng.choice(8, p=(0.05, 0.2, 0.22, 0.2, 0.14, 0.09, 0.06, 0.04)))):
        kind = _KINDS[int(np.searchsorted(_KIND_STEPS, rng.random()))]
        model = _body(kind, int(rng.integers(_BODIES)))
        x = float(rng.choice(street.road.lanes)) + float(rng.normal(0, 0.5))
        # More of them near the camera, where plates are large.
        y = near + (far - near) * float(rng.random()) ** 1.6 + model.length / 2
        if any(
            abs(x - other.x) < (model.width + other.posed.model.width) / 2 + 0.15
            and abs(y - other.y) < (model.length + other.posed.model.length) / 2 + 0.4
            for other in placed
        ):
            continue
        placed.append(_Parked(_posed(rng, model, street.light), x, y))
    return placed


def _posed(rng: np.random.Generator, model: Model, light: Light) -> Posed:
    approaching = bool(rng.random() < 0.5)
    turn = float(rng.normal(0, 4)) if rng.random() < 0.7 else float(rng.uniform(-40, 40))
    mount = next(mount for mount in model.mounts if mount.front == approaching)
    plate = random_plate(rng, vehicle=model.kind, height_px=_PLATE_PX) if rng.random() < 0.95 else None
    return Posed(model, plate, mount, light, (180.0 if approaching else 0.0) + turn)


def _truth(street: _Street, parked: list[_Parked]) -> SceneTruth:
    shares = _seen_shares(street.view, parked)
    vehicles: list[SceneVehicle] = []
    plates: list[ScenePlate] = []
    for index, item in enumerate(parked):
        box = item.posed.box(street.view, (item.x, item.y))
        if box is None or shares[index] < _LEAST_SEEN or min(box[2] - box[0], box[3] - box[1]) < _LEAST_PX:
            continue
        plate = _plate(street, parked, index, len(vehicles))
        vehicles.append(SceneVehicle(item.posed.model.kind, box, shares[index]))
        plates += [plate] if plate is not None else []
    return SceneTruth(tuple(vehicles), tuple(plates), street.light.lamps_on)


def _plate(street: _Street, parked: list[_Parked], index: int, vehicle: int) -> ScenePlate | None:
    item = parked[index]
    seen = item.posed.seen_plate(street.view, (item.x, item.y))
    if seen is None or item.posed.plate is None:
        return None
    for nearer in parked[index + 1 :]:
        outline = nearer.posed.outline(street.view, (nearer.x, nearer.y))
        if outline is None:
            continue
        hull = outline.astype(np.float32)
        if any(cv2.pointPolygonTest(hull, (float(x), float(y)), False) >= 0 for x, y in seen.corners):
            return None
    return ScenePlate(
        corners=as_corners(seen.corners),
        text=item.posed.plate.text,
        lines=item.posed.plate.lines,
        characters=tuple(item.posed.character_boxes(seen.corners)),
        colour=item.posed.plate.colour,
        character_px=seen.character_px,
        vehicle=vehicle,
    )


def _seen_shares(view: View, parked: list[_Parked]) -> list[float]:
    """By painting outlines as numbers, far to near, on a small map."""
    width, height = view.size_wh[0] // 4, view.size_wh[1] // 4
    drawn = np.zeros((height, width), np.uint8)
    sizes = []
    for index, item in enumerate(parked):
        own = np.zeros_like(drawn)
        outline = item.posed.outline(view, (item.x, item.y))
        if outline is not None:
            polygon = np.clip(outline / 4, -4000, 4000).astype(np.int32)
            cv2.fillConvexPoly(own, polygon, 1)
        drawn[own > 0] = index + 1
        sizes.append(int(own.sum()))
    return [float((drawn == index + 1).sum()) / max(size, 1) for index, size in enumerate(sizes)]
