"""A picture and its vehicles -> the regions in which plates are looked for, cut out as model input."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from contracts.messages.common import VehicleSeen, Xyxy
from processors.cascade.merging import FoundPlate
from processors.cascade.settings import CascadeSettings
from processors.ports import Image
from triton_models.geometry import letterbox
from triton_models.tensors import PAD_VALUE, PLATE_SIZE_WH


@dataclass(frozen=True, slots=True)
class Look:
    """A region of the picture (it may reach beyond) and the pixels of model input a pixel of it gets."""

    xyxy: Xyxy
    scale: float

    def to_picture(self, points: NDArray[np.float32]) -> NDArray[np.float32]:
        """Points in the model's input as points in the picture."""
        return points / np.float32(self.scale) + np.asarray(self.xyxy[:2], np.float32)

    def cuts(self, points: NDArray[np.float32], size_wh: tuple[int, int]) -> bool:
        """Whether a plate touches an edge of this look that is no edge of the picture."""
        x0, y0, x1, y1 = self.xyxy
        left, top = points.min(axis=0)
        right, bottom = points.max(axis=0)
        near = 2.0 / self.scale
        return bool(
            (x0 > 0 and left < x0 + near)
            or (y0 > 0 and top < y0 + near)
            or (x1 < size_wh[0] and right > x1 - near)
            or (y1 < size_wh[1] and bottom > y1 - near)
        )


def plan_looks(
    size_wh: tuple[int, int], vehicles: Sequence[VehicleSeen], settings: CascadeSettings
) -> list[Xyxy]:
    """The whole picture first, then its tiles if it is large, then its largest vehicles."""
    width, height = size_wh
    regions: list[Xyxy] = [(0.0, 0.0, float(width), float(height))]
    if max(width, height) < settings.frame_below_px:
        room_x, room_y = width * settings.frame_margin, height * settings.frame_margin
        regions.append((-room_x, -room_y, width + room_x, height + room_y))
    if max(width, height) > settings.tile_above_px:
        regions.extend(_tiles(size_wh, settings.tile_overlap))
    by_size = sorted(vehicles, key=lambda vehicle: _area(vehicle.xyxy), reverse=True)
    regions.extend(
        _grown(vehicle.xyxy, settings.vehicle_margin, size_wh)
        for vehicle in by_size[: settings.surest_vehicles]
        if min(_sides(vehicle.xyxy)) >= settings.least_vehicle_px
    )
    return regions


def plan_zooms(plates: Sequence[FoundPlate], settings: CascadeSettings) -> list[Xyxy]:
    """A square around each plate that no look has shown large enough for exact corners."""
    coarse = [plate for plate in plates if plate.width_in_look_px < settings.zoom_below_px]
    regions: list[Xyxy] = []
    for plate in coarse[: settings.most_zooms]:
        x0, y0, x1, y1 = plate.xyxy
        half = settings.zoom_width * max(x1 - x0, y1 - y0) / 2
        x, y = (x0 + x1) / 2, (y0 + y1) / 2
        regions.append((x - half, y - half, x + half, y + half))
    return regions


def plan_second_looks(plates: Sequence[FoundPlate], settings: CascadeSettings) -> list[Xyxy]:
    """Squares a little beside the middle of each plate: every look places the corners a little otherwise."""
    regions: list[Xyxy] = []
    for plate in plates[: settings.most_zooms]:
        x0, y0, x1, y1 = plate.xyxy
        side = max(x1 - x0, y1 - y0)
        half = settings.again_width * side / 2
        for shift in (-settings.again_shift * side, settings.again_shift * side):
            x, y = (x0 + x1) / 2 + shift, (y0 + y1) / 2 + shift
            regions.append((x - half, y - half, x + half, y + half))
    return regions


def cut(picture: Image, regions: Sequence[Xyxy]) -> tuple[list[Look], Image]:
    """The looks and their pixels as one batch."""
    width, height = PLATE_SIZE_WH
    batch = np.empty((len(regions), height, width, 3), np.uint8)
    looks: list[Look] = []
    for number, region in enumerate(regions):
        piece, origin = _piece(picture, region)
        batch[number], scale = letterbox(piece, PLATE_SIZE_WH)
        looks.append(
            Look(xyxy=(*origin, origin[0] + piece.shape[1], origin[1] + piece.shape[0]), scale=scale)
        )
    return looks, batch


def _piece(picture: Image, region: Xyxy) -> tuple[Image, tuple[float, float]]:
    """The region's pixels (a view where it lies inside) and where its top left corner is."""
    height, width = picture.shape[:2]
    x0, y0 = int(np.floor(region[0])), int(np.floor(region[1]))
    x1, y1 = int(np.ceil(region[2])), int(np.ceil(region[3]))
    inside = picture[max(0, y0) : min(height, y1), max(0, x0) : min(width, x1)]
    borders = (max(0, -y0), max(0, y1 - height), max(0, -x0), max(0, x1 - width))
    if any(borders):
        inside = cv2.copyMakeBorder(inside, *borders, cv2.BORDER_CONSTANT, value=(PAD_VALUE,) * 3)  # type: ignore[assignment]
    return inside, (float(x0), float(y0))


def _tiles(size_wh: tuple[int, int], overlap: float) -> list[Xyxy]:
    """Two by two, each reaching over the middle."""
    width, height = size_wh
    w, h = width * (0.5 + overlap / 2), height * (0.5 + overlap / 2)
    return [(x, y, x + w, y + h) for y in (0.0, height - h) for x in (0.0, width - w)]


def _grown(xyxy: Xyxy, margin: float, size_wh: tuple[int, int]) -> Xyxy:
    x0, y0, x1, y1 = xyxy
    dx, dy = (x1 - x0) * margin, (y1 - y0) * margin
    return max(0.0, x0 - dx), max(0.0, y0 - dy), min(size_wh[0], x1 + dx), min(size_wh[1], y1 + dy)


def _sides(xyxy: Xyxy) -> tuple[float, float]:
    return xyxy[2] - xyxy[0], xyxy[3] - xyxy[1]


def _area(xyxy: Xyxy) -> float:
    width, height = _sides(xyxy)
    return width * height
