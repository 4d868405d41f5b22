"""Auto-rickshaws: random numbers in, a model with two plate mounts out."""

from __future__ import annotations

import numpy as np

from triton_models.rendering.streets.shapes import (
    Canvas,
    Lamp,
    Model,
    Mount,
    across,
    both_flanks,
    wheel,
)
from triton_models.rendering.streets.surfaces import Picture, Rgb, glass, metal
from triton_models.rendering.streets.textured import Quad, opaque

_DARK: Rgb = (24, 24, 26)
_SKIN: Rgb = (118, 80, 58)


def rickshaw(rng: np.random.Generator) -> Model:
    """An auto-rickshaw: black and yellow, or green and yellow where it burns gas."""
    lower: Rgb = ((30, 30, 32), (34, 110, 58), (214, 168, 34))[int(rng.choice(3, p=(0.4, 0.45, 0.15)))]
    canopy: Rgb = (222, 176, 40) if rng.random() < 0.75 else (30, 30, 32)
    half, height, length = 0.66, 1.72, 2.65
    front, rear, belt = length / 2, -length / 2, 0.95
    model = Model("auto-rickshaw", length, 2 * half, height, lower)
    nose = front - 0.35
    top = opaque(metal(rng, (60, 60), canopy, top=1.08, bottom=1.0))
    model.quads += both_flanks(
        (rear, nose),
        (0.0, height),
        (half, half * 0.93),
        _rickshaw_side(rng, nose - rear, height, lower, canopy),
    )
    model.quads += [
        across((half * 0.93, rear + 0.1, height), (half * 0.8, nose - 0.1, height), top),
        across(
            (half * 0.8, nose - 0.1, height),
            (half * 0.88, nose + 0.1, belt),
            _rickshaw_screen(rng, 2 * half, height - belt, canopy),
        ),
        across(
            (half * 0.88, nose + 0.1, belt),
            (half * 0.5, front, 0.2),
            _rickshaw_nose(rng, 2 * half, belt - 0.2, lower),
        ),
        across(
            (half * 0.93, rear + 0.1, height),
            (half, rear, 0.22),
            _rickshaw_rear(rng, 2 * half, height - 0.22, lower, canopy),
            "rear",
        ),
    ]
    model.quads += _cheeks(rng, lower, half, (nose, front), belt)
    model.mounts += [Mount((0.0, front + 0.02, 0.42), True), Mount((0.0, rear - 0.03, 0.42), False)]
    model.lamps.append(Lamp((0.0, front, 0.72), 0.09, (255, 240, 205), True))
    model.lamps += [Lamp((side * 0.5, rear, 0.6), 0.06, (255, 30, 20), False) for side in (-1.0, 1.0)]
    return model


def _cheeks(
    rng: np.random.Generator, lower: Rgb, half: float, y: tuple[float, float], belt: float
) -> list[Quad]:
    """The sides of the tapering nose, from `y` of the flanks' end to its tip."""
    sheet, (nose, front) = opaque(metal(rng, (40, 60), lower)), y
    edges = [[0.9, nose - 0.1, belt], [0.88, nose + 0.1, belt], [0.5, front, 0.2], [0.9, nose - 0.1, 0.2]]
    right, left = (np.array([[side * half * x, y, z] for x, y, z in edges]) for side in (1.0, -1.0))
    return [Quad(right, sheet), Quad(left[[1, 0, 3, 2]], sheet)]


def _rickshaw_side(
    rng: np.random.Generator, length: float, height: float, lower: Rgb, canopy: Rgb
) -> Picture:
    canvas = Canvas(length, height, 110, metal(rng, (60, 60), lower))
    canvas.rect(0, 0, length, 0.5, metal(rng, (60, 30), canopy))
    canvas.rect(0.62, 0.3, length - 0.12, 1.0, (34, 33, 32))
    canvas.poly([(1.0, 0.4), (1.25, 0.4), (1.3, 1.0), (0.95, 1.0)], (120, 116, 100))
    canvas.disc(1.12, 0.42, 0.12, _SKIN)
    canvas.rect(0.0, 1.06, length, 1.12, (214, 180, 50))
    wheel(canvas, 0.4, height - 0.22, 0.22)
    canvas.keep(
        [(0.1, 0), (length - 0.1, 0), (length, 0.75), (length, height - 0.2), (0, height - 0.2), (0, 0.7)]
    )
    canvas.keep_disc(0.4, height - 0.22, 0.22)
    return canvas.texture()


def _rickshaw_screen(rng: np.random.Generator, width: float, height: float, canopy: Rgb) -> Picture:
    canvas = Canvas(width, height, 160, metal(rng, (40, 30), canopy))
    canvas.rect(0.08, 0.14, width - 0.08, height - 0.03, glass(rng, (60, 40), 54))
    canvas.disc(width * 0.54, 0.4, 0.1, _SKIN)
    canvas.poly(
        [
            (width * 0.4, height - 0.03),
            (width * 0.44, 0.52),
            (width * 0.64, 0.52),
            (width * 0.7, height - 0.03),
        ],
        (128, 120, 96),
    )
    canvas.line([(width / 2, 0.14), (width / 2, height)], _DARK, 0.025)
    return canvas.texture()


def _rickshaw_nose(rng: np.random.Generator, width: float, height: float, lower: Rgb) -> Picture:
    canvas = Canvas(width, height, 180, metal(rng, (60, 60), lower))
    canvas.disc(width / 2, 0.2, 0.15, (150, 152, 156))
    canvas.disc(width / 2, 0.2, 0.12, (222, 226, 230))
    for x in (0.22, width - 0.22):
        canvas.disc(x, 0.16, 0.06, (226, 130, 30))
    canvas.line([(0.1, 0.02), (width - 0.1, 0.02)], (214, 180, 50), 0.04)
    canvas.rect(width * 0.3, height - 0.12, width * 0.7, height, _DARK)
    return canvas.texture()


def _rickshaw_rear(rng: np.random.Generator, width: float, height: float, lower: Rgb, canopy: Rgb) -> Picture:
    canvas = Canvas(width, height, 170, metal(rng, (60, 60), lower))
    canvas.rect(0, 0, width, 0.72, metal(rng, (60, 40), canopy))
    canvas.rect(0.36, 0.22, width - 0.36, 0.55, (52, 52, 54))
    canvas.write(
        ("AUTO", "CNG", "TAXI", "OM", "STOP")[int(rng.integers(5))], width / 2, 0.8, 0.12, (238, 214, 90)
    )
    for x in (0.13, width - 0.13):
        canvas.rect(x - 0.07, 1.05, x + 0.07, 1.24, (160, 16, 20))
        canvas.rect(x - 0.07, 1.0, x + 0.07, 1.05, (222, 130, 30))
    canvas.rect(0.0, height - 0.08, width, height, (40, 40, 42))
    return canvas.texture()
