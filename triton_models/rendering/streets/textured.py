"""Flat textured quads: placed in the world, seen by a view, painted into a frame.

Textures are RGBA with the colour already multiplied by alpha, kept as a pyramid so that a far quad is
sampled from a small copy and does not flicker.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import cv2
import numpy as np
from numpy.typing import NDArray

from triton_models.rendering.streets.camera import Floats, View

Texture = NDArray[np.uint8]
_NEAREST_M = 0.6


@dataclass(frozen=True)
class Quad:
    """Corners [4, 3] in metres, in the texture's order: top-left, top-right, bottom-right, bottom-left,
    as seen from outside. What is seen from behind is not painted unless `both_sides`."""

    corners: Floats
    texture: Texture
    both_sides: bool = False
    glows: bool = False
    """Lamps and sky keep their brightness, whatever the light of the scene."""


@dataclass
class Pyramid:
    levels: list[Texture] = field(default_factory=list)

    @staticmethod
    def of(texture: Texture) -> Pyramid:
        levels = [np.ascontiguousarray(texture)]
        while min(levels[-1].shape[:2]) >= 8 and len(levels) < 6:
            height, width = levels[-1].shape[:2]
            smaller = cv2.resize(levels[-1], (width // 2, height // 2), interpolation=cv2.INTER_AREA)
            levels.append(np.asarray(smaller, np.uint8))
        return Pyramid(levels)

    def near(self, pixels_per_texel: float) -> Texture:
        level = 0 if pixels_per_texel >= 0.75 else round(float(np.log2(1 / max(pixels_per_texel, 1e-3))))
        return self.levels[min(level, len(self.levels) - 1)]


def opaque(colours: NDArray[np.uint8]) -> Texture:
    """An RGB picture as a texture without holes."""
    return np.dstack([colours, np.full(colours.shape[:2], 255, np.uint8)])


def cut_out(colours: NDArray[np.uint8], alpha: NDArray[np.uint8]) -> Texture:
    """An RGB picture with its alpha, multiplied in."""
    ink = (colours.astype(np.uint16) * alpha[..., None] // 255).astype(np.uint8)
    return np.dstack([ink, alpha])


def lit(texture: Texture, light: NDArray[np.float64]) -> Texture:
    """A texture under a light (factor a channel)."""
    factors = np.array((*light, 1.0))
    bright = np.asarray(cv2.multiply(texture, factors), np.uint8)
    # Colours carry their alpha: none may be brighter than it lets through.
    return np.asarray(cv2.min(bright, cv2.merge([texture[..., 3]] * 4)), np.uint8)


def facing(pixels: Floats) -> bool:
    """Whether projected corners run clockwise on the screen: seen from outside."""
    x, y = pixels[:, 0], pixels[:, 1]
    return bool((np.roll(x, -1) * y - x * np.roll(y, -1)).sum() < 0)


def paint(
    frame: NDArray[np.uint8], view: View, corners: Floats, pyramid: Pyramid, *, both_sides: bool = False
) -> bool:
    """Paint one quad over the frame; False where nothing of it is seen."""
    pixels, depth = view.project(corners)
    if depth.min() < _NEAREST_M or not (both_sides or facing(pixels)):
        return False
    return paint_pixels(frame, pixels, pyramid)


def paint_pixels(
    frame: NDArray[np.uint8], pixels: Floats, pyramid: Pyramid, *, additive: bool = False
) -> bool:
    """Paint a texture over four pixels of the frame, top-left clockwise; additive light is not covered."""
    height, width = frame.shape[:2]
    x0, y0 = max(int(np.floor(pixels[:, 0].min())), 0), max(int(np.floor(pixels[:, 1].min())), 0)
    x1, y1 = (
        min(int(np.ceil(pixels[:, 0].max())) + 1, width),
        min(int(np.ceil(pixels[:, 1].max())) + 1, height),
    )
    if x1 - x0 < 1 or y1 - y0 < 1:
        return False
    texture = pyramid.near(_pixels_per_texel(pixels, pyramid.levels[0]))
    rows, columns = texture.shape[:2]
    source = np.array([[0, 0], [columns, 0], [columns, rows], [0, rows]], np.float32) - 0.5
    target = (pixels - (x0 + 0.5, y0 + 0.5)).astype(np.float32)
    homography = cv2.getPerspectiveTransform(source, target)
    patch = cv2.warpPerspective(
        texture,
        homography,
        (x1 - x0, y1 - y0),
        flags=cv2.INTER_LINEAR,
        borderMode=cv2.BORDER_CONSTANT,
        borderValue=(0, 0, 0, 0),
    )
    area = frame[y0:y1, x0:x1]
    if additive:
        cv2.add(area, patch[..., :3], dst=area)
        return True
    through = cv2.cvtColor(255 - patch[..., 3], cv2.COLOR_GRAY2RGB)
    area[:] = cv2.add(cv2.multiply(area, through, scale=1 / 255), patch[..., :3])
    return True


def _pixels_per_texel(pixels: Floats, texture: Texture) -> float:
    across = float(np.hypot(*(pixels[1] - pixels[0])) + np.hypot(*(pixels[2] - pixels[3]))) / 2
    down = float(np.hypot(*(pixels[3] - pixels[0])) + np.hypot(*(pixels[2] - pixels[1]))) / 2
    # The larger of both: a surface seen at a flat angle keeps its detail across.
    return float(max(across / texture.shape[1], down / texture.shape[0]))
