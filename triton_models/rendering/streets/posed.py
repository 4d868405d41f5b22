"""A vehicle under a light, with its plate, at any place of the road: painted, and measured for the truth."""

from __future__ import annotations

import math
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from triton_models.geometry import project as through
from triton_models.rendering.plates import RenderedPlate
from triton_models.rendering.streets import textured
from triton_models.rendering.streets.camera import Floats, View
from triton_models.rendering.streets.light import Light
from triton_models.rendering.streets.shapes import Lamp, Model, Mount, normal_of
from triton_models.rendering.streets.textured import Pyramid

_GLOW_PX = 96


@dataclass(frozen=True)
class SeenPlate:
    """Corners [4, 2] from the plate's own top-left clockwise, and its smallest character's height."""

    corners: Floats
    character_px: float


class Posed:
    """A model with a plate, heading one way under one light: what does not change on its way."""

    def __init__(
        self, model: Model, plate: RenderedPlate | None, mount: Mount, light: Light, heading_deg: float
    ) -> None:
        self.model, self.plate = model, plate
        self._turn = _turned(heading_deg)
        self._quads: list[tuple[Floats, Pyramid, bool]] = []
        for quad in model.quads:
            corners = quad.corners @ self._turn.T
            shine = light.on(normal_of(corners)) if not quad.glows else np.ones(3)
            self._quads.append((corners, Pyramid.of(textured.lit(quad.texture, shine)), quad.both_sides))
        self._plate_corners = _mounted(plate, mount, model) @ self._turn.T if plate is not None else None
        if plate is not None and self._plate_corners is not None:
            shine = np.full(3, light.plate) if light.lamps_on else light.on(normal_of(self._plate_corners))
            self._plate_pyramid = Pyramid.of(
                textured.lit(textured.opaque(plate.image), np.maximum(shine, 0.35))
            )
        self._lamps = [lamp for lamp in model.lamps if light.lamps_on]
        self._glows = {lamp.colour: Pyramid([glow(lamp.colour)]) for lamp in self._lamps}
        self._shadow_corners, self._shadow = _shadow(model, light, self._turn)
        self._facing_front = mount.front

    def paint(self, frame: NDArray[np.uint8], view: View, at: tuple[float, float]) -> None:
        """Shadow, body from far to near, plate, and the light of its lamps."""
        place = np.array([at[0], at[1], 0.0])
        textured.paint(frame, view, self._shadow_corners + place, self._shadow, both_sides=True)
        eye = np.array([view.side_m, 0.0, view.height_m])
        far_first = sorted(
            self._quads, key=lambda quad: -float(np.linalg.norm(quad[0].mean(0) + place - eye))
        )
        for corners, pyramid, both_sides in far_first:
            textured.paint(frame, view, corners + place, pyramid, both_sides=both_sides)
        if self._plate_corners is not None:
            textured.paint(frame, view, self._plate_corners + place, self._plate_pyramid)
        for lamp in self._lamps:
            self._paint_lamp(frame, view, lamp, place)

    def _paint_lamp(self, frame: NDArray[np.uint8], view: View, lamp: Lamp, place: Floats) -> None:
        if lamp.front != self._facing_front:
            return
        pixels, depth = view.project((np.array([lamp.centre]) @ self._turn.T) + place)
        if depth[0] < 1.0:
            return
        # A halo some times as large as the lamp: what a lens makes of it, larger for white light.
        reach = lamp.radius_m * view.focal_px / depth[0] * (3.2 if lamp.front else 2.0)
        square = np.array([[-1, -1], [1, -1], [1, 1], [-1, 1]], np.float64) * reach + pixels[0]
        textured.paint_pixels(frame, square, self._glows[lamp.colour], additive=True)

    def box(self, view: View, at: tuple[float, float]) -> tuple[float, float, float, float] | None:
        """The upright box of its visible body, cut at the frame's edges; None where it is not in view."""
        outline = self.outline(view, at)
        if outline is None:
            return None
        width, height = view.size_wh
        x0, y0 = np.clip(outline.min(0), 0, (width, height))
        x1, y1 = np.clip(outline.max(0), 0, (width, height))
        if x1 - x0 < 2 or y1 - y0 < 2:
            return None
        return float(x0), float(y0), float(x1), float(y1)

    def outline(self, view: View, at: tuple[float, float]) -> Floats | None:
        """Convex outline [n, 2] of the body in pixels."""
        points = np.concatenate([corners for corners, _, _ in self._quads]) + np.array((*at, 0.0))
        pixels, depth = view.project(points)
        pixels = pixels[depth > 0.6]
        if len(pixels) < 4:
            return None
        return np.asarray(cv2.convexHull(pixels.astype(np.float32))[:, 0], np.float64)

    def seen_plate(self, view: View, at: tuple[float, float]) -> SeenPlate | None:
        """Where the plate is; None where it is behind, turned away or not wholly in the frame."""
        if self._plate_corners is None or self.plate is None:
            return None
        pixels, depth = view.project(self._plate_corners + np.array((*at, 0.0)))
        width, height = view.size_wh
        inside = bool(
            (pixels >= 1).all() and (pixels[:, 0] < width - 1).all() and (pixels[:, 1] < height - 1).all()
        )
        if depth.min() < 0.6 or not textured.facing(pixels) or not inside:
            return None
        high = (np.hypot(*(pixels[3] - pixels[0])) + np.hypot(*(pixels[2] - pixels[1]))) / 2
        smallest = min(box[3] - box[1] for _, box, _ in self.plate.characters)
        return SeenPlate(pixels, float(high) * smallest / self.plate.image.shape[0])

    def character_boxes(self, corners: Floats) -> list[tuple[str, tuple[float, float, float, float], int]]:
        """Upright boxes of the characters in the frame, for a plate seen at these corners."""
        if self.plate is None:
            return []
        rows, columns = self.plate.image.shape[:2]
        flat = np.array([[0, 0], [columns, 0], [columns, rows], [0, rows]], np.float32)
        homography = cv2.getPerspectiveTransform(flat, corners.astype(np.float32))
        found = []
        for character, (x0, y0, x1, y1), line in self.plate.characters:
            box = through(
                np.array([[x0, y0], [x1, y0], [x1, y1], [x0, y1]], np.float32),
                np.asarray(homography, np.float64),
            )
            low, high = box.min(0), box.max(0)
            found.append((character, (float(low[0]), float(low[1]), float(high[0]), float(high[1])), line))
        return found


def _turned(heading_deg: float) -> Floats:
    angle = math.radians(heading_deg)
    return np.array(
        [[math.cos(angle), math.sin(angle), 0], [-math.sin(angle), math.cos(angle), 0], [0, 0, 1]]
    )


def _mounted(plate: RenderedPlate, mount: Mount, model: Model) -> Floats:
    """A plate's corners in the vehicle's axes; never wider than the vehicle."""
    size = min(1.0, 0.9 * model.width * 1000 / plate.size_mm[0]) / 2000
    half_w, half_h = plate.size_mm[0] * size, plate.size_mm[1] * size
    x, y, z = mount.centre
    sign = 1.0 if mount.front else -1.0
    lean = mount.lean * half_h * sign
    return np.array(
        [
            [x + sign * half_w, y - lean, z + half_h],
            [x - sign * half_w, y - lean, z + half_h],
            [x - sign * half_w, y + lean, z - half_h],
            [x + sign * half_w, y + lean, z - half_h],
        ]
    )


def _shadow(model: Model, light: Light, turn: Floats) -> tuple[Floats, Pyramid]:
    """A soft dark patch on the road, drawn out away from the sun."""
    soft = np.zeros((64, 64), np.float32)
    soft[12:52, 12:52] = 255 * light.shadow * (1.5 if light.sun_strength else 1.2)
    alpha = np.clip(cv2.GaussianBlur(soft, (0, 0), 5), 0, 225).astype(np.uint8)
    half_w, half_l = model.width / 2 * 1.45, model.length / 2 * 1.18
    corners = np.array(
        [[-half_w, half_l, 0.0], [half_w, half_l, 0.0], [half_w, -half_l, 0.0], [-half_w, -half_l, 0.0]]
    )
    away = -np.array(light.sun) * (0.35 * light.sun_strength * model.height) / max(light.sun[2], 0.3)
    away[2] = 0.0
    return corners @ turn.T + away, Pyramid.of(textured.cut_out(np.zeros((64, 64, 3), np.uint8), alpha))


def glow(colour: tuple[int, int, int]) -> NDArray[np.uint8]:
    """A lamp with its halo, to be added to a frame."""
    axis = np.linspace(-1, 1, _GLOW_PX, dtype=np.float32)
    reach = np.hypot(axis[None], axis[:, None])
    shine = np.clip(np.exp(-((reach / 0.24) ** 2)) * 1.6 + 0.22 * np.clip(1 - reach, 0, 1) ** 2, 0, 1)
    picture = (shine[..., None] * np.array(colour, np.float32)).astype(np.uint8)
    return np.dstack([picture, np.zeros(picture.shape[:2], np.uint8)])
