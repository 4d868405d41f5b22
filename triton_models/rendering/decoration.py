"""What shops and owners add to a plate: emblems and words beside or above the number, bars between lines.

Everything draws into the picture (RGB, uint8) that it is given; `scale` is pixels a mm.
"""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np

from triton_models.rendering.faces import ALL_FACES, Face, faces_of, glyph
from triton_models.rendering.hardware import Picture, stamp
from triton_models.rendering.styles import PlateStyle, Rgb

_NAMES = (
    "KTM", "SAI", "RE", "OM", "JAI", "TVS", "HERO", "R15", "DUKE", "BOSS", "KING", "4x4", "TATA", "UAE", "GT",
    "786",
)  # fmt: skip
_HEADINGS = (
    "POLICE", "PRESS", "GOVT OF INDIA", "TAXI", "ARMY", "ADVOCATE", "DOCTOR", "ON DUTY", "ANGEL", "RACING",
    "MAHARAJA",
)  # fmt: skip
_STRONG: tuple[Rgb, ...] = (
    (230, 110, 20), (190, 24, 30), (24, 60, 160), (20, 120, 60), (20, 20, 24), (240, 196, 40), (120, 30, 120),
)  # fmt: skip
_LETTERED = (*faces_of("techno"), *faces_of("shop"))
"""Square and heavy letters, such as those cut from foil for auto-rickshaws."""
_MARKS = ("+", "*", "/", ":", "=", "'")


def decorated(style: PlateStyle, rng: np.random.Generator, share: float) -> PlateStyle:
    """The style as a shop would sell it: each liberty is taken with the chance `share`."""
    changes: dict[str, object] = {}
    if rng.random() < share:
        changes["number_size"] = float(np.exp(rng.uniform(-0.1, 0.75 if style.lines == 2 else 0.55)))
        changes["number_stretch"] = float(np.exp(rng.uniform(-0.3, 0.55)))
    if rng.random() < 0.5 * share:
        changes["number_face"] = ALL_FACES[int(rng.integers(len(ALL_FACES)))]
    if rng.random() < 0.4 * share:
        side = 1 if rng.random() < 0.75 else -1
        changes["emblem_mm"] = side * style.width_mm * float(rng.uniform(0.08, 0.26))
        changes["high_security"] = False
    if rng.random() < 0.3 * share:
        changes["heading_mm"] = style.height_mm * float(rng.uniform(0.12, 0.26))
    if rng.random() < 0.25 * share:
        changes["join"] = "dot"
        changes["mark"] = _MARKS[int(rng.integers(len(_MARKS)))]
    if style.lines == 2 and rng.random() < 0.3 * share:
        size = float(rng.uniform(0.35, 0.75))
        changes["series_size"], changes["split_series"] = size, False
        changes["series_rise"] = (1.0 - size) / 2 * float(rng.choice((-1.0, 0.0, 1.0)))
    if style.lines == 2 and rng.random() < 0.25 * share:
        changes["divider"] = _STRONG[int(rng.integers(len(_STRONG)))]
    if not style.high_security and rng.random() < 0.3 * share:
        changes["face"] = _LETTERED[int(rng.integers(len(_LETTERED)))]
    return replace(style, **changes)  # type: ignore[arg-type]


def draw_emblem(picture: Picture, style: PlateStyle, rng: np.random.Generator, scale: float) -> None:
    """A field of a strong colour, or of none, with a badge or a short name, at times upright."""
    if not style.emblem_mm:
        return
    height, width = picture.shape[:2]
    across = max(round(abs(style.emblem_mm) * scale), 2)
    field = picture[:, :across] if style.emblem_mm > 0 else picture[:, width - across :]
    ground, ink = (_STRONG[int(each)] for each in rng.choice(len(_STRONG), 2, replace=False))
    if rng.random() < 0.65:
        field[:] = ground
        ink = (238, 238, 235) if rng.random() < 0.6 else ink
    if rng.random() < 0.35:
        _badge(field, ink, rng)
        return
    name = _NAMES[int(rng.integers(len(_NAMES)))]
    face = ALL_FACES[int(rng.integers(len(ALL_FACES)))]
    if rng.random() < 0.4 and across < height:
        upright = np.ascontiguousarray(np.rot90(field, -1))
        _write(upright, name, face, ink)
        field[:] = np.rot90(upright)
    else:
        _write(field, name, face, ink)


def draw_heading(picture: Picture, style: PlateStyle, rng: np.random.Generator, scale: float) -> None:
    """A word along the upper edge, at times on a bar of its own colour."""
    if not style.heading_mm:
        return
    inset = round(style.border_mm * scale)
    bar = picture[inset : inset + max(round(style.heading_mm * scale), 2), inset : picture.shape[1] - inset]
    ink = style.ink
    if rng.random() < 0.5:
        ground = _STRONG[int(rng.integers(len(_STRONG)))]
        middle = bar[:, round(0.2 * bar.shape[1]) : round(0.8 * bar.shape[1])] if rng.random() < 0.5 else bar
        middle[:] = ground
        ink = (238, 238, 235)
    word = _HEADINGS[int(rng.integers(len(_HEADINGS)))]
    _write(bar, word, ALL_FACES[int(rng.integers(len(ALL_FACES)))], ink)


def draw_divider(picture: Picture, style: PlateStyle, rng: np.random.Generator) -> None:
    """A thin bar across the middle, between the lines."""
    if style.divider is None:
        return
    height, width = picture.shape[:2]
    middle, half = round(height * float(rng.uniform(0.48, 0.54))), max(1, round(0.02 * height))
    picture[middle - half : middle + half, round(0.03 * width) : round(0.97 * width)] = style.divider


def _badge(field: Picture, ink: Rgb, rng: np.random.Generator) -> None:
    height, width = field.shape[:2]
    centre, radius = (
        (width // 2, round(height * float(rng.uniform(0.3, 0.7)))),
        max(2, round(0.38 * min(width, height))),
    )
    thick = -1 if rng.random() < 0.5 else max(1, radius // 4)
    if rng.random() < 0.5:
        cv2.circle(field, centre, radius, ink, thick, cv2.LINE_AA)
        return
    corners = rng.integers(3, 8)
    angles = np.arange(corners) * 2 * np.pi / corners + float(rng.uniform(0, 6))
    points = np.stack((np.cos(angles), np.sin(angles)), 1) * radius + centre
    cv2.polylines(field, [points.astype(np.int32)], True, ink, max(1, radius // 4), cv2.LINE_AA)


def _write(field: Picture, word: str, face: Face, ink: Rgb) -> None:
    """One line, as large as the field lets it be."""
    height, width = field.shape[:2]
    shapes = [None if character == " " else glyph(face, character) for character in word]
    natural = sum(0.4 if shape is None else shape.advance for shape in shapes)
    cap = min(0.62 * height, 0.86 * width / max(natural, 0.1))
    pen, top = (width - natural * cap) / 2, (height - cap) / 2
    for shape in shapes:
        if shape is None:
            pen += 0.4 * cap
            continue
        place = (pen + shape.bearing * cap, top + shape.top * cap, shape.width * cap, shape.height * cap)
        stamp(field, shape.mask, place, ink)
        pen += shape.advance * cap
