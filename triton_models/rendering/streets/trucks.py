"""Trucks: a generator of random numbers in, a model with two plate mounts out."""

from __future__ import annotations

import numpy as np

from triton_models.rendering.streets.car_faces import tuple_of
from triton_models.rendering.streets.shapes import (
    Canvas,
    Lamp,
    Model,
    Mount,
    across,
    both_flanks,
    tyres,
    wheel,
)
from triton_models.rendering.streets.surfaces import Picture, Rgb, clouds, glass, grain, metal, tinted
from triton_models.rendering.streets.textured import Quad, opaque

_DARK: Rgb = (28, 28, 30)
_TRUCK_PAINTS: tuple[Rgb, ...] = (
    (196, 92, 28),
    (150, 34, 30),
    (36, 74, 140),
    (214, 160, 36),
    (206, 206, 200),
    (44, 104, 70),
)


def truck(rng: np.random.Generator) -> Model:
    """A lorry: a painted cab with a deck of planks or a tarpaulin behind it."""
    length, half = float(rng.uniform(6.4, 8.4)), float(rng.uniform(1.06, 1.2))
    height, cab = float(rng.uniform(2.7, 3.2)), 1.75
    colour = _TRUCK_PAINTS[int(rng.integers(len(_TRUCK_PAINTS)))]
    model = Model("truck", length, 2 * half, height, colour)
    front, rear, deck = length / 2, -length / 2, 0.95
    split = front - cab
    cab_top = height * float(rng.uniform(0.86, 0.97))
    load = _load(rng)
    model.quads += _deck(rng, model, load, (rear, split - 0.1, deck))
    model.quads += both_flanks((rear, front), (0.0, deck), (half * 0.96,) * 2, _chassis(length, deck), 3)
    door = _cab_side(rng, cab, cab_top - deck + 0.3, colour)
    model.quads += both_flanks((split, front), (deck - 0.3, cab_top), (half * 0.96, half * 0.9), door)
    roof = opaque(metal(rng, (80, 60), colour))
    edge = (half * 0.9, front - 0.12, cab_top)
    nose = _truck_front(rng, 2 * half, cab_top, colour)
    model.quads.append(across((half * 0.9, split, cab_top), edge, roof))
    model.quads.append(across(edge, (half * 0.96, front, 0.35), nose.texture()))
    model.quads += tyres(model, half, 0.55, 0.7)
    model.mounts += [
        Mount((0.0, front + 0.03, 0.72), True),
        Mount((float(rng.uniform(-0.35, 0.35)), rear - 0.03, 0.72), False),
    ]
    for side in (-1.0, 1.0):
        model.lamps.append(Lamp((side * half * 0.76, front, 0.98), 0.1, (255, 240, 205), True))
        model.lamps.append(Lamp((side * half * 0.82, rear, 0.72), 0.07, (255, 30, 20), False))
    return model


def _deck(
    rng: np.random.Generator, model: Model, load: Picture, y_z: tuple[float, float, float]
) -> list[Quad]:
    """The load's walls and its cover in two pieces; rear and front end, height of its floor."""
    rear, split, deck = y_z
    half, height = model.width / 2, model.height
    middle = (rear + split) / 2
    tail = _truck_rear(rng, model.width, height - 0.4, load, model.colour).texture()
    return [
        *both_flanks(
            (rear, split), (deck, height), (half, half), _planks(split - rear, height - deck, load), 3
        ),
        across((half, rear, height), (half, middle, height), opaque(load)),
        across((half, middle, height), (half, split, height), opaque(load)),
        across((half, split, height), (half, split, deck), opaque(load)),
        across((half, rear, height), (half, rear, 0.4), tail, "rear"),
    ]


def _load(rng: np.random.Generator) -> Picture:
    """The deck's walls and cover: planks or cloth."""
    tone: Rgb = ((120, 84, 50), (72, 88, 96), (84, 96, 62), (160, 110, 50))[int(rng.integers(4))]
    shade = 1 + clouds(rng, (160, 120), (9, 6)) * 0.12 + grain(rng, (160, 120)) * 0.05
    return tinted(tone, shade)


def _planks(length: float, height: float, load: Picture) -> Picture:
    canvas = Canvas(length, height, 70, load)
    dark = tuple_of(load[20, 20], 0.55)
    for y in np.arange(0.0, height, 0.25):
        canvas.line([(0, y), (length, y)], dark, 0.02)
    for x in np.arange(0.1, length, 0.9):
        canvas.rect(x, 0, x + 0.07, height, dark)
    return canvas.texture()


def _chassis(length: float, height: float) -> Picture:
    canvas = Canvas(length, height, 70, _DARK)
    radius = 0.48
    places = [length * 0.16, length * 0.16 + 1.1, length - 1.2]
    for x in places:
        wheel(canvas, x, height - radius, radius)
    canvas.keep([(0, 0), (length, 0), (length, 0.35), (0, 0.35)])
    for x in places:
        canvas.keep_disc(x, height - radius, radius)
    return canvas.texture()


def _cab_side(rng: np.random.Generator, length: float, height: float, colour: Rgb) -> Picture:
    canvas = Canvas(length, height, 90, metal(rng, (80, 100), colour))
    canvas.rect(0.35, 0.25, length - 0.15, 0.25 + 0.75, glass(rng, (40, 30)))
    canvas.rect(0.1, height * 0.68, length, height * 0.74, (230, 200, 60))
    return canvas.texture()


def _truck_front(rng: np.random.Generator, width: float, cab_top: float, colour: Rgb) -> Canvas:
    height = cab_top - 0.35
    canvas = Canvas(width, height, 200, metal(rng, (120, 120), colour))
    canvas.rect(0.1, 0.32, width - 0.1, 1.12, glass(rng, (120, 60)))
    canvas.rect(width / 2 - 0.03, 0.32, width / 2 + 0.03, 1.12, tuple_of(canvas.picture[8, 8], 0.7))
    canvas.disc(width * 0.72, 0.82, 0.11, (84, 60, 48))
    canvas.rect(width * 0.72 - 0.2, 0.93, width * 0.72 + 0.2, 1.12, (60, 70, 84))
    bright: Rgb = (238, 206, 70)
    canvas.rect(0.0, 0.0, width, 0.26, tuple_of(canvas.picture[8, 8], 0.75))
    words = ("GOODS CARRIER", "JAI MATA DI", "NATIONAL PERMIT", "ALL INDIA PERMIT")
    canvas.write(words[int(rng.integers(4))], width / 2, 0.06, 0.13, bright)
    canvas.rect(0.25, 1.22, width - 0.25, 1.62, _DARK)
    for y in np.arange(1.26, 1.62, 0.07):
        canvas.line([(0.27, y), (width - 0.27, y)], (120, 122, 124), 0.018)
    bumper = height - 0.55
    canvas.rect(0, bumper, width, height, (52, 54, 58))
    for index, x in enumerate(np.arange(0.0, width, 0.22)):
        if index % 2 == 0:
            canvas.poly(
                [(x, bumper), (x + 0.22, bumper), (x + 0.12, bumper + 0.09), (x - 0.1, bumper + 0.09)], bright
            )
    lamp_y = cab_top - 0.98
    for x in (width * 0.12, width * 0.88):
        canvas.rect(x - 0.16, lamp_y - 0.14, x + 0.16, lamp_y + 0.14, (36, 36, 38))
        canvas.disc(x, lamp_y, 0.11, (214, 218, 220))
    return canvas


def _truck_rear(rng: np.random.Generator, width: float, height: float, load: Picture, colour: Rgb) -> Canvas:
    canvas = Canvas(width, height, 160, load)
    dark = tuple_of(load[20, 20], 0.55)
    for y in np.arange(0.0, height - 0.6, 0.28):
        canvas.line([(0, y), (width, y)], dark, 0.025)
    board = height - 1.15
    canvas.rect(0.1, board, width - 0.1, board + 0.5, colour)
    words = ("HORN PLEASE", "HORN OK PLEASE", "STOP", "USE DIPPER AT NIGHT", "BLOW HORN")
    canvas.write(words[int(rng.integers(5))], width / 2, board + 0.16, 0.17, (240, 226, 120))
    canvas.rect(0, height - 0.6, width, height, (40, 40, 42))
    for index, x in enumerate(np.arange(0.0, width, 0.2)):
        canvas.rect(x, height - 0.1, x + 0.2, height, (180, 26, 28) if index % 2 else (226, 226, 222))
    for x in (0.18, width - 0.18):
        canvas.rect(x - 0.12, height - 0.42, x + 0.12, height - 0.24, (150, 16, 20))
        canvas.rect(x - 0.12, height - 0.3, x + 0.12, height - 0.24, (214, 130, 30))
    return canvas
