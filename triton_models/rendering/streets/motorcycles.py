"""Motorcycles with their riders: random numbers in, models out.

A motorcycle is thin and full of holes: upright cards with alpha, some across and one along, stand for it.
"""

from __future__ import annotations

import numpy as np

from triton_models.rendering.streets.car_faces import tuple_of
from triton_models.rendering.streets.shapes import (
    Canvas,
    Lamp,
    Model,
    Mount,
    both_flanks,
    card,
    wheel,
)
from triton_models.rendering.streets.surfaces import Picture, Rgb, metal
from triton_models.rendering.streets.textured import Quad

_DARK: Rgb = (24, 24, 26)
_SHIRTS: tuple[Rgb, ...] = (
    (200, 204, 208),
    (60, 84, 130),
    (160, 50, 46),
    (50, 52, 58),
    (206, 170, 80),
    (80, 120, 90),
    (150, 120, 160),
    (224, 222, 214),
)
_SKIN: Rgb = (118, 80, 58)


def motorcycle(rng: np.random.Generator) -> Model:
    """A motorcycle or a scooter, with one or two people."""
    paint: Rgb = ((30, 30, 34), (150, 22, 26), (28, 54, 120), (90, 94, 100), (206, 208, 210))[
        int(rng.integers(5))
    ]
    shirt, helmet = _SHIRTS[int(rng.integers(len(_SHIRTS)))], _SHIRTS[int(rng.integers(len(_SHIRTS)))]
    scooter, pillion = bool(rng.random() < 0.35), bool(rng.random() < 0.25)
    model = Model("motorcycle", 1.95, 0.72, 1.62, paint)
    front_low, front_high = _front_low(rng, paint, scooter), _rider(rng, shirt, helmet, from_front=True)
    rear_low, rear_high = _rear_low(rng, paint, scooter), _rider(rng, shirt, helmet, from_front=False)
    model.quads += [
        card((-0.36, 0.36), 0.75, (0.0, 1.12), front_low, "front"),
        card((-0.38, 0.38), -0.05, (0.62, 1.66), front_high, "front"),
        card((-0.36, 0.36), -0.78, (0.0, 0.95), rear_low, "rear"),
        card((-0.38, 0.38), -0.2, (0.62, 1.66), rear_high, "rear"),
    ]
    if pillion:
        coat, cap = _SHIRTS[int(rng.integers(len(_SHIRTS)))], _SHIRTS[int(rng.integers(len(_SHIRTS)))]
        model.quads.append(
            card((-0.36, 0.36), -0.5, (0.66, 1.64), _rider(rng, coat, cap, from_front=False), "rear")
        )
    model.quads += _along(rng, paint, shirt, helmet, scooter)
    model.mounts += [
        Mount((0.0, 0.8, 0.86 if scooter else 0.72), True),
        Mount((0.0, -0.82, 0.58), False, 0.12),
    ]
    model.lamps += [
        Lamp((0.0, 0.8, 0.98), 0.08, (255, 244, 214), True),
        Lamp((0.0, -0.82, 0.78), 0.05, (255, 30, 20), False),
    ]
    return model


def _front_low(rng: np.random.Generator, paint: Rgb, scooter: bool) -> Picture:
    canvas = Canvas(0.72, 1.12, 200, _DARK)
    canvas.rect(0.3, 0.62, 0.42, 1.12, (20, 20, 21))
    canvas.poly([(0.27, 0.5), (0.45, 0.5), (0.43, 0.78), (0.29, 0.78)], paint)
    canvas.disc(0.36, 0.16, 0.12, tuple_of(np.array(paint, np.uint8), 0.8))
    canvas.disc(0.36, 0.16, 0.085, (222, 226, 230))
    canvas.line([(0.04, 0.1), (0.3, 0.16), (0.42, 0.16), (0.68, 0.1)], (60, 62, 64), 0.035)
    for x in (0.1, 0.62):
        canvas.disc(x, 0.2, 0.035, (226, 130, 30))
    body = (
        [(0.2, 0.24), (0.52, 0.24), (0.56, 0.7), (0.16, 0.7)]
        if scooter
        else [(0.27, 0.2), (0.45, 0.2), (0.44, 0.6), (0.28, 0.6)]
    )
    canvas.poly(body, metal(rng, (40, 40), paint) if scooter else (44, 46, 50))
    canvas.keep(
        body,
        [(0.29, 0.45), (0.43, 0.45), (0.42, 1.12), (0.3, 1.12)],
        [(0.02, 0.07), (0.7, 0.07), (0.7, 0.14), (0.45, 0.24), (0.27, 0.24), (0.02, 0.14)],
        [(0.26, 0.05), (0.46, 0.05), (0.46, 0.27), (0.26, 0.27)],
        [(0.02, 0.6), (0.16, 0.5), (0.2, 0.92), (0.1, 0.92)],
        [(0.7, 0.6), (0.56, 0.5), (0.52, 0.92), (0.62, 0.92)],
    )
    return canvas.texture()


def _rear_low(rng: np.random.Generator, paint: Rgb, scooter: bool) -> Picture:
    canvas = Canvas(0.72, 0.95, 200, _DARK)
    wide = 0.22 if scooter else 0.14
    tail = [(0.36 - wide, 0.08), (0.36 + wide, 0.08), (0.36 + wide * 0.9, 0.34), (0.36 - wide * 0.9, 0.34)]
    canvas.poly(tail, metal(rng, (40, 30), paint))
    canvas.rect(0.26, 0.12, 0.46, 0.2, (170, 14, 18))
    for x in (0.13, 0.59):
        canvas.disc(x, 0.2, 0.035, (226, 130, 30))
    canvas.rect(0.29, 0.5, 0.43, 0.95, (18, 18, 19))
    canvas.rect(0.5, 0.6, 0.6, 0.74, (130, 132, 136))
    canvas.keep(
        tail,
        [(0.28, 0.2), (0.44, 0.2), (0.43, 0.95), (0.29, 0.95)],
        [(0.09, 0.17), (0.63, 0.17), (0.63, 0.23), (0.09, 0.23)],
        [(0.5, 0.6), (0.6, 0.6), (0.6, 0.74), (0.5, 0.74)],
    )
    return canvas.texture()


def _rider(rng: np.random.Generator, shirt: Rgb, helmet: Rgb, *, from_front: bool) -> Picture:
    canvas = Canvas(0.76, 1.04, 160, metal(rng, (60, 60), shirt, top=1.1, bottom=0.7))
    body = [(0.17, 0.34), (0.59, 0.34), (0.62, 0.8), (0.14, 0.8)]
    arms = (
        [(0.17, 0.34), (0.06, 0.62), (0.1, 0.72), (0.24, 0.6)],
        [(0.59, 0.34), (0.7, 0.62), (0.66, 0.72), (0.52, 0.6)],
    )
    legs = (
        [(0.14, 0.72), (0.3, 0.72), (0.2, 1.04), (0.06, 1.04)],
        [(0.46, 0.72), (0.62, 0.72), (0.7, 1.04), (0.56, 1.04)],
    )
    for leg in legs:
        canvas.poly(leg, (44, 50, 66))
    canvas.line([(0.38, 0.36), (0.38, 0.8)], tuple_of(np.array(shirt, np.uint8), 0.75), 0.015)
    head = [
        (0.26, 0.0),
        (0.5, 0.0),
        (0.53, 0.14),
        (0.5, 0.3),
        (0.44, 0.35),
        (0.32, 0.35),
        (0.26, 0.3),
        (0.23, 0.14),
    ]
    canvas.poly(head, metal(rng, (30, 40), helmet))
    if from_front:
        canvas.poly(
            [(0.27, 0.12), (0.49, 0.12), (0.48, 0.26), (0.28, 0.26)],
            (22, 24, 30) if rng.random() < 0.6 else _SKIN,
        )
    canvas.keep(body, *arms, *legs, head)
    return canvas.texture()


def _along(rng: np.random.Generator, paint: Rgb, shirt: Rgb, helmet: Rgb, scooter: bool) -> list[Quad]:
    """The view from the side, front to the right."""
    canvas = Canvas(1.95, 1.62, 130, _DARK)
    torso = [(0.78, 0.34), (0.98, 0.3), (1.06, 0.72), (0.98, 0.98), (0.68, 0.98)]
    arm = [(0.9, 0.4), (1.0, 0.42), (1.32, 0.74), (1.3, 0.8), (0.92, 0.66)]
    leg = [(0.76, 0.88), (1.2, 0.92), (1.24, 1.02), (1.08, 1.36), (0.98, 1.36), (1.06, 1.08), (0.74, 1.06)]
    body = [
        (0.12, 0.8),
        (0.9, 0.94),
        (1.34, 0.82),
        (1.4, 0.7),
        (1.5, 0.7),
        (1.66, 1.2),
        (1.5, 1.2),
        (1.3, 1.36),
        (0.6, 1.34),
        (0.3, 1.06),
    ]
    canvas.poly(body, (56, 58, 62))
    canvas.poly([(0.86, 0.86), (1.36, 0.8), (1.3, 1.04), (0.9, 1.02)], metal(rng, (40, 30), paint))
    if scooter:
        canvas.poly([(0.2, 0.86), (0.8, 0.92), (0.84, 1.2), (0.3, 1.26)], metal(rng, (40, 30), paint))
    canvas.poly(torso, metal(rng, (30, 50), shirt))
    canvas.poly(arm, tuple_of(np.array(shirt, np.uint8), 0.85))
    canvas.poly(leg, (44, 50, 66))
    canvas.disc(0.93, 0.17, 0.16, helmet)
    for x in (0.34, 1.6):
        wheel(canvas, x, 1.31, 0.3)
    canvas.keep(torso, arm, leg, body)
    canvas.keep_disc(0.93, 0.17, 0.16)
    for x in (0.34, 1.6):
        canvas.keep_disc(x, 1.31, 0.3)
    return both_flanks((-0.98, 0.97), (0.0, 1.62), (0.05, 0.05), canvas.texture())
