"""Buses: a generator of random numbers in, a model with two plate mounts out."""

from __future__ import annotations

from itertools import pairwise

import numpy as np

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
from triton_models.rendering.streets.surfaces import Picture, Rgb, glass, metal
from triton_models.rendering.streets.textured import opaque

_DARK: Rgb = (28, 28, 30)
_BUS_PAINTS: tuple[Rgb, ...] = (
    (178, 32, 36),
    (226, 226, 222),
    (36, 110, 150),
    (46, 128, 70),
    (224, 160, 40),
    (120, 60, 130),
)
_PLACES = ("CITY CENTRE", "RAILWAY STN", "MARKET", "BUS STAND", "AIRPORT", "TEMPLE RD", "COLLEGE")


def bus(rng: np.random.Generator) -> Model:
    length, half, height = float(rng.uniform(8.0, 10.5)), 1.22, float(rng.uniform(2.95, 3.2))
    colour = _BUS_PAINTS[int(rng.integers(len(_BUS_PAINTS)))]
    stripe = _BUS_PAINTS[int(rng.integers(len(_BUS_PAINTS)))]
    model = Model("bus", length, 2 * half, height, colour)
    front, rear = length / 2, -length / 2
    roof = opaque(metal(rng, (80, 120), colour, top=1.1, bottom=1.1))
    model.quads += both_flanks(
        (rear, front), (0.0, height), (half, half * 0.97), _bus_side(rng, length, height, colour, stripe), 4
    )
    steps = np.linspace(rear, front, 4)
    model.quads += [
        across((half * 0.97, float(a), height), (half * 0.97, float(b), height), roof)
        for a, b in pairwise(steps)
    ]
    model.quads.append(
        across(
            (half * 0.97, front - 0.1, height),
            (half, front, 0.3),
            _bus_front(rng, 2 * half, height - 0.3, colour, stripe).texture(),
        )
    )
    model.quads.append(
        across(
            (half * 0.97, rear, height),
            (half, rear, 0.3),
            _bus_rear(rng, 2 * half, height - 0.3, colour, stripe).texture(),
            "rear",
        )
    )
    model.quads += tyres(model, half, 0.5, 1.2)
    model.mounts += [Mount((0.0, front + 0.03, 0.58), True), Mount((0.0, rear - 0.03, 0.75), False)]
    for side in (-1.0, 1.0):
        model.lamps.append(Lamp((side * half * 0.78, front, 0.75), 0.1, (255, 244, 214), True))
        model.lamps.append(Lamp((side * half * 0.85, rear, 0.95), 0.08, (255, 30, 20), False))
    return model


def _bus_side(rng: np.random.Generator, length: float, height: float, colour: Rgb, stripe: Rgb) -> Picture:
    canvas = Canvas(length, height, 70, metal(rng, (200, 90), colour))
    for x in np.arange(0.4, length - 1.5, 1.15):
        canvas.rect(x, 0.5, x + 1.0, 1.35, glass(rng, (30, 30)))
    canvas.rect(length - 1.2, 0.5, length - 0.2, height - 0.45, glass(rng, (30, 60)))
    canvas.rect(0, 1.5, length - 1.3, 1.8, stripe)
    places = (length * 0.22, length * 0.76)
    for x in places:
        canvas.disc(x, height - 0.46, 0.54, (14, 14, 15))
        wheel(canvas, x, height - 0.46, 0.46)
    canvas.keep([(0, 0), (length, 0), (length, height - 0.3), (0, height - 0.3)])
    for x in places:
        canvas.keep_disc(x, height - 0.46, 0.46)
    return canvas.texture()


def _bus_front(rng: np.random.Generator, width: float, height: float, colour: Rgb, stripe: Rgb) -> Canvas:
    canvas = Canvas(width, height, 180, metal(rng, (120, 120), colour))
    canvas.rect(0.2, 0.06, width - 0.2, 0.34, (16, 16, 18))
    canvas.write(
        f"{int(rng.integers(1, 600))} {_PLACES[int(rng.integers(len(_PLACES)))]}",
        width / 2,
        0.13,
        0.14,
        (250, 176, 40),
    )
    canvas.rect(0.08, 0.4, width - 0.08, 1.5, glass(rng, (120, 80)))
    canvas.rect(width / 2 - 0.02, 0.4, width / 2 + 0.02, 1.5, _DARK)
    canvas.disc(width * 0.74, 1.12, 0.12, (88, 62, 50))
    canvas.rect(width * 0.74 - 0.24, 1.24, width * 0.74 + 0.24, 1.5, (150, 142, 116))
    canvas.rect(0, 1.56, width, 1.78, stripe)
    canvas.rect(0.5, 1.84, width - 0.5, 2.02, _DARK)
    canvas.rect(0, height - 0.42, width, height, (70, 72, 76))
    for x in (width * 0.11, width * 0.89):
        canvas.rect(x - 0.2, height - 0.6, x + 0.2, height - 0.3, (40, 40, 42))
        canvas.disc(x, height - 0.45, 0.11, (222, 226, 228))
    return canvas


def _bus_rear(rng: np.random.Generator, width: float, height: float, colour: Rgb, stripe: Rgb) -> Canvas:
    canvas = Canvas(width, height, 150, metal(rng, (120, 120), colour))
    canvas.rect(0.3, 0.25, width - 0.3, 1.1, glass(rng, (100, 50)))
    canvas.rect(0, 1.25, width, 1.45, stripe)
    canvas.write("KEEP DISTANCE", width / 2, 1.54, 0.1, (240, 236, 220))
    canvas.rect(0.5, 1.75, width - 0.5, 2.05, _DARK)
    canvas.rect(0, height - 0.3, width, height, (58, 60, 64))
    for x in (0.2, width - 0.2):
        canvas.rect(x - 0.1, height - 0.85, x + 0.1, height - 0.5, (150, 16, 20))
    return canvas
