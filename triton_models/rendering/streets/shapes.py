"""Building vehicles: metric drawing on textures, and the faces of a body as quads.

A vehicle's own axes: x to its right, y forward, z up; the origin is on the road under its middle.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Literal

import cv2
import numpy as np
from numpy.typing import NDArray

from contracts.messages.common import VehicleKind
from triton_models.rendering.faces import Face, glyph
from triton_models.rendering.hardware import stamp
from triton_models.rendering.streets.camera import Floats
from triton_models.rendering.streets.surfaces import Rgb
from triton_models.rendering.streets.textured import Quad, Texture, cut_out, opaque

_LETTERS = Face("arimo", 700, "plate")


@dataclass(frozen=True)
class Mount:
    """Where a plate is screwed on: its centre, and how far it leans back."""

    centre: tuple[float, float, float]
    front: bool
    lean: float = 0.0
    """Metres that the plate's top stands behind its bottom, a metre of height."""


@dataclass(frozen=True)
class Lamp:
    centre: tuple[float, float, float]
    radius_m: float
    colour: Rgb
    front: bool


@dataclass
class Model:
    """A vehicle of one kind, standing at the origin, heading along y."""

    kind: VehicleKind
    length: float
    width: float
    height: float
    colour: Rgb
    quads: list[Quad] = field(default_factory=list)
    mounts: list[Mount] = field(default_factory=list)
    lamps: list[Lamp] = field(default_factory=list)


class Canvas:
    """A picture with metric drawing; the origin is at its top-left, y runs down."""

    def __init__(
        self, width_m: float, height_m: float, px_per_m: float, ground: NDArray[np.uint8] | Rgb
    ) -> None:
        self.scale = px_per_m
        self.size_wh = (max(round(width_m * px_per_m), 4), max(round(height_m * px_per_m), 4))
        self.picture = np.empty((self.size_wh[1], self.size_wh[0], 3), np.uint8)
        if isinstance(ground, tuple):
            self.picture[:] = ground
        else:
            self.picture[:] = cv2.resize(ground, self.size_wh, interpolation=cv2.INTER_LINEAR)
        self.alpha = np.full(self.size_wh[::-1], 255, np.uint8)

    def rect(self, x0: float, y0: float, x1: float, y1: float, fill: Rgb | NDArray[np.uint8]) -> None:
        a, b, c, d = (round(value * self.scale) for value in (x0, y0, x1, y1))
        a, b, c, d = max(a, 0), max(b, 0), min(c, self.size_wh[0]), min(d, self.size_wh[1])
        if c <= a or d <= b:
            return
        if isinstance(fill, tuple):
            self.picture[b:d, a:c] = fill
        else:
            self.picture[b:d, a:c] = cv2.resize(fill, (c - a, d - b), interpolation=cv2.INTER_LINEAR)

    def poly(self, points: Iterable[Sequence[float]], fill: Rgb | NDArray[np.uint8]) -> None:
        outline = np.array([[x * self.scale * 8, y * self.scale * 8] for x, y in points]).astype(np.int32)
        if isinstance(fill, tuple):
            cv2.fillPoly(self.picture, [outline], fill, cv2.LINE_AA, 3)
            return
        mask = np.zeros(self.size_wh[::-1], np.uint8)
        cv2.fillPoly(mask, [outline], 255, cv2.LINE_8, 3)
        full = cv2.resize(fill, self.size_wh, interpolation=cv2.INTER_LINEAR)
        self.picture[mask > 0] = full[mask > 0]

    def disc(self, x: float, y: float, radius: float, fill: Rgb, stretch: float = 1.0) -> None:
        centre = (round(x * self.scale), round(y * self.scale))
        axes = (max(round(radius * stretch * self.scale), 1), max(round(radius * self.scale), 1))
        cv2.ellipse(self.picture, centre, axes, 0, 0, 360, fill, -1, cv2.LINE_AA)

    def line(self, points: Iterable[Sequence[float]], colour: Rgb, width_m: float) -> None:
        path = np.array([[x * self.scale, y * self.scale] for x, y in points]).astype(np.int32)
        cv2.polylines(self.picture, [path], False, colour, max(round(width_m * self.scale), 1), cv2.LINE_AA)

    def write(self, text: str, x: float, y: float, cap_m: float, colour: Rgb) -> None:
        """Letters centred at x, their tops at y."""
        widths = [glyph(_LETTERS, letter).advance if letter != " " else 0.4 for letter in text]
        pen = (x - sum(widths) * cap_m / 2) * self.scale
        for letter, width in zip(text, widths, strict=True):
            if letter != " ":
                shape = glyph(_LETTERS, letter)
                size = (shape.width * cap_m * self.scale, shape.height * cap_m * self.scale)
                stamp(self.picture, shape.mask, (pen, (y + shape.top * cap_m) * self.scale, *size), colour)
            pen += width * cap_m * self.scale

    def keep(self, *outlines: Iterable[Sequence[float]]) -> None:
        """Only what lies inside the outlines stays; the rest becomes a hole."""
        self.alpha[:] = 0
        for points in outlines:
            outline = np.array([[x * self.scale * 8, y * self.scale * 8] for x, y in points]).astype(np.int32)
            cv2.fillPoly(self.alpha, [outline], 255, cv2.LINE_AA, 3)

    def keep_disc(self, x: float, y: float, radius: float) -> None:
        centre = (round(x * self.scale), round(y * self.scale))
        cv2.circle(self.alpha, centre, max(round(radius * self.scale), 1), 255, -1, cv2.LINE_AA)

    def texture(self) -> Texture:
        return cut_out(self.picture, self.alpha) if self.alpha.min() < 255 else opaque(self.picture)


def across(
    top: tuple[float, float, float],
    bottom: tuple[float, float, float],
    texture: Texture,
    seen_from: Literal["front", "rear"] = "front",
) -> Quad:
    """A face over the vehicle's width; each edge as (half width, y, z)."""
    sign = 1.0 if seen_from == "front" else -1.0
    corners = [
        [sign * top[0], *top[1:]],
        [-sign * top[0], *top[1:]],
        [-sign * bottom[0], *bottom[1:]],
        [sign * bottom[0], *bottom[1:]],
    ]
    return Quad(np.array(corners, np.float64), texture)


def both_flanks(
    y: tuple[float, float], z: tuple[float, float], x: tuple[float, float], texture: Texture, pieces: int = 1
) -> list[Quad]:
    """Both sides: y (rear, front), z (bottom, top), half width x (bottom, top); the texture heads right.

    Long ones are cut into pieces, so that what is already behind the camera does not hide the rest.
    """
    quads = []
    columns = np.linspace(0, texture.shape[1], pieces + 1).round().astype(int)
    places = np.linspace(y[0], y[1], pieces + 1)
    for index in range(pieces):
        part = np.ascontiguousarray(texture[:, columns[index] : columns[index + 1]])
        rear, front = float(places[index]), float(places[index + 1])
        right = [[x[1], rear, z[1]], [x[1], front, z[1]], [x[0], front, z[0]], [x[0], rear, z[0]]]
        left = [[-x[1], front, z[1]], [-x[1], rear, z[1]], [-x[0], rear, z[0]], [-x[0], front, z[0]]]
        quads.append(Quad(np.array(right, np.float64), part))
        quads.append(Quad(np.array(left, np.float64), np.ascontiguousarray(part[:, ::-1])))
    return quads


def card(
    x: tuple[float, float],
    y: float,
    z: tuple[float, float],
    texture: Texture,
    seen_from: Literal["front", "rear"],
) -> Quad:
    """An upright card across the road: x (vehicle's left, right), z (bottom, top)."""
    left, right = (x[1], x[0]) if seen_from == "front" else (x[0], x[1])
    corners = [[left, y, z[1]], [right, y, z[1]], [right, y, z[0]], [left, y, z[0]]]
    return Quad(np.array(corners, np.float64), texture)


def tyres(model: Model, half: float, z_top: float, inset: float) -> list[Quad]:
    """What is seen of the tyres under the front and under the rear."""
    canvas = Canvas(2 * half, z_top, 80, (20, 20, 21))
    wide = 0.24 * half
    canvas.keep(
        *(
            [(x, 0.0), (x + wide, 0.0), (x + wide, z_top), (x, z_top)]
            for x in (0.08 * half, 1.92 * half - wide)
        )
    )
    shape = canvas.texture()
    return [
        card((-half, half), model.length / 2 - inset, (0.0, z_top), shape, "front"),
        card((-half, half), inset - model.length / 2, (0.0, z_top), shape, "rear"),
    ]


def wheel(canvas: Canvas, x: float, y: float, radius: float) -> None:
    canvas.disc(x, y, radius, (22, 22, 23))
    canvas.disc(x, y, radius * 0.62, (120, 122, 126))
    canvas.disc(x, y, radius * 0.5, (74, 76, 80))
    for angle in np.linspace(0, 2 * np.pi, 5, endpoint=False):
        tip = (x + float(np.cos(angle)) * radius * 0.55, y + float(np.sin(angle)) * radius * 0.55)
        canvas.line([(x, y), tip], (150, 152, 156), radius * 0.13)


def normal_of(corners: Floats) -> Floats:
    """Outward unit normal of a quad in its texture's order."""
    normal = np.cross(corners[3] - corners[0], corners[1] - corners[0])
    return np.asarray(normal / max(float(np.linalg.norm(normal)), 1e-9), np.float64)
