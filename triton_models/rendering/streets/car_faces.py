"""The faces of a car as pictures: nose, tail, flanks, windows."""

from __future__ import annotations

import numpy as np

from triton_models.rendering.streets.shapes import Canvas, wheel
from triton_models.rendering.streets.surfaces import Picture, Rgb, glass, metal

_DARK: Rgb = (26, 27, 29)


def front_face(rng: np.random.Generator, canvas: Canvas, width: float) -> float:
    """Grille, lamps, bumper; returns how far down the plate's middle is."""
    height = canvas.size_wh[1] / canvas.scale
    lamp = 0.15 * float(rng.uniform(0.8, 1.2))
    canvas.rect(0, height - 0.17, width, height, _DARK)
    grille = float(rng.uniform(0.24, 0.36)) * width
    middle = width / 2
    canvas.poly(
        [
            (middle - grille, 0.08),
            (middle + grille, 0.08),
            (middle + grille * 0.85, 0.24),
            (middle - grille * 0.85, 0.24),
        ],
        _DARK,
    )
    for row in np.arange(0.1, 0.24, 0.04):
        canvas.line([(middle - grille * 0.9, row), (middle + grille * 0.9, row)], (96, 98, 102), 0.012)
    canvas.disc(middle, 0.16, 0.05, (190, 192, 196))
    for side in (0, 1):
        x0, x1 = (0.02, 0.3) if side == 0 else (width - 0.3, width - 0.02)
        canvas.poly(
            [(x0, 0.06 + 0.04 * side), (x1, 0.1 - 0.04 * side), (x1, 0.08 + lamp), (x0, 0.08 + lamp)],
            (206, 212, 218),
        )
        canvas.disc((x0 + x1) / 2, 0.09 + lamp / 2, lamp * 0.36, (248, 250, 252))
    mouth = height - 0.3
    canvas.poly(
        [
            (middle - 0.5, mouth - 0.12),
            (middle + 0.5, mouth - 0.12),
            (middle + 0.42, mouth + 0.1),
            (middle - 0.42, mouth + 0.1),
        ],
        _DARK,
    )
    for fog in (0.2, width - 0.2):
        canvas.disc(fog, height - 0.27, 0.06, _DARK)
        canvas.disc(fog, height - 0.27, 0.04, (200, 204, 206))
    return mouth


def rear_face(rng: np.random.Generator, canvas: Canvas, width: float) -> float:
    height = canvas.size_wh[1] / canvas.scale
    canvas.rect(0, height - 0.18, width, height, _DARK)
    canvas.line([(0.0, height - 0.3), (width, height - 0.3)], _DARK, 0.012)
    wide = float(rng.uniform(0.2, 0.36))
    for x0, x1 in ((0.02, wide), (width - wide, width - 0.02)):
        canvas.rect(x0, 0.1, x1, 0.32, (150, 14, 18))
        canvas.rect(x0, 0.2, x1, 0.25, (226, 190, 150))
    canvas.rect(width / 2 - 0.38, 0.28, width / 2 + 0.38, 0.5, tuple_of(canvas.picture[4, 4], 0.55))
    canvas.disc(width / 2, 0.16, 0.045, (200, 202, 206))
    canvas.write(
        ("VXI", "ZXI", "SX", "VDI", "TURBO", "LXI")[int(rng.integers(6))],
        width * 0.74,
        0.36,
        0.045,
        (196, 198, 200),
    )
    return 0.39


def tuple_of(colour: Picture, factor: float) -> Rgb:
    return int(colour[0] * factor), int(colour[1] * factor), int(colour[2] * factor)


def flank(sheet: Picture, length: float, belt: float) -> Picture:
    canvas = Canvas(length, belt, 110, sheet)
    for x in (length * 0.28, length * 0.5, length * 0.72):
        canvas.line([(x, 0.02), (x, belt - 0.25)], (40, 42, 46), 0.012)
    for x in (length * 0.36, length * 0.58):
        canvas.rect(x, 0.1, x + 0.16, 0.13, (60, 62, 66))
    canvas.rect(0, belt - 0.24, length, belt, _DARK)
    radius, places = 0.31, (length * 0.19, length * 0.81)
    for x in places:
        canvas.disc(x, belt - radius, radius * 1.14, (12, 12, 13))
        wheel(canvas, x, belt - radius, radius)
    canvas.keep(
        [
            (0.03, 0.02),
            (0.2, 0.0),
            (length - 0.25, 0.0),
            (length, 0.24),
            (length, belt - 0.2),
            (0, belt - 0.2),
        ]
    )
    for x in places:
        canvas.keep_disc(x, belt - radius, radius)
    return canvas.texture()


def cabin(
    rng: np.random.Generator, sheet: Picture, y: tuple[float, float, float, float], height: float
) -> Picture:
    """Side windows; y of the rear window's foot and top, the windscreen's top and foot."""
    foot_rear, top_rear, top_front, foot_front = (value - y[0] for value in y)
    canvas = Canvas(foot_front, height, 110, sheet)
    pane = glass(rng, (60, 40))
    canvas.poly(
        [
            (foot_rear + 0.12, height),
            (top_rear + 0.08, 0.07),
            (top_front - 0.06, 0.07),
            (foot_front - 0.14, height),
        ],
        pane,
    )
    for share in (0.33, 0.62):
        x = foot_front * share
        canvas.rect(x - 0.035, 0.05, x + 0.035, height, tuple_of(sheet[10, 10], 0.6))
    canvas.keep([(foot_rear, height), (top_rear, 0), (top_front, 0), (foot_front, height)])
    return canvas.texture()


def hood(rng: np.random.Generator, colour: Rgb) -> Picture:
    canvas = Canvas(1.6, 0.9, 120, metal(rng, (160, 90), colour, top=0.96, bottom=1.14))
    for x in (0.35, 1.25):
        canvas.line([(x, 0.0), (0.8 + (x - 0.8) * 0.75, 0.9)], tuple_of(canvas.picture[40, 80], 0.8), 0.015)
    return canvas.picture


def windscreen(rng: np.random.Generator, half: float) -> Picture:
    width = 2 * half
    canvas = Canvas(width, 0.75, 120, glass(rng, (160, 80)))
    for x in (width * 0.27, width * 0.73):
        canvas.disc(x, 0.42, 0.1, (24, 25, 28))
        canvas.poly([(x - 0.22, 0.75), (x - 0.16, 0.52), (x + 0.16, 0.52), (x + 0.22, 0.75)], (30, 31, 34))
    canvas.disc(width * 0.73, 0.4, 0.075, (92, 66, 52))
    canvas.line([(width * 0.2, 0.74), (width * 0.52, 0.68)], _DARK, 0.02)
    for left in (0.0, width - 0.06):
        canvas.rect(left, 0, left + 0.06, 0.75, _DARK)
    return canvas.picture


def rear_glass(rng: np.random.Generator, sheet: Picture, half: float) -> Picture:
    width = 2 * half
    canvas = Canvas(width, 0.55, 120, sheet)
    canvas.rect(0.12, 0.05, width - 0.12, 0.48, glass(rng, (120, 50)))
    for y in np.arange(0.1, 0.46, 0.05):
        canvas.line([(0.16, y), (width - 0.16, y)], (58, 52, 50), 0.006)
    return canvas.picture
