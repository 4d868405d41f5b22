"""What stands still: a road with its markings and kerbs, and what lies beside it, seen by one view."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from triton_models.rendering.streets import surfaces, textured
from triton_models.rendering.streets.camera import Floats, View
from triton_models.rendering.streets.light import Light
from triton_models.rendering.streets.shapes import Canvas, normal_of
from triton_models.rendering.streets.surfaces import Picture, Rgb
from triton_models.rendering.streets.textured import Pyramid, cut_out, opaque

_FAR_M = 90.0
_SIGNS = (
    "MEDICAL",
    "SRI SAI STORES",
    "TEA STALL",
    "MOBILE WORLD",
    "HOTEL",
    "TAILORS",
    "BAKERY",
    "TYRES",
    "SWEETS",
    "XEROX",
)
_WALLS: tuple[Rgb, ...] = (
    (206, 186, 150),
    (190, 120, 92),
    (150, 170, 176),
    (214, 208, 190),
    (176, 150, 170),
    (140, 160, 130),
)


@dataclass(frozen=True)
class Road:
    """`lanes` are the x of their middles in metres; the asphalt spans left to right."""

    left_m: float
    right_m: float
    lanes: tuple[float, ...]


def background(rng: np.random.Generator, view: View, road: Road, light: Light) -> NDArray[np.uint8]:
    """The street without vehicles, RGB; drawn at twice the size and averaged down."""
    large = view.scaled(2.0)
    frame = _sky(rng, large, light)
    paint = _Painter(frame, large, light)
    paint(
        _flat((-60, 60), (0.5, _FAR_M)),
        surfaces.tinted(
            (122, 106, 84),
            1 + surfaces.clouds(rng, (512, 512), (40, 60)) * 0.07 + surfaces.grain(rng, (512, 512)) * 0.06,
        ),
    )
    _houses(rng, paint, road)
    _asphalt(rng, paint, road)
    _kerbs(rng, paint, road)
    _trees(rng, paint, road)
    width, height = view.size_wh
    small = cv2.resize(frame, (width, height), interpolation=cv2.INTER_AREA)
    return np.asarray(small, np.uint8)


class _Painter:
    def __init__(self, frame: NDArray[np.uint8], view: View, light: Light) -> None:
        self._frame, self._view, self._light = frame, view, light

    def __call__(self, corners: Floats, texture: NDArray[np.uint8], *, both_sides: bool = True) -> None:
        rgba = texture if texture.shape[2] == 4 else opaque(texture)
        shine = self._light.on(normal_of(corners))
        textured.paint(
            self._frame, self._view, corners, Pyramid.of(textured.lit(rgba, shine)), both_sides=both_sides
        )


def _sky(rng: np.random.Generator, view: View, light: Light) -> NDArray[np.uint8]:
    width, height = view.size_wh
    bright = float(np.mean(light.ambient)) if light.lamps_on else 1.0
    rows = np.linspace(0.82, 1.0, height, dtype=np.float32)[:, None] * bright + np.zeros(
        (1, width), np.float32
    )
    return surfaces.tinted((198, 212, 226), rows * (1 + surfaces.clouds(rng, (width, height), (6, 8)) * 0.03))


def _flat(x: tuple[float, float], y: tuple[float, float], z: float = 0.0) -> Floats:
    return np.array([[x[0], y[1], z], [x[1], y[1], z], [x[1], y[0], z], [x[0], y[0], z]], np.float64)


def _asphalt(rng: np.random.Generator, paint: _Painter, road: Road) -> None:
    """In two lengths: near the camera with more detail."""
    tone = int(rng.integers(84, 122))
    for near, far, pixels in ((1.0, 30.0, 60), (30.0, _FAR_M, 24)):
        width, length = road.right_m - road.left_m, far - near
        size = (max(round(width * pixels), 16), round(length * pixels))
        canvas = Canvas(width, length, pixels, surfaces.asphalt(rng, size, tone))
        _markings(canvas, road, near, far)
        paint(_flat((road.left_m, road.right_m), (near, far), 0.001), canvas.picture)


def _markings(canvas: Canvas, road: Road, near: float, far: float) -> None:
    white: Rgb = (196, 196, 188)
    length = far - near
    for x in (0.25, road.right_m - road.left_m - 0.25):
        canvas.rect(x - 0.05, 0, x + 0.05, length, white)
    for one, other in zip(road.lanes[:-1], road.lanes[1:], strict=True):
        x = (one + other) / 2 - road.left_m
        for start in np.arange(-near % 3.0, length, 3.0):
            canvas.rect(x - 0.05, length - start - 1.6, x + 0.05, length - start, white)
    for lane in road.lanes:
        for wheel_x in (-0.7, 0.7):
            # Where tyres roll the asphalt is polished and dark.
            x0, x1 = (round((lane - road.left_m + wheel_x + side) * canvas.scale) for side in (-0.22, 0.22))
            band = canvas.picture[:, max(x0, 0) : max(x1, 0)]
            band[:] = (band * 0.93).astype(np.uint8)


def _kerbs(rng: np.random.Generator, paint: _Painter, road: Road) -> None:
    """Black and yellow (or white) stones, and the pavement behind them."""
    bright: Rgb = (206, 170, 50) if rng.random() < 0.6 else (206, 206, 200)
    for x, out in ((road.left_m, -1.0), (road.right_m, 1.0)):
        canvas = Canvas(60.0, 0.22, 24, (44, 44, 46))
        for start in np.arange(0.0, 60.0, 1.2):
            canvas.rect(start, 0, start + 0.6, 0.22, bright)
        stone = opaque(
            (canvas.picture * (1 + surfaces.grain(rng, canvas.size_wh)[..., None] * 0.05).clip(0.6, 1.2))
            .clip(0, 255)
            .astype(np.uint8)
        )
        face = np.array([[x, 61.0, 0.2], [x, 1.0, 0.2], [x, 1.0, 0.0], [x, 61.0, 0.0]])
        paint(face, stone)
        reach = sorted((x, x + out * 1.8))
        slabs = surfaces.bricks(rng, (160, 900), (150, 142, 132))
        paint(_flat((reach[0], reach[1]), (1.0, 61.0), 0.2), slabs)


def _houses(rng: np.random.Generator, paint: _Painter, road: Road) -> None:
    """Rows of shops along both sides, and a wall across the far end."""
    end = float(rng.uniform(34, 70))
    paint(_upright((-30.0, end), (30.0, end), 7.0), _shop_row(rng, 60.0, 7.0))
    for x, left in ((road.left_m - 2.2, True), (road.right_m + 2.2, False)):
        start = 2.0
        while start < end:
            long, high = float(rng.uniform(5, 9)), float(rng.uniform(3.2, 7.5))
            texture = _shop_row(rng, long, high)
            near, far = (x, start), (x, start + long)
            paint(_upright(near, far, high) if left else _upright(far, near, high), texture)
            start += long + (float(rng.uniform(1, 5)) if rng.random() < 0.3 else 0.0)


def _upright(start: tuple[float, float], stop: tuple[float, float], height: float) -> Floats:
    """A wall from its left foot to its right foot."""
    return np.array([[*start, height], [*stop, height], [*stop, 0.0], [*start, 0.0]], np.float64)


def _shop_row(rng: np.random.Generator, length: float, height: float) -> Picture:
    wall = _WALLS[int(rng.integers(len(_WALLS)))]
    canvas = Canvas(length, height, 44 if length < 20 else 24, surfaces.bricks(rng, (320, 160), wall))
    x = 0.3
    while x + 2.6 < length:
        door: Rgb = ((90, 110, 130), (120, 124, 128), (60, 96, 80), (130, 80, 60))[int(rng.integers(4))]
        canvas.rect(x, height - 2.4, x + 2.4, height, door if rng.random() < 0.6 else (46, 42, 40))
        for y in np.arange(height - 2.4, height, 0.12):
            canvas.line(
                [(x, y), (x + 2.4, y)], (int(door[0] * 0.8), int(door[1] * 0.8), int(door[2] * 0.8)), 0.015
            )
        board: Rgb = ((170, 36, 36), (30, 70, 140), (220, 180, 40), (24, 110, 60), (230, 228, 220))[
            int(rng.integers(5))
        ]
        canvas.rect(x, height - 3.1, x + 2.4, height - 2.5, board)
        ink: Rgb = (240, 238, 230) if sum(board) < 420 else (40, 30, 60)
        canvas.write(_SIGNS[int(rng.integers(len(_SIGNS)))], x + 1.2, height - 2.92, 0.24, ink)
        for y in np.arange(height - 4.9, 0.3, -1.9):
            canvas.rect(x + 0.5, y, x + 1.7, y + 1.1, surfaces.glass(rng, (20, 20), 60))
        x += 2.7
    return canvas.picture


def _trees(rng: np.random.Generator, paint: _Painter, road: Road) -> None:
    for _ in range(int(rng.integers(2, 6))):
        side = -1.0 if rng.random() < 0.5 else 1.0
        x = (road.left_m - 1.3) if side < 0 else (road.right_m + 1.3)
        y, size = float(rng.uniform(12, 40)), float(rng.uniform(2.2, 4.0))
        trunk = surfaces.tinted((84, 64, 48), 1 + surfaces.grain(rng, (16, 64)) * 0.12)
        paint(_upright((x - 0.12, y), (x + 0.12, y), 2.4), trunk)
        picture, alpha = surfaces.leaves(rng, 220)
        crown = np.array(
            [
                [x - size / 2, y, 1.6 + size],
                [x + size / 2, y, 1.6 + size],
                [x + size / 2, y, 1.6],
                [x - size / 2, y, 1.6],
            ]
        )
        paint(crown, cut_out(picture, alpha))
