"""Cars and vans: a generator of random numbers in, a model with two plate mounts out."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from triton_models.rendering.streets.car_faces import (
    cabin,
    flank,
    front_face,
    hood,
    rear_face,
    rear_glass,
    windscreen,
)
from triton_models.rendering.streets.shapes import Canvas, Lamp, Model, Mount, across, both_flanks
from triton_models.rendering.streets.surfaces import Picture, Rgb, metal
from triton_models.rendering.streets.textured import Quad, opaque

_PAINTS: tuple[tuple[float, Rgb], ...] = (
    (0.40, (226, 227, 228)),
    (0.16, (164, 168, 172)),
    (0.12, (92, 96, 102)),
    (0.08, (34, 35, 38)),
    (0.09, (150, 26, 30)),
    (0.06, (34, 62, 120)),
    (0.04, (110, 78, 56)),
    (0.03, (196, 120, 30)),
    (0.02, (40, 84, 60)),
)


def paint_colour(rng: np.random.Generator) -> Rgb:
    weights = np.array([weight for weight, _ in _PAINTS])
    colour = _PAINTS[int(rng.choice(len(_PAINTS), p=weights / weights.sum()))][1]
    red, green, blue = (int(np.clip(value + rng.normal(0, 7), 10, 245)) for value in colour)
    return red, green, blue


@dataclass(frozen=True)
class _Outline:
    """Seen from the side, in metres: `belt` is the height of the windows' foot."""

    length: float
    half: float
    height: float
    belt: float
    hood: float
    boot: float
    slant: float

    @property
    def front(self) -> float:
        return self.length / 2

    @property
    def roof_half(self) -> float:
        return 0.8 * self.half

    @property
    def screen(self) -> tuple[float, float]:
        """Windscreen's top and foot along the length."""
        foot = self.front - self.hood
        return foot - 1.24 * (self.height - self.belt), foot

    @property
    def tail(self) -> tuple[float, float]:
        """Rear window's foot and top along the length."""
        foot = self.boot - self.front
        return foot, foot + self.slant


def _outline(rng: np.random.Generator) -> _Outline:
    """A hatchback, saloon, jeep or van."""
    length, half, height, belt, hood, boot, slant = (
        (3.7, 0.83, 1.5, 0.62, 0.85, 0.25, 0.42),
        (4.4, 0.86, 1.47, 0.62, 1.05, 0.85, 0.42),
        (4.2, 0.9, 1.68, 0.62, 1.0, 0.12, 0.12),
        (3.7, 0.76, 1.85, 0.56, 0.3, 0.08, 0.12),
    )[int(rng.choice(4, p=(0.4, 0.28, 0.22, 0.1)))]
    height *= float(rng.uniform(0.97, 1.03))
    return _Outline(length * float(rng.uniform(0.96, 1.05)), half, height, belt * height, hood, boot, slant)


def car(rng: np.random.Generator) -> Model:
    shape, colour = _outline(rng), paint_colour(rng)
    model = Model("car", shape.length, 2 * shape.half, shape.height, colour)
    sheet = metal(rng, (240, 120), colour)
    model.quads += _sides(rng, shape, sheet) + _upper(rng, shape, sheet, colour)
    _ends(rng, model, shape, colour)
    for side in (-1.0, 1.0):
        front, rear = (side * shape.half * 0.74, shape.front), (side * shape.half * 0.82, -shape.front)
        model.lamps.append(Lamp((*front, shape.belt - 0.32), 0.09, (255, 246, 222), True))
        model.lamps.append(Lamp((*rear, shape.belt - 0.24), 0.07, (255, 30, 20), False))
    return model


def _sides(rng: np.random.Generator, shape: _Outline, sheet: Picture) -> list[Quad]:
    half, belt = shape.half, shape.belt
    side = flank(sheet, shape.length, belt)
    windows = cabin(rng, sheet, (*shape.tail, *shape.screen), shape.height - belt)
    return [
        *both_flanks((-shape.front, shape.front), (0.0, belt), (half * 0.97, half), side),
        *both_flanks(
            (shape.tail[0], shape.screen[1]), (belt, shape.height), (half * 0.99, shape.roof_half), windows
        ),
    ]


def _upper(rng: np.random.Generator, shape: _Outline, sheet: Picture, colour: Rgb) -> list[Quad]:
    """Hood, windscreen, roof, rear window, boot."""
    half, belt, front = shape.half, shape.belt, shape.front
    roof = opaque(metal(rng, (160, 160), colour, top=1.1, bottom=1.04))
    roof_front = (shape.roof_half, shape.screen[0], shape.height)
    roof_rear = (shape.roof_half, shape.tail[1], shape.height)
    screen_foot, tail_foot = (half * 0.93, shape.screen[1], belt), (half * 0.95, shape.tail[0], belt)
    nose_edge, tail_edge = (half * 0.96, front - 0.08, belt - 0.17), (half * 0.96, -front, belt - 0.04)
    return [
        across(screen_foot, nose_edge, opaque(hood(rng, colour))),
        across(roof_rear, roof_front, roof),
        across(roof_front, screen_foot, opaque(windscreen(rng, half))),
        across(roof_rear, tail_foot, opaque(rear_glass(rng, sheet, half)), "rear"),
        across(tail_foot, tail_edge, roof, "rear"),
    ]


def _ends(rng: np.random.Generator, model: Model, shape: _Outline, colour: Rgb) -> None:
    """Nose and tail, with the plates' mounts."""
    half, front = shape.half, shape.front
    nose_top, tail_top = shape.belt - 0.17, shape.belt - 0.04
    nose = Canvas(2 * half, nose_top, 240, metal(rng, (200, 100), colour))
    tail = Canvas(2 * half, tail_top, 240, metal(rng, (200, 100), colour))
    plate_front, plate_rear = front_face(rng, nose, 2 * half), rear_face(rng, tail, 2 * half)
    model.quads += [
        across((half * 0.96, front - 0.08, nose_top), (half * 0.94, front, 0.0), nose.texture()),
        across((half * 0.96, -front, tail_top), (half * 0.94, -front, 0.0), tail.texture(), "rear"),
    ]
    model.mounts += [
        Mount((0.0, front + 0.02, nose_top - plate_front), True),
        Mount((0.0, -front - 0.02, tail_top - plate_rear), False),
    ]
