"""Where the characters of a plate stand: a registration and a style in, glyphs with places in mm out."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from triton_models.rendering.faces import Glyph, glyph
from triton_models.rendering.numbers import Registration
from triton_models.rendering.styles import PlateStyle

_NARROWEST = 0.6
_GROUP_GAP = {"space": 0.32, "wide": 0.62, "none": 0.05, "dash": 0.1, "dot": 0.08}
"""Between groups, in heights of a capital; a dash or dot has it on both sides."""


@dataclass(frozen=True)
class Placed:
    """A glyph on the plate, in mm from its top-left. `character` is None for dashes and dots."""

    glyph: Glyph
    character: str | None
    line: int
    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True)
class _Token:
    text: str
    character: str | None
    before: float
    """Gap in front, in heights of a capital."""
    number: bool = False
    """Of the last group, which a style may write in its own way."""
    size: float = 1.0
    rise: float = 0.0
    """How far it stands above the middle of its line, in heights of a capital."""


def split_lines(registration: Registration, style: PlateStyle) -> tuple[tuple[str, ...], ...]:
    """The groups a line: state and office above, series and number below, or only the number below."""
    parts = registration.parts
    if style.lines == 1 or len(parts) < 2:
        return (parts,)
    if len(parts) == 2:
        return parts[:1], parts[1:]
    if len(parts) == 3:
        return parts[:2], parts[2:]
    cut = 3 if style.split_series and registration.series in ("standard", "delhi") else 2
    return parts[:cut], parts[cut:]


def usable_area(style: PlateStyle) -> tuple[float, float, float, float]:
    """x0, y0, x1, y1 in mm that characters may fill: inside the border, right of the strip."""
    side = (
        style.border_mm + 0.035 * style.height_mm + (0.05 * style.height_mm if style.trim == "frame" else 0)
    )
    left = side + (strip_width(style) if style.high_security else 0.0) + max(style.emblem_mm, 0.0)
    right = style.width_mm - side + min(style.emblem_mm, 0.0)
    bottom = style.height_mm - side - (0.13 * style.height_mm if style.trim == "note" else 0.0)
    return left + 0.02 * style.width_mm, side + style.heading_mm, right - 0.02 * style.width_mm, bottom


def strip_width(style: PlateStyle) -> float:
    """Room for IND and the hologram at the left: 20 mm wide on a car's plate."""
    return min(0.2 * style.height_mm, 0.075 * style.width_mm)


def place(registration: Registration, style: PlateStyle, rng: np.random.Generator) -> list[Placed]:
    lines = split_lines(registration, style)
    x0, y0, x1, y1 = usable_area(style)
    leading = (y1 - y0) / len(lines)
    cap = min(style.cap_mm, leading * 0.86)
    spread = 0.94 if len(lines) > 1 else 1.0
    # A larger number on a line of its own takes room from the line above it.
    shares, middles = _rooms(len(lines), style.number_size)
    placed: list[Placed] = []
    for number, groups in enumerate(lines):
        middle = (y0 + y1) / 2 + middles[number] * leading * spread
        bigger = 1.12 if len(lines) == 2 and number == 1 and len(groups) == 1 and rng.random() < 0.5 else 1.0
        height = min(cap * bigger, leading * 0.92) * shares[number]
        if len(lines) == 1:
            height = min(height, leading * 0.92 / style.number_size)
        last = number == len(lines) - 1
        placed += _line(_tokens(groups, style, last=last), style, height, middle, (x0, x1), number, rng)
    return placed


def _rooms(lines: int, number_size: float) -> tuple[tuple[float, ...], tuple[float, ...]]:
    """Height and middle of each line, in equal heights of all lines, from the middle of all."""
    if lines == 1:
        return (1.0,), (0.0,)
    above, below = 2 / (1 + number_size), 2 * number_size / (1 + number_size)
    return (above, below), (-below / 2, above / 2)


def _tokens(groups: tuple[str, ...], style: PlateStyle, *, last: bool) -> list[_Token]:
    gap = _GROUP_GAP[style.join]
    tokens: list[_Token] = []
    for index, group in enumerate(groups):
        number = last and index == len(groups) - 1
        before_number = last and not number and style.lines == 2
        size, rise = (style.series_size, style.series_rise) if before_number else (1.0, 0.0)
        if index and style.join in ("dash", "dot"):
            tokens.append(_Token(style.mark or ("-" if style.join == "dash" else "."), None, gap))
        tokens += [
            _Token(character, character, gap if index and not position else 0.0, number, size, rise)
            for position, character in enumerate(group)
        ]
    return tokens


def _line(
    tokens: list[_Token], style: PlateStyle, cap: float, middle: float, span: tuple[float, float],
    line: int, rng: np.random.Generator,
) -> list[Placed]:  # fmt: skip
    written = [_written(token, style) for token in tokens]
    room = span[1] - span[0]
    pitch = [
        (token.before + shape.advance * size) * stretch * cap
        for token, (shape, stretch, size) in zip(tokens, written, strict=True)
    ]
    tracking = style.gap_mm * 0.5
    natural = sum(pitch) + tracking * (len(tokens) - 1)
    squeeze = min(1.0, room / natural)
    if squeeze < _NARROWEST:
        cap, squeeze_y = cap * squeeze / _NARROWEST, squeeze / _NARROWEST
    else:
        squeeze_y = 1.0
    if natural < 0.8 * room and rng.random() < 0.4:
        squeeze = min(1.18, 0.92 * room / natural)
    slack = room - natural * squeeze
    pen = span[0] + slack * (
        float(rng.uniform(0.4, 0.6)) if rng.random() < 0.85 else float(rng.uniform(0.1, 0.9))
    )
    slope = math.tan(math.radians(style.tilt_deg))
    placed = []
    for token, (shape, stretch, size), step in zip(tokens, written, pitch, strict=True):
        wobble = rng.normal(0, 0.035 * style.wobble, 3) if style.wobble else (0.0, 0.0, 0.0)
        tall = cap * size * (1 + float(wobble[0]))
        across = stretch * cap / squeeze_y * squeeze
        x = pen + (token.before + shape.bearing * size) * across
        y = middle - cap * (size / 2 + token.rise) + shape.top * tall + float(wobble[1]) * cap
        y += slope * (x - span[0] - room / 2)
        width = shape.width * size * across * (1 + float(wobble[2]))
        placed.append(Placed(shape, token.character, line, x, y, width, shape.height * tall))
        pen += (step + tracking) * squeeze
    return placed


def _written(token: _Token, style: PlateStyle) -> tuple[Glyph, float, float]:
    """Its shape, how wide and how large it is written; on a line of its own a number's size is the line's."""
    if not token.number:
        return glyph(style.face, token.text, style.bolder), style.stretch, token.size
    size = style.number_size if style.lines == 1 else 1.0
    face = style.number_face or style.face
    return glyph(face, token.text, style.bolder), style.stretch * style.number_stretch, size
