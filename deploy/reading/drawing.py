"""A picture and what was read in it -> the picture with boxes drawn in, each plate enlarged below it."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from contracts.messages.common import Xyxy
from deploy.reading.answers import Character, PictureAnswer, PlateAnswer
from triton_models.geometry import box_corners, corners_box, project, rectify

_SHORTEST_WIDTH = 960
_LONGEST_SIDE = 2400
_PANEL_PLATE_WIDTH = 640
_PANEL_ROOM = 40
_FONT = cv2.FONT_HERSHEY_SIMPLEX
_VEHICLE_RGB = (64, 156, 255)
_PLATE_RGB = (255, 196, 0)
_PAPER_RGB = (24, 26, 30)

Picture = NDArray[np.uint8]


def drawn(picture: Picture, answer: PictureAnswer) -> Picture:
    """A new picture: vehicles, plates and texts in it, below it every plate with its characters."""
    scale = _scale(picture)
    size_wh = (round(picture.shape[1] * scale), round(picture.shape[0] * scale))
    how = cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC
    canvas: Picture = np.ascontiguousarray(cv2.resize(picture, size_wh, interpolation=how), np.uint8)
    for plate in answer.plates:
        _draw_vehicle(canvas, plate, scale)
    for plate in answer.plates:
        _draw_plate(canvas, plate, scale)
    panels = [_panel(picture, plate, canvas.shape[1]) for plate in answer.plates]
    return np.vstack([canvas, *panels]).astype(np.uint8, copy=False)


def _scale(picture: Picture) -> float:
    height, width = int(picture.shape[0]), int(picture.shape[1])
    return min(max(1.0, _SHORTEST_WIDTH / width), _LONGEST_SIDE / max(width, height))


def _draw_vehicle(canvas: Picture, plate: PlateAnswer, scale: float) -> None:
    if plate.vehicle is None:
        return
    x0, y0, x1, y1 = (round(value * scale) for value in plate.vehicle.box)
    cv2.rectangle(canvas, (x0, y0), (x1, y1), _VEHICLE_RGB, 2)
    _label(canvas, f"{plate.vehicle.kind} {plate.vehicle.confidence:.2f}", (x0, y0), _VEHICLE_RGB)


def _draw_plate(canvas: Picture, plate: PlateAnswer, scale: float) -> None:
    corners = np.round(np.array(plate.corners) * scale).astype(np.int32)
    cv2.polylines(canvas, [corners], isClosed=True, color=_PLATE_RGB, thickness=2)
    sure = "" if plate.accepted else "?"
    text = f"{plate.text or 'unread'}{sure} {plate.confidence:.2f}"
    _label(canvas, text, (int(corners[:, 0].min()), int(corners[:, 1].min())), _PLATE_RGB)


def _panel(picture: Picture, plate: PlateAnswer, width: int) -> Picture:
    """The plate straight and large, over each character its box, letter and confidence."""
    corners = np.array(plate.corners, np.float32)
    size_wh = _panel_size_wh(corners, width)
    plate_picture, homography = rectify(picture, corners, size_wh)
    panel = np.full((size_wh[1] + 2 * _PANEL_ROOM, width, 3), _PAPER_RGB, np.uint8)
    panel[_PANEL_ROOM : _PANEL_ROOM + size_wh[1], : size_wh[0]] = plate_picture
    for character, box in zip(plate.characters, _boxes_on(plate.characters, homography), strict=True):
        _draw_character(panel, character, box)
    facts = f"{plate.colour}, {plate.lines} line{'s' * (plate.lines > 1)}, {plate.format.series}"
    _label(panel, f"{plate.text or 'unread'}  {plate.confidence:.2f}  {facts}", (0, 20), _PLATE_RGB)
    return panel


def _panel_size_wh(corners: NDArray[np.float32], width: int) -> tuple[int, int]:
    across = float(np.linalg.norm(corners[1] - corners[0]) + np.linalg.norm(corners[2] - corners[3]))
    down = float(np.linalg.norm(corners[3] - corners[0]) + np.linalg.norm(corners[2] - corners[1]))
    plate_width = min(width, _PANEL_PLATE_WIDTH)
    return plate_width, int(np.clip(plate_width * down / max(across, 1.0), 60, plate_width))


def _boxes_on(characters: Sequence[Character], homography: NDArray[np.float64]) -> list[Xyxy]:
    if not characters:
        return []
    boxes = np.array([character.box for character in characters], np.float32)
    projected = corners_box(project(box_corners(boxes), homography))
    return [(float(box[0]), float(box[1]), float(box[2]), float(box[3])) for box in projected]


def _draw_character(panel: Picture, character: Character, box: Xyxy) -> None:
    doubt = 1.0 - character.confidence
    colour = (int(60 + 195 * min(1.0, 2 * doubt)), int(200 - 140 * doubt), 60)
    x0, y0, x1, y1 = round(box[0]), round(box[1]) + _PANEL_ROOM, round(box[2]), round(box[3]) + _PANEL_ROOM
    cv2.rectangle(panel, (x0, y0), (x1, y1), colour, 2)
    cv2.putText(panel, character.character, (x0 + 2, y1 + 18), _FONT, 0.6, colour, 2, cv2.LINE_AA)
    confidence = f"{character.confidence:.2f}"
    cv2.putText(panel, confidence, (x0 + 2, max(12, y0 - 4)), _FONT, 0.4, colour, 1, cv2.LINE_AA)


def _label(canvas: Picture, text: str, at_xy: tuple[int, int], colour: tuple[int, int, int]) -> None:
    """Text on a filled box that stays inside the picture."""
    (width, height), _ = cv2.getTextSize(text, _FONT, 0.55, 1)
    x = max(0, min(at_xy[0], canvas.shape[1] - width - 6))
    y = max(height + 8, at_xy[1])
    cv2.rectangle(canvas, (x, y - height - 8), (x + width + 6, y), colour, cv2.FILLED)
    cv2.putText(canvas, text, (x + 3, y - 5), _FONT, 0.55, (0, 0, 0), 1, cv2.LINE_AA)
