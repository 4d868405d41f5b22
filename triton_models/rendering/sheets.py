"""Contact sheets for people's eyes: a generator of random numbers in, one RGB picture out."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from triton_models.rendering.plates import random_plate
from triton_models.rendering.scenes import training_scene

Picture = NDArray[np.uint8]
_VEHICLES = ("car", "car", "motorcycle", "truck", "auto-rickshaw", "bus")


def plate_sheet(rng: np.random.Generator, rows: int) -> Picture:
    """A column a kind of vehicle; every third row shows the characters' boxes."""
    lines = []
    for row in range(rows):
        tiles = []
        for vehicle in _VEHICLES:
            plate = random_plate(rng, vehicle=vehicle, height_px=110)
            picture = plate.image.copy()
            if row % 3 == 0:
                for _, (x0, y0, x1, y1), _ in plate.characters:
                    cv2.rectangle(picture, (int(x0), int(y0)), (int(x1), int(y1)), (220, 30, 30), 1)
            tiles.append(_tile(picture, (300, 160)))
        lines.append(np.hstack(tiles))
    return np.vstack(lines)


def scene_sheet(rng: np.random.Generator, count: int) -> Picture:
    tiles = []
    for _ in range(count):
        frame, truth = training_scene(rng)
        picture = frame.copy()
        for vehicle in truth.vehicles:
            x0, y0, x1, y1 = (round(value) for value in vehicle.xyxy)
            cv2.rectangle(picture, (x0, y0), (x1, y1), (40, 220, 60), 2)
        for plate in truth.plates:
            cv2.polylines(
                picture, [np.array(plate.corners).round().astype(np.int32)], True, (230, 40, 230), 2
            )
        tiles.append(_tile(picture, (640, 384)))
    tiles += [np.zeros_like(tiles[0])] * (-len(tiles) % 3)
    return np.vstack([np.hstack(tiles[index : index + 3]) for index in range(0, len(tiles), 3)])


def _tile(picture: Picture, size_wh: tuple[int, int]) -> Picture:
    scale = min(size_wh[0] / picture.shape[1], size_wh[1] / picture.shape[0]) * 0.97
    small = cv2.resize(picture, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    tile = np.full((size_wh[1], size_wh[0], 3), 70, np.uint8)
    y, x = (size_wh[1] - small.shape[0]) // 2, (size_wh[0] - small.shape[1]) // 2
    tile[y : y + small.shape[0], x : x + small.shape[1]] = small
    return tile
