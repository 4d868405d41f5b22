"""Examples for the plate detector: a view around a plate, whole pictures, and drawn plates set into them."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np

from contracts.errors import Stop
from contracts.messages.common import PLATE_COLOURS
from triton_models.geometry import corners_box
from triton_models.tensors import PLATE_SIZE_WH
from triton_models.training.crops.unusual import street_plate
from triton_models.training.detectors.cells import Grid, visible_share
from triton_models.training.detectors.config import DetectorTraining
from triton_models.training.detectors.feeder import Arrays
from triton_models.training.detectors.pictures import Floats, LabelledPicture, PlateLabel, Rgb
from triton_models.training.detectors.served import CORNER_UNIT_PX
from triton_models.training.detectors.streets import Streets
from triton_models.training.detectors.views import View, in_other_light, view_of
from triton_models.training.plates.setting import set_in, touch, with_writing
from triton_models.training.plates.weather import in_weather

_SIDE = PLATE_SIZE_WH[0]
_SMALLEST_PX, _LARGEST_PX, _LARGEST_CROP_PX = 16.0, 170.0, 260.0
_LEAST_VISIBLE = 0.7
_LEAST_WIDTH_PX = 12.0
_WHOLE_SHARE = 0.25
_WHOLE_CROP_SHARE = 0.6
_WHOLE_WITHOUT_SHARE = 0.4
"""Of pictures without plates; the rest is looked at as near as a vehicle or a supposed plate is."""
_NEAREST = 6.0


@dataclass(frozen=True)
class _Scene:
    pixels: Rgb
    plates: tuple[PlateLabel, ...]
    unsure: tuple[Floats, ...]
    fills_picture: bool


class PlateExamples:
    """`example(rng)`: the view and its target maps; pictures are drawn by the weights of their sources.

    Pictures that are known to hold no plate show it what else is bright, framed and written on in streets.

    Raises:
        Stop: none of the pictures can be learned from, or all that can are crops.
    """

    def __init__(self, pictures: list[LabelledPicture], config: DetectorTraining) -> None:
        self._by_source: dict[str, list[LabelledPicture]] = {}
        for picture in pictures:
            if picture.plates or picture.complete:
                self._by_source.setdefault(picture.source, []).append(picture)
        _check(self._by_source, config)
        self._sources = sorted(self._by_source)
        weights = np.array([config.sources[source] for source in self._sources])
        self._steps = np.cumsum(weights) / weights.sum()
        self._drawn, self._street_share, self._signs = config.drawn, config.streets, config.signs
        self._foreign, self._decorated, self._weather = config.foreign, config.decorated, config.weather
        self._streets = Streets(config.seed, config.distinct_streets)
        self._grid = Grid.of(PLATE_SIZE_WH)

    def example(self, rng: np.random.Generator) -> Arrays:
        scene = self._scene(rng)
        if rng.random() < self._signs:
            scene = replace(scene, pixels=with_writing(scene.pixels, _boxes(scene), rng))
        view = _view(scene, rng)
        labels = [
            PlateLabel(view.corners(label.corners), label.weight, label.lines, label.colour)
            for label in scene.plates
        ]
        pixels = view.of(scene.pixels)
        if rng.random() < self._weather:
            pixels = in_weather(pixels, [label.corners for label in labels], rng)
        pixels = in_other_light(pixels, rng)
        return (pixels, *self._targets(labels, [view.corners(corners) for corners in scene.unsure]))

    def _scene(self, rng: np.random.Generator) -> _Scene:
        picture = self._picture(rng)
        pixels, plates = picture.pixels(), picture.plates
        if picture.is_crop and plates and rng.random() < 0.6:
            ground = self._picture(rng, crops=False)
            return _with(ground, pixels, plates[0], rng, whole=bool(rng.random() < 0.5))
        if not picture.is_crop and rng.random() < self._drawn:
            lines = 1 + int(rng.random() < 0.6)
            plate = street_plate(
                rng, lines=lines, height_px=96, foreign=self._foreign, decorations=self._decorated
            )
            height, width = plate.image.shape[:2]
            corners = np.array([[0, 0], [width, 0], [width, height], [0, height]], np.float32)
            label = PlateLabel(corners, 1.0, plate.lines, PLATE_COLOURS.index(plate.colour))
            return _with(picture, plate.image, label, rng, whole=True)
        return _Scene(pixels, plates, picture.unsure_plates, picture.is_crop)

    def _picture(self, rng: np.random.Generator, *, crops: bool = True) -> LabelledPicture:
        if rng.random() < self._street_share:
            return self._streets.picture(rng)
        while True:
            source = self._sources[int(np.searchsorted(self._steps, rng.random() * 0.999999))]
            pictures = self._by_source[source]
            picture = pictures[int(rng.integers(len(pictures)))]
            if crops or not picture.is_crop:
                return picture

    def _targets(self, labels: list[PlateLabel], unsure: list[Floats]) -> Arrays:
        """Heat, where it counts, corners and their unit and weight, lines and colour and their weights."""
        shape = self._grid.x.shape
        heat, counts = np.zeros(shape, np.float32), np.ones(shape, np.float32)
        corners, width = np.zeros((8, *shape), np.float32), np.ones(shape, np.float32)
        weight, lines, lines_known = (np.zeros(shape, np.float32) for _ in range(3))
        colour = np.full(shape, -1, np.int64)
        for doubtful in unsure:
            counts[self._grid.inside(corners_box(doubtful), 8)] = 0.0
        for label in labels:
            box = corners_box(label.corners)
            if visible_share(box, PLATE_SIZE_WH) < 0.05:
                continue
            across = _length(label.corners, (0, 1), (3, 2))
            middle = label.corners.mean(0)
            outside = bool((middle < 0).any() or (middle >= _SIDE).any())
            if outside or visible_share(box, PLATE_SIZE_WH) < _LEAST_VISIBLE or across < _LEAST_WIDTH_PX:
                counts[self._grid.inside(box, 6)] = 0.0
                continue
            down = _length(label.corners, (0, 3), (1, 2))
            peak = self._grid.around(middle, (max(0.12 * across, 3.5), max(0.16 * down, 3.5)))
            np.maximum(heat, peak, out=heat)
            cells = peak > 0.5
            place = np.stack([self._grid.x[cells], self._grid.y[cells]], -1)
            offsets = (label.corners[None] - place[:, None]) / CORNER_UNIT_PX
            corners[:, cells] = offsets.reshape(-1, 8).T
            width[cells] = max(across, 16.0) / CORNER_UNIT_PX
            weight[cells] = label.weight * peak[cells]
            lines[cells], lines_known[cells] = label.lines - 1, float(label.lines > 0)
            colour[cells] = label.colour
        return heat, counts, corners, width, weight, lines.clip(0, 1), lines_known, colour


def _check(by_source: dict[str, list[LabelledPicture]], config: DetectorTraining) -> None:
    usable = [picture for pictures in by_source.values() for picture in pictures]
    named = f"the sources {', '.join(config.sources)}"
    if not usable:
        raise Stop(f"{named}: no picture to learn from has a plate or is said to have none")
    if all(picture.is_crop for picture in usable):
        raise Stop(f"{named}: all pictures to learn from are crops, whole ones to set them into are missing")


def _length(corners: Floats, *sides: tuple[int, int]) -> float:
    return float(np.mean([np.linalg.norm(corners[a] - corners[b]) for a, b in sides]))


def _view(scene: _Scene, rng: np.random.Generator) -> View:
    """The whole picture letterboxed, nearly, or one of its plates at a random size and place; without
    plates any place of it."""
    height, width = scene.pixels.shape[:2]
    whole_share = _WHOLE_CROP_SHARE if scene.fills_picture else _WHOLE_SHARE
    if not scene.plates and rng.random() >= _WHOLE_WITHOUT_SHARE:
        nearer = math.exp(rng.uniform(0.0, math.log(_NEAREST)))
        scale = min(4.0, min(_SIDE / width, _SIDE / height) * nearer)
        centre = (float(rng.uniform(0.1, 0.9)) * width, float(rng.uniform(0.1, 0.9)) * height)
        lands_at = (_SIDE / 2, _SIDE / 2)
    elif not scene.plates or rng.random() < whole_share:
        scale = min(_SIDE / width, _SIDE / height) * float(rng.uniform(0.85, 1.25))
        lands_at = (width * scale / 2, height * scale / 2) if rng.random() < 0.6 else (_SIDE / 2, _SIDE / 2)
        centre = (width / 2, height / 2)
    else:
        label = scene.plates[int(rng.integers(len(scene.plates)))]
        largest = _LARGEST_CROP_PX if scene.fills_picture else _LARGEST_PX
        wanted = math.exp(rng.uniform(math.log(_SMALLEST_PX), math.log(largest)))
        scale = min(4.0, wanted / max(6.0, _length(label.corners, (0, 1), (3, 2))))
        centre = (float(label.corners[:, 0].mean()), float(label.corners[:, 1].mean()))
        lands_at = (float(rng.uniform(0.08, 0.92)) * _SIDE, float(rng.uniform(0.08, 0.92)) * _SIDE)
    return view_of(
        rng, centre=centre, lands_at=lands_at, scale=scale, size_wh=PLATE_SIZE_WH, tilt=0.12, keystone=0.0006
    )


def _boxes(scene: _Scene) -> list[Floats]:
    return [corners_box(corners) for corners in (*(label.corners for label in scene.plates), *scene.unsure)]


def _with(
    ground: LabelledPicture, pixels: Rgb, label: PlateLabel, rng: np.random.Generator, *, whole: bool
) -> _Scene:
    """The ground with one more plate; those that it would cover are gone."""
    added = set_in(ground.pixels(), pixels, label.corners, rng, whole=whole)
    if added is None:
        return _Scene(ground.pixels(), ground.plates, ground.unsure_plates, ground.is_crop)
    mixed, moved = added
    kept = tuple(old for old in ground.plates if not touch(corners_box(old.corners), corners_box(moved)))
    plates = (replace(label, corners=moved), *kept)
    return _Scene(mixed, plates, ground.unsure_plates, fills_picture=False)
