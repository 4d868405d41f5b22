"""A number plate drawn flat: a registration and a style in, a picture with its characters' places out.

Indian plates of all colour classes, one and two lines, with what the high-security plate carries beside
the number (IND, hologram, laser digits, locks): these are drawn but are no characters. The picture's
edges are the plate's edges. The same generator state gives the same picture.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from contracts.messages.common import PlateColour
from triton_models.rendering import decoration, hardware
from triton_models.rendering.layout import Placed, place
from triton_models.rendering.numbers import Registration, random_registration
from triton_models.rendering.styles import PlateKind, PlateStyle, random_style

Xyxy = tuple[float, float, float, float]


@dataclass(frozen=True)
class RenderedPlate:
    image: NDArray[np.uint8]
    """RGB; the plate fills it."""
    characters: tuple[tuple[str, Xyxy, int], ...]
    """Character, box in pixels of the image, line from 0; in reading order."""
    lines: int
    colour: PlateColour
    kind: PlateKind
    size_mm: tuple[float, float]

    @property
    def text(self) -> str:
        return "".join(character for character, _, _ in self.characters)


def draw_plate(
    registration: Registration, style: PlateStyle, rng: np.random.Generator, height_px: int = 96
) -> RenderedPlate:
    """The plate at a height in pixels (its width follows from its size in mm)."""
    scale = height_px / style.height_mm
    width_px = round(style.width_mm * scale)
    picture = _ground(style, rng, (width_px, height_px))
    hardware.draw_trim(picture, style, rng)
    decoration.draw_emblem(picture, style, rng, scale)
    decoration.draw_heading(picture, style, rng, scale)
    decoration.draw_divider(picture, style, rng)
    if style.high_security:
        hardware.draw_security(picture, style, rng, scale)
    hardware.draw_border(picture, style, scale)
    hardware.draw_bolts(picture, style, rng, scale)
    placed = place(registration, style, rng)
    ink = _ink(placed, scale, (width_px, height_px))
    picture = _printed(picture, ink, style, rng, scale)
    hardware.cut_corners(picture, style, rng, scale)
    if style.wear > 0.03:
        picture = _worn(picture, style.wear, rng)
    found = tuple(
        _character(item.character, item, scale, (width_px, height_px)) for item in placed if item.character
    )
    lines = 1 + max(line for _, _, line in found)
    return RenderedPlate(picture, found, lines, style.colour, style.kind, (style.width_mm, style.height_mm))


def random_plate(
    rng: np.random.Generator, *, vehicle: str = "car", height_px: int = 96, lines: int | None = None
) -> RenderedPlate:
    """A plate as some vehicle of that kind bears it: number, style and picture all by chance."""
    registration = random_registration(rng, vehicle=vehicle)
    style = random_style(rng, vehicle=vehicle, series=registration.series, lines=lines)
    return draw_plate(registration, style, rng, height_px)


def _character(character: str, item: Placed, scale: float, size_wh: tuple[int, int]) -> tuple[str, Xyxy, int]:
    width, height = size_wh
    x0, y0 = max(item.x * scale, 0.0), max(item.y * scale, 0.0)
    x1, y1 = min((item.x + item.width) * scale, width), min((item.y + item.height) * scale, height)
    return character, (x0, y0, x1, y1), item.line


def _ground(style: PlateStyle, rng: np.random.Generator, size_wh: tuple[int, int]) -> NDArray[np.uint8]:
    """The sheet with the light's slow change over it."""
    width, height = size_wh
    light = rng.normal(1.0, 0.035, (2, 3)).astype(np.float32)
    shade = cv2.resize(light, (width, height), interpolation=cv2.INTER_LINEAR)
    return np.clip(shade[..., None] * np.array(style.ground, np.float32), 0, 255).astype(np.uint8)


def _ink(placed: list[Placed], scale: float, size_wh: tuple[int, int]) -> NDArray[np.uint8]:
    """How much ink covers each pixel."""
    width, height = size_wh
    layer = np.zeros((height, width), np.uint8)
    for item in placed:
        x, y = round(item.x * scale), round(item.y * scale)
        across, down = max(round(item.width * scale), 1), max(round(item.height * scale), 1)
        x0, y0, x1, y1 = max(x, 0), max(y, 0), min(x + across, width), min(y + down, height)
        if x1 <= x0 or y1 <= y0:
            continue
        mask = cv2.resize(item.glyph.mask, (across, down), interpolation=cv2.INTER_AREA)
        area = layer[y0:y1, x0:x1]
        np.maximum(area, mask[y0 - y : y1 - y, x0 - x : x1 - x], out=area)
    return layer


def _printed(
    picture: NDArray[np.uint8],
    ink: NDArray[np.uint8],
    style: PlateStyle,
    rng: np.random.Generator,
    scale: float,
) -> NDArray[np.uint8]:
    """The number on the sheet; embossed characters catch light on one edge and shade the other."""
    alpha = ink.astype(np.float32)[..., None] * np.float32(1 / 255)
    ground = picture.astype(np.float32)
    if style.emboss:
        depth = max(round(1.6 * scale), 1)
        raised = cv2.GaussianBlur(ink, (0, 0), max(0.9 * scale, 0.5)).astype(np.int16)
        slope = np.roll(raised, depth, (0, 1)) - np.roll(raised, -depth, (0, 1))
        strength = np.float32(style.emboss * float(rng.uniform(-0.22, 0.3)))
        ground += (slope * strength)[..., None]
    ground += (np.array(style.ink, np.float32) - ground) * alpha
    if style.emboss:
        ground += (slope * np.float32(style.emboss * 0.1))[..., None] * alpha
    return np.clip(ground, 0, 255).astype(np.uint8)


def _worn(picture: NDArray[np.uint8], wear: float, rng: np.random.Generator) -> NDArray[np.uint8]:
    """Dust and mud: more at the bottom and in blotches."""
    height, width = picture.shape[:2]
    cells = rng.random((5, 12), np.float32) ** 2
    cells += np.linspace(0, 0.35, 5, dtype=np.float32)[:, None]
    fine = rng.random((max(height // 4, 2), max(width // 4, 2)), np.float32) * 0.5
    cover = cv2.resize(cells, (width, height), interpolation=cv2.INTER_CUBIC)
    cover = np.clip((cover + cv2.resize(fine, (width, height)) - 0.45) * (wear * 1.5), 0, 0.75)[..., None]
    mud = np.array((118, 100, 80), np.float32) * float(rng.uniform(0.5, 1.3))
    ground = picture.astype(np.float32)
    return np.asarray(np.clip(ground + (mud - ground) * cover, 0, 255), np.uint8)
