"""What is on a plate besides its number: border, blue strip, hologram, laser digits, bolts, notes, dirt.

Everything draws into the picture (RGB, uint8) that it is given; `scale` is pixels a mm.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from triton_models.rendering.faces import Face, glyph
from triton_models.rendering.layout import strip_width
from triton_models.rendering.styles import PlateStyle, Rgb

Picture = NDArray[np.uint8]
_SMALL = Face("arimo", 600, "plate")
_NOTES = (
    "POLICE",
    "GOVT OF INDIA",
    "PRESS",
    "TAXI",
    "ON DUTY",
    "ALL INDIA PERMIT",
    "JAI HIND",
    "HORN OK",
    "ADVOCATE",
)
_METAL: Rgb = (150, 150, 152)


def write_small(
    picture: Picture, text: str, origin: tuple[float, float], cap_px: float, colour: Rgb
) -> float:
    """Small letters from the left; returns where they end. Below 3 px they are only a smear, as in life."""
    pen, y = origin
    for character in text:
        if character == " ":
            pen += 0.4 * cap_px
            continue
        shape = glyph(_SMALL, character)
        stamp(
            picture,
            shape.mask,
            (pen, y, max(shape.width * cap_px, 1.0), max(shape.height * cap_px, 1.0)),
            colour,
        )
        pen += shape.advance * cap_px
    return pen


def stamp(
    picture: Picture, mask: NDArray[np.uint8], xywh: tuple[float, float, float, float], colour: Rgb
) -> None:
    """A mask scaled to a box and filled with a colour; what lies outside the picture is cut off."""
    x, y = round(xywh[0]), round(xywh[1])
    width, height = max(round(xywh[2]), 1), max(round(xywh[3]), 1)
    x0, y0, x1, y1 = max(x, 0), max(y, 0), min(x + width, picture.shape[1]), min(y + height, picture.shape[0])
    if x1 <= x0 or y1 <= y0:
        return
    small = cv2.resize(mask, (width, height), interpolation=cv2.INTER_AREA)[y0 - y : y1 - y, x0 - x : x1 - x]
    alpha = small[..., None].astype(np.float32) / 255
    area = picture[y0:y1, x0:x1]
    area[:] = area + (np.array(colour, np.float32) - area) * alpha


def draw_border(picture: Picture, style: PlateStyle, scale: float) -> None:
    if style.trim == "frame":
        edge = max(round(0.05 * style.height_mm * scale), 1)
        cv2.rectangle(picture, (0, 0), (picture.shape[1] - 1, picture.shape[0] - 1), (28, 28, 30), edge * 2)
    if style.border_mm:
        edge = max(round(style.border_mm * scale * 0.6), 1)
        inset = round((style.border_mm + (0.05 * style.height_mm if style.trim == "frame" else 0)) * scale)
        rounded_rectangle(picture, inset, round(style.corner_mm * scale), style.ink, edge)


def rounded_rectangle(picture: Picture, inset: int, radius: int, colour: Rgb, thickness: int) -> None:
    x0, y0, x1, y1 = inset, inset, picture.shape[1] - 1 - inset, picture.shape[0] - 1 - inset
    radius = max(1, min(radius, (x1 - x0) // 3, (y1 - y0) // 3))
    for a, b in (
        ((x0 + radius, y0), (x1 - radius, y0)),
        ((x0 + radius, y1), (x1 - radius, y1)),
        ((x0, y0 + radius), (x0, y1 - radius)),
        ((x1, y0 + radius), (x1, y1 - radius)),
    ):
        cv2.line(picture, a, b, colour, thickness, cv2.LINE_AA)
    for centre, start in (
        ((x0 + radius, y0 + radius), 180),
        ((x1 - radius, y0 + radius), 270),
        ((x1 - radius, y1 - radius), 0),
        ((x0 + radius, y1 - radius), 90),
    ):
        cv2.ellipse(picture, centre, (radius, radius), 0, start, start + 90, colour, thickness, cv2.LINE_AA)


def draw_security(picture: Picture, style: PlateStyle, rng: np.random.Generator, scale: float) -> None:
    """IND in blue at the left (a full blue strip on the shops' imitations), hologram, laser digits."""
    height, strip = style.height_mm * scale, strip_width(style) * scale
    left = (style.border_mm + 0.03 * style.height_mm) * scale
    full_strip = rng.random() < 0.4
    letters: Rgb = (34, 70, 160)
    if full_strip:
        edge = round(style.border_mm * scale * 1.4)
        picture[edge : round(height) - edge, edge : round(left + strip)] = (26, 62, 158)
        letters = (235, 235, 238)
    cap = max(0.3 * strip, 2.0)
    write_small(picture, "IND", (left + 0.08 * strip, height * (0.72 if full_strip else 0.5)), cap, letters)
    _hologram(picture, (left + strip * 0.5, height * 0.27), strip * 0.42, rng)
    if not full_strip:
        digits = f"AA{int(rng.integers(10**8)):08d}"
        grey = (120, 122, 128) if style.colour == "white" else style.ink
        write_small(picture, digits, (left, height * 0.9), max(2.5 * scale, 1.5), grey)


def _hologram(picture: Picture, centre: tuple[float, float], radius: float, rng: np.random.Generator) -> None:
    x, y = round(centre[0]), round(centre[1])
    size = max(round(radius), 1)
    tint = rng.integers(120, 225, 3)
    colour: Rgb = (int(tint[0]), int(tint[1]), int(tint[2]))
    cv2.rectangle(picture, (x - size, y - size), (x + size, y + size), colour, -1, cv2.LINE_AA)
    wheel = (60, 80, 150)
    cv2.circle(picture, (x, y), max(round(size * 0.75), 1), wheel, 1, cv2.LINE_AA)
    if size > 5:
        for angle in np.linspace(0, np.pi, 6, endpoint=False):
            dx, dy = round(float(np.cos(angle)) * size * 0.7), round(float(np.sin(angle)) * size * 0.7)
            cv2.line(picture, (x - dx, y - dy), (x + dx, y + dy), wheel, 1, cv2.LINE_AA)


def draw_bolts(picture: Picture, style: PlateStyle, rng: np.random.Generator, scale: float) -> None:
    """Snap locks or screws: in the middle of the sides, or near the top edge."""
    if not style.bolts:
        return
    height, width = picture.shape[:2]
    radius = max(round(float(rng.uniform(3.0, 5.5)) * scale * min(1.0, style.height_mm / 110)), 1)
    top = style.lines == 2 or rng.random() < 0.5
    y = round(height * float(rng.uniform(0.06, 0.14))) if top else height // 2
    inset = float(rng.uniform(0.14, 0.3)) if top else 0.012
    shade = int(rng.integers(30, 170))
    for x in (round(width * inset) + radius, round(width * (1 - inset)) - radius):
        cv2.circle(picture, (x, y + radius), radius, (shade, shade, shade), -1, cv2.LINE_AA)
        if radius > 2:
            cv2.circle(picture, (x - 1, y + radius - 1), max(radius // 2, 1), _METAL, -1, cv2.LINE_AA)


def draw_trim(picture: Picture, style: PlateStyle, rng: np.random.Generator) -> None:
    height, width = picture.shape[:2]
    if style.trim == "note":
        cap = 0.085 * height
        text = _NOTES[int(rng.integers(len(_NOTES)))]
        red = (176, 30, 34) if rng.random() < 0.5 else style.ink
        start = width * float(rng.uniform(0.2, 0.5)) - 0.3 * cap * len(text)
        write_small(picture, text, (max(start, 0.06 * width), height * 0.86), cap, red)
    elif style.trim == "band":
        colours: tuple[Rgb, ...] = ((200, 40, 40), (30, 80, 170), (230, 130, 30), (20, 120, 60))
        edge = max(round(0.07 * height), 1)
        colour = colours[int(rng.integers(4))]
        if rng.random() < 0.5:
            picture[-edge:] = colour
        else:
            picture[:, -edge:] = colour


def cut_corners(picture: Picture, style: PlateStyle, rng: np.random.Generator, scale: float) -> None:
    """Outside the rounded (or, on trucks, cut) corners one sees what is behind the plate."""
    height, width = picture.shape[:2]
    shade = int(rng.integers(14, 90))
    behind = (shade, shade, shade)
    if style.trim == "chamfer":
        x, y = round(float(rng.uniform(0.06, 0.16)) * width), round(float(rng.uniform(0.1, 0.25)) * height)
        for corner in (
            [[0, height], [x, height], [0, height - y]],
            [[width, height], [width - x, height], [width, height - y]],
        ):
            cv2.fillPoly(picture, [np.array(corner, np.int32)], behind, cv2.LINE_AA)
        return
    radius = min(round(style.corner_mm * scale), height // 4)
    if radius < 2:
        return
    reach = np.arange(radius, dtype=np.float32)[::-1]
    outside = reach[None] ** 2 + reach[:, None] ** 2 > radius**2
    for rows, columns, mask in (
        (slice(0, radius), slice(0, radius), outside),
        (slice(0, radius), slice(width - radius, width), outside[:, ::-1]),
        (slice(height - radius, height), slice(0, radius), outside[::-1]),
        (slice(height - radius, height), slice(width - radius, width), outside[::-1, ::-1]),
    ):
        picture[rows, columns][mask] = behind
