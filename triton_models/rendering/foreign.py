"""Plates of other countries, roughly: what a reader must see so that it does not force every plate into
India's formats.

Two kinds: letters and figures in any grouping, drawn in Indian styles; and the Gulf's plates, where a
code letter and a country name (which is no part of the number) stand above or beside the figures.
"""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np
from numpy.typing import NDArray

from triton_models.rendering.faces import Face, Glyph, faces_of, glyph
from triton_models.rendering.numbers import Registration
from triton_models.rendering.plates import RenderedPlate, Xyxy, draw_plate
from triton_models.rendering.styles import Rgb, random_style

_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_ROUND = "CDOQQQ"
"""Small letters that a camera hardly tells apart: shown more often, so that what differs is learned, and
most often the one that differs least from the others."""
_ROUND_SHARE = 0.6
_GULF_SHARE = 0.7
_COUNTRIES = ("DUBAI", "UAE", "SHARJAH", "AJMAN", "ABUDHABI", "QATAR", "OMAN", "KUWAIT", "BAHRAIN", "KSA")
_GROUNDS: tuple[Rgb, ...] = ((232, 232, 228), (222, 224, 228), (238, 236, 224))


def foreign_plate(rng: np.random.Generator, *, height_px: int = 96) -> RenderedPlate:
    """A random plate that fits none of India's series."""
    if rng.random() < _GULF_SHARE:
        return _gulf_plate(rng, height_px)
    registration = Registration(_groups(rng), "unknown")
    lines = 1 if len(registration.parts) < 2 or rng.random() < 0.6 else 2
    return draw_plate(registration, random_style(rng, lines=lines), rng, height_px)


def _groups(rng: np.random.Generator) -> tuple[str, ...]:
    shapes = ("A9", "AA9", "AAA9", "A9A", "AA9A", "9A", "9A9", "A9AA")
    shape = shapes[int(rng.integers(len(shapes)))]
    groups: list[str] = []
    for kind in ("".join(run) for run in _runs(shape)):
        alphabet = _LETTERS if kind[0] == "A" else "0123456789"
        length = len(kind) if kind[0] == "A" else int(rng.integers(1, 5))
        groups.append("".join(rng.choice(list(alphabet), length)))
    return tuple(groups)


def _runs(shape: str) -> list[list[str]]:
    runs: list[list[str]] = []
    for character in shape:
        if runs and runs[-1][0] == character:
            runs[-1].append(character)
        else:
            runs.append([character])
    return runs


def _gulf_plate(rng: np.random.Generator, height_px: int) -> RenderedPlate:
    """Code letter and country name above the figures, or in one row with them."""
    two_lines = bool(rng.random() < 0.65)
    aspect = float(rng.uniform(1.6, 2.5) if two_lines else rng.uniform(4.0, 4.8))
    width_px = round(height_px * aspect)
    ground = np.array(_GROUNDS[int(rng.integers(len(_GROUNDS)))], np.float32)
    picture = np.broadcast_to(ground * float(rng.uniform(0.8, 1.05)), (height_px, width_px, 3)).copy()
    # Most codes have given out all their short numbers.
    figures = "".join(rng.choice(list("0123456789"), 5 if rng.random() < 0.6 else int(rng.integers(2, 6))))
    ink: Rgb = (20, 20, 24) if rng.random() < 0.85 else (150, 24, 30)
    stub = float(rng.uniform(-0.15, 0.1)) if rng.random() < 0.6 else None
    writer = _Writer(picture, face=_any_of(rng, faces_of("plate") + faces_of("wide")), ink=ink, stub=stub)
    if two_lines:
        _above(writer, picture, rng, _code(rng), figures)
    else:
        _beside(writer, picture, rng, _code(rng), figures)
    if rng.random() < 0.75:
        _framed(picture, rng, ink)
    size_mm = (110.0 * aspect, 110.0)
    image = np.clip(picture, 0, 255).astype(np.uint8)
    return RenderedPlate(image, tuple(writer.characters), 1 + two_lines, "white", "private", size_mm)


def _code(rng: np.random.Generator) -> str:
    letters = _ROUND if rng.random() < _ROUND_SHARE else _LETTERS
    return "".join(rng.choice(list(letters), 1 if rng.random() < 0.8 else 2))


def _any_of(rng: np.random.Generator, faces: tuple[Face, ...]) -> Face:
    return faces[int(rng.integers(len(faces)))]


def _framed(picture: NDArray[np.float32], rng: np.random.Generator, ink: Rgb) -> None:
    """A line around the plate, at times well within it: many stand in a pale holder."""
    height, width = picture.shape[:2]
    across, down = (max(2, round(float(rng.uniform(0.02, 0.11)) * height)) for _ in range(2))
    far = (width - 1 - across, height - 1 - down)
    cv2.rectangle(picture, (across, down), far, ink, max(1, round(height * float(rng.uniform(0.01, 0.04)))))


def _above(
    writer: _Writer, picture: NDArray[np.float32], rng: np.random.Generator, code: str, figures: str
) -> None:
    """Country name and code letter above, on either side, the figures below."""
    height_px, width_px = picture.shape[:2]
    wide = float(rng.uniform(0.14, 0.22)) * width_px
    right = float(rng.uniform(0.62, 0.92)) * width_px
    name = (0.08, 0.1, float(rng.uniform(0.3, 0.5)), float(rng.uniform(0.24, 0.36)))
    if rng.random() < 0.25:
        right = float(rng.uniform(0.08, 0.2)) * width_px + wide
        name = (float(rng.uniform(0.5, 0.62)), 0.1, float(rng.uniform(0.8, 0.94)), name[3])
    code_cap, code_y = float(rng.uniform(0.17, 0.3)), float(rng.uniform(0.08, 0.16))
    writer.write(
        code,
        line=0,
        cap=code_cap * height_px,
        x_range=(right - wide, right),
        y=code_y * height_px,
        stretch=float(rng.uniform(0.85, 1.6)),
    )
    _country(picture, rng, name, writer.ink)
    figures_y = max(float(rng.uniform(0.4, 0.52)), code_y + code_cap + 0.03) * height_px
    inset = float(rng.uniform(0.08, 0.26)) * width_px
    cap = float(rng.uniform(0.3, 0.44)) * height_px
    writer.write(figures, line=1, cap=cap, x_range=(inset, width_px - inset), y=figures_y)


def _beside(
    writer: _Writer, picture: NDArray[np.float32], rng: np.random.Generator, code: str, figures: str
) -> None:
    """Code letter, country name and figures in one row."""
    height, width = picture.shape[:2]
    stretch = float(rng.uniform(0.85, 1.4))
    writer.write(
        code, line=0, cap=0.6 * height, x_range=(0.05 * width, 0.2 * width), y=0.2 * height, stretch=stretch
    )
    _country(picture, rng, (0.24, 0.2, 0.4, 0.8), writer.ink)
    writer.write(figures, line=0, cap=0.62 * height, x_range=(0.44 * width, 0.95 * width), y=0.19 * height)


class _Writer:
    """Puts texts on a picture and keeps where each character stands."""

    def __init__(
        self, picture: NDArray[np.float32], *, face: Face, ink: Rgb, stub: float | None = None
    ) -> None:
        """`stub`: how far a Q's tail stands out of its ring, in heights; None for the typeface's own Q."""
        self._picture = picture
        self._stub = stub
        self._face = face
        self.ink = ink
        self._ink = np.array(ink, np.float32)
        self.characters: list[tuple[str, Xyxy, int]] = []

    def write(
        self,
        text: str,
        *,
        line: int,
        cap: float,
        x_range: tuple[float, float],
        y: float,
        stretch: float = 1.0,
    ) -> None:
        """The text in the middle of its range, `stretch` times as wide as its typeface has it, narrowed
        where it would not fit."""
        shapes = [self._shape(character) for character in text]
        natural = sum(shape.advance for shape in shapes) * cap
        squeeze = min(stretch, (x_range[1] - x_range[0]) / natural)
        pen = (x_range[0] + x_range[1] - natural * squeeze) / 2
        for character, shape in zip(text, shapes, strict=True):
            across, down = max(1, round(shape.width * cap * squeeze)), max(1, round(shape.height * cap))
            x0, y0 = round(pen + shape.bearing * cap * squeeze), round(y + shape.top * cap)
            self._ink_in(cv2.resize(shape.mask, (across, down), interpolation=cv2.INTER_AREA), x0, y0)
            box = (float(x0), float(y0), float(x0 + across), float(y0 + down))
            self.characters.append((character, box, line))
            pen += shape.advance * cap * squeeze

    def _shape(self, character: str) -> Glyph:
        if character != "Q" or self._stub is None:
            return glyph(self._face, character)
        ring = glyph(self._face, "O")
        height, width = ring.mask.shape
        stroke = max(4, round(_stroke_px(ring.mask) * 0.9))
        mask = ring.mask.copy()
        reach = 1.0 + self._stub
        end = (round(min(0.97, 0.92 * reach) * width), round(min(0.99, 0.94 * reach) * height))
        cv2.line(mask, (round(0.6 * width), round(0.62 * height)), end, 255, stroke)
        return replace(ring, mask=mask)

    def _ink_in(self, mask: NDArray[np.generic], x0: int, y0: int) -> None:
        height, width = self._picture.shape[:2]
        left, top = max(x0, 0), max(y0, 0)
        right, bottom = min(x0 + mask.shape[1], width), min(y0 + mask.shape[0], height)
        if right <= left or bottom <= top:
            return
        alpha = mask[top - y0 : bottom - y0, left - x0 : right - x0].astype(np.float32)[..., None] / 255.0
        area = self._picture[top:bottom, left:right]
        area += (self._ink - area) * alpha


def _stroke_px(ring: NDArray[np.uint8]) -> float:
    """How thick the ring of an O is: its ink on the left half of its middle row."""
    row = ring[ring.shape[0] // 2, : ring.shape[1] // 2]
    return float((row > 127).sum())


def _country(
    picture: NDArray[np.float32], rng: np.random.Generator, part: tuple[float, float, float, float], ink: Rgb
) -> None:
    """The country's name, writing that is no part of the number: small print, a blur of it, or strokes
    and dots of a cursive script."""
    height, width = picture.shape[:2]
    x0, y0, x1, y1 = part[0] * width, part[1] * height, part[2] * width, part[3] * height
    kind = rng.random()
    if kind < 0.3:
        name = _Writer(picture, face=_any_of(rng, faces_of("plate")), ink=ink)
        cap = min(float(rng.uniform(0.09, 0.17)) * height, 0.9 * (y1 - y0))
        text = _COUNTRIES[int(rng.integers(len(_COUNTRIES)))]
        name.write(
            text, line=0, cap=cap, x_range=(x0, x1), y=y0 + float(rng.uniform(0, 0.4)) * (y1 - y0 - cap)
        )
        return
    if kind < 0.7:
        columns, rows = int(rng.integers(6, 16)), int(rng.integers(3, 5))
        block = (rng.random((rows, columns)) < 0.6).astype(np.float32)
        across, down = max(1, round(x1 - x0)), max(1, round((y1 - y0) * rng.uniform(0.5, 0.9)))
        mask = cv2.resize(block, (across, down), interpolation=cv2.INTER_LINEAR)[..., np.newaxis]
        there = picture[round(y0) : round(y0) + down, round(x0) : round(x0) + across]
        mask = mask[: there.shape[0], : there.shape[1]] * 0.8
        there[:] = there * (1 - mask) + np.array(ink, np.float32) * mask
        return
    thick = max(1, round(height * 0.03))
    for _ in range(int(rng.integers(2, 5))):
        points = np.stack([rng.uniform(x0, x1, 4), rng.uniform(y0, y1, 4)], 1)
        points = points[np.argsort(points[:, 0])]
        cv2.polylines(picture, [points.astype(np.int32)], isClosed=False, color=ink, thickness=thick)
    for _ in range(int(rng.integers(1, 5))):
        middle = (int(rng.uniform(x0, x1)), int(rng.uniform(y0, y1)))
        cv2.circle(picture, middle, thick, ink, -1)
