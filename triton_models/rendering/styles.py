"""How a plate looks: a vehicle and a generator of random numbers in, a style with measures in mm out.

Colours, sizes and strokes follow rules 50 and 51 of the Central Motor Vehicles Rules and the
notification of 16 July 2020; shops and painters follow them loosely, and so do the ranges here.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from contracts.messages.common import PlateColour
from contracts.messages.plate import SeriesKind
from triton_models.rendering.faces import FACE_GROUPS, Face, faces_of

PlateKind = Literal[
    "private", "private-electric", "commercial", "commercial-electric", "rental", "rental-electric",
    "military", "embassy", "consulate", "temporary", "dealer",
]  # fmt: skip
Rgb = tuple[int, int, int]
Join = Literal["space", "dash", "dot", "none", "wide"]

_WHITE, _BLACK, _YELLOW = (232, 232, 228), (18, 18, 20), (240, 186, 22)
_GREEN, _BLUE, _RED = (22, 128, 62), (24, 62, 150), (186, 26, 30)
KIND_COLOURS: dict[PlateKind, tuple[PlateColour, Rgb, Rgb]] = {
    "private": ("white", _WHITE, _BLACK),
    "private-electric": ("green", _GREEN, (238, 238, 235)),
    "commercial": ("yellow", _YELLOW, _BLACK),
    "commercial-electric": ("green", _GREEN, (244, 210, 40)),
    "rental": ("black", (26, 26, 28), (244, 206, 40)),
    "rental-electric": ("green", (30, 140, 72), _BLACK),
    "military": ("black", (24, 24, 26), (235, 235, 232)),
    "embassy": ("blue", _BLUE, (238, 238, 238)),
    "consulate": ("blue", _BLUE, (244, 206, 40)),
    "temporary": ("yellow", _YELLOW, (196, 24, 28)),
    "dealer": ("red", _RED, (238, 238, 235)),
}
"""The plate's colour class, its ground and its characters."""


@dataclass(frozen=True)
class PlateStyle:
    """Everything that decides a plate's look but the number itself. Lengths in mm."""

    kind: PlateKind
    width_mm: float
    height_mm: float
    lines: int
    face: Face
    cap_mm: float
    gap_mm: float
    stretch: float
    bolder: int
    join: Join
    ground: Rgb
    ink: Rgb
    high_security: bool
    border_mm: float
    corner_mm: float
    bolts: int
    emboss: float
    tilt_deg: float
    wobble: float
    wear: float
    trim: Literal["none", "frame", "band", "note", "chamfer"]
    split_series: bool
    """On two lines: the series letters stand on the first line, only the number on the second."""
    number_face: Face | None = None
    """Of the last group, where it is another than the rest's."""
    number_size: float = 1.0
    """Height of the last group's characters beside the others'."""
    number_stretch: float = 1.0
    mark: str | None = None
    """What stands between groups instead of the dash or dot of `join`."""
    emblem_mm: float = 0.0
    """Width of a painted field beside the number: on the left, on the right below 0."""
    heading_mm: float = 0.0
    """Height of a word above the number, which is no part of it."""
    series_size: float = 1.0
    """On two lines: height of series letters that stand before the number on the second, beside the number's.
    Auto-rickshaws of Karnataka have small ones."""
    series_rise: float = 0.0
    """How far those stand above the middle of their line, in heights of a capital."""
    divider: Rgb | None = None
    """Colour of a bar between the two lines."""

    @property
    def colour(self) -> PlateColour:
        return KIND_COLOURS[self.kind][0]


def random_style(
    rng: np.random.Generator, *, vehicle: str = "car", series: SeriesKind = "standard",
    kind: PlateKind | None = None, lines: int | None = None, rear: bool = True,
) -> PlateStyle:  # fmt: skip
    """A plate such as that vehicle bears."""
    kind = kind or _kind(rng, vehicle, series)
    lines = lines or _lines(rng, vehicle, series, rear)
    width, height = _size(rng, vehicle, lines)
    high_security = bool(rng.random() < (0.45 if kind not in ("military", "dealer", "temporary") else 0.1))
    face = _face(rng, high_security, vehicle)
    loose = 0.4 if high_security else 1.0
    ground, ink = KIND_COLOURS[kind][1:]
    dirt = float(rng.beta(1.2, 5))
    return PlateStyle(
        kind=kind, width_mm=width, height_mm=height, lines=lines, face=face,
        cap_mm=height * _cap_share(rng, lines, loose), gap_mm=height * float(rng.uniform(0.04, 0.11)) / lines,
        stretch=float(rng.normal(1.0, 0.09 * loose)), bolder=int(rng.integers(-1, 4)),
        join=_join(rng, high_security), ground=_shaken(rng, ground, 16), ink=_shaken(rng, ink, 12),
        high_security=high_security, border_mm=float(rng.uniform(2, 4.5)) if rng.random() < 0.75 else 0.0,
        corner_mm=float(rng.uniform(4, 12)), bolts=int(rng.choice(3, p=(0.25, 0.65, 0.1))),
        emboss=float(rng.uniform(0.4, 1.0)) if high_security or rng.random() < 0.35 else 0.0,
        tilt_deg=float(rng.normal(0, 0.5 * loose)),
        wobble=float(rng.uniform(0.2, 1.0)) if face.group == "painted" else 0.0,
        wear=dirt * (0.5 if high_security else 1.0), trim=_trim(rng, high_security, vehicle),
        split_series=bool(rng.random() < 0.35),
    )  # fmt: skip


def _kind(rng: np.random.Generator, vehicle: str, series: SeriesKind) -> PlateKind:
    if series == "military":
        return "military"
    if series == "temporary":
        return "temporary"
    if series == "diplomatic":
        return "embassy" if rng.random() < 0.7 else "consulate"
    draw = float(rng.random())
    if vehicle in ("truck", "bus", "auto-rickshaw"):
        electric = 0.12 if vehicle == "auto-rickshaw" else 0.05
        return (
            "commercial-electric"
            if draw < electric
            else "private"
            if draw < 0.12 + electric / 2
            else "commercial"
        )
    steps: tuple[tuple[float, PlateKind], ...] = (
        (0.05, "private-electric"), (0.13, "commercial"), (0.145, "rental"), (0.15, "dealer"),
        (0.155, "commercial-electric"), (0.158, "rental-electric"),
    )  # fmt: skip
    return next((kind for limit, kind in steps if draw < limit), "private")


def _lines(rng: np.random.Generator, vehicle: str, series: SeriesKind, rear: bool) -> int:
    if series == "temporary" and vehicle != "motorcycle":
        return 1 + int(rng.random() < 0.3)
    two = {"car": 0.07, "motorcycle": 0.93 if rear else 0.5, "auto-rickshaw": 0.8, "bus": 0.6, "truck": 0.72}
    return 1 + int(rng.random() < two.get(vehicle, 0.3))


def _size(rng: np.random.Generator, vehicle: str, lines: int) -> tuple[float, float]:
    """Rule 50's sizes, with what shops cut instead."""
    if lines == 1:
        by_vehicle = {"motorcycle": (285, 50), "auto-rickshaw": (340, 85)}
        width, height = by_vehicle.get(vehicle, (500, 120))
        spread = (0.06, 0.1)
    else:
        by_vehicle = {"motorcycle": (200, 100), "auto-rickshaw": (230, 120), "car": (340, 200)}
        width, height = by_vehicle.get(vehicle, (340, 200))
        spread = (0.05, 0.07)
    if rng.random() < 0.5:
        return float(width), float(height)
    return width * float(np.exp(rng.normal(0, spread[0]))), height * float(np.exp(rng.normal(0, spread[1])))


def _face(rng: np.random.Generator, high_security: bool, vehicle: str) -> Face:
    if high_security:
        weights = (0.86, 0.06, 0.08, 0.0, 0.0, 0.0, 0.0, 0.0)
    elif vehicle in ("truck", "auto-rickshaw"):
        weights = (0.41, 0.12, 0.14, 0.04, 0.05, 0.06, 0.13, 0.05)
    else:
        weights = (0.39, 0.12, 0.14, 0.11, 0.06, 0.08, 0.04, 0.06)
    faces = faces_of(FACE_GROUPS[int(rng.choice(len(FACE_GROUPS), p=weights))])
    return faces[int(rng.integers(len(faces)))]


def _cap_share(rng: np.random.Generator, lines: int, loose: float) -> float:
    """Height of a capital as a part of the plate's: 65 of 120 mm on a car."""
    middle = 0.55 if lines == 1 else 0.345
    return middle * float(np.clip(np.exp(rng.normal(0, 0.11 * loose)), 0.7, 1.25))


def _join(rng: np.random.Generator, high_security: bool) -> Join:
    joins: tuple[Join, ...] = ("space", "dash", "dot", "none", "wide")
    weights = (0.4, 0.0, 0.0, 0.5, 0.1) if high_security else (0.42, 0.14, 0.12, 0.24, 0.08)
    return joins[int(rng.choice(5, p=weights))]


def _trim(
    rng: np.random.Generator, high_security: bool, vehicle: str
) -> Literal["none", "frame", "band", "note", "chamfer"]:
    draw = float(rng.random())
    if draw < 0.15:
        return "frame"
    if high_security:
        return "none"
    if draw < 0.22:
        return "band"
    if draw < 0.3:
        return "note"
    return "chamfer" if vehicle in ("truck", "bus") and draw < 0.55 else "none"


def _shaken(rng: np.random.Generator, colour: Rgb, spread: float) -> Rgb:
    common, own = rng.normal(0, spread), rng.normal(0, spread / 3, 3)
    red, green, blue = (int(np.clip(colour[index] + common + own[index], 4, 250)) for index in range(3))
    return red, green, blue
