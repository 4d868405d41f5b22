"""Labelled plates of a folder of pictures, as cut-outs in memory: what the reader learns and is judged on.

In: `annotations.jsonl` and, where it is there, `teacher.jsonl`. Out: one `PlateCut` a plate whose text
is known. What is missing, does not open or lies outside its picture is named, counted and left out.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

from contracts.messages.common import ALPHABET
from triton_models.geometry import box_corners, iou
from triton_models.training.crops.plate_pictures import Floats, PlateCut, Rgb, box_quad
from triton_models.training.labels.annotations import (
    Annotation,
    LabelledPlate,
    Skipped,
    TeacherPlate,
    as_read,
    read_annotations,
    read_teacher,
)
from triton_models.training.labels.opened import opened
from triton_models.training.labels.visible import visible

LONGEST_TEXT = 14
_AROUND = (0.35, 0.6)
"""Surroundings kept, of the plate's width and height."""
_LARGEST_PLATE = (288, 144)


@dataclass(frozen=True)
class LabelledPlates:
    plates: list[PlateCut]
    skipped: list[Skipped]


def read_plates(folder: Path, split: str, only: Collection[str] | None = None) -> LabelledPlates:
    """The plates of a split, or of `only` those pictures of it."""
    notes = read_annotations(folder, split)
    skipped = list(notes.skipped)
    teacher = read_teacher(folder, skipped)
    plates: list[PlateCut] = []
    for note in map(as_read, notes.pictures):
        readable = any(_readable(plate.text) for plate in note.plates)
        if not readable or (only is not None and note.image not in only):
            continue
        rgb = opened(folder, note.image, skipped)
        if rgb is None:
            continue
        labels = teacher.get(note.image)
        corners = [] if labels is None else list(labels.plates)
        seen = visible(note, (rgb.shape[1], rgb.shape[0]), skipped)
        plates += [_cut(rgb, note, plate, corners) for plate in seen.plates if _readable(plate.text)]
    return LabelledPlates(plates, skipped)


def _readable(text: str | None) -> bool:
    return text is not None and 0 < len(text) <= LONGEST_TEXT and set(text) <= set(ALPHABET)


def _cut(rgb: Rgb, note: Annotation, plate: LabelledPlate, teacher: Sequence[TeacherPlate]) -> PlateCut:
    box = np.array(plate.box, np.float32)
    width, height = float(box[2] - box[0]), float(box[3] - box[1])
    room_x, room_y = _AROUND[0] * width + 2, _AROUND[1] * height + 2
    x0, y0 = max(0, int(box[0] - room_x)), max(0, int(box[1] - room_y))
    x1, y1 = int(box[2] + room_x) + 1, int(box[3] + room_y) + 1
    piece = rgb[y0:y1, x0:x1]
    scale = min(1.0, _LARGEST_PLATE[0] / max(width, 1.0), _LARGEST_PLATE[1] / max(height, 1.0))
    scale = max(scale, 1.0 / min(piece.shape[:2]))  # of a strip along an edge a pixel stays
    if scale < 1.0:
        piece = cv2.resize(piece, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA).astype(np.uint8)
    offset = np.array([x0, y0], np.float32)
    boxes = _character_boxes(plate)
    return PlateCut(
        picture=np.ascontiguousarray(piece),
        framings=tuple((quad - offset) * scale for quad in _framings(plate, boxes, teacher)),
        text=plate.text or "",
        boxes=None if boxes is None else (boxes - np.tile(offset, 2)) * scale,
        source=note.source,
        group=note.group or note.image,
        lines=plate.lines,
        name=note.image,
    )


def _character_boxes(plate: LabelledPlate) -> Floats | None:
    """Where every character of the text has a box."""
    if "".join(item.character for item in plate.characters) != plate.text:
        return None
    return np.array([item.box for item in plate.characters], np.float32)


def _framings(plate: LabelledPlate, boxes: Floats | None, teacher: Sequence[TeacherPlate]) -> list[Floats]:
    """The teacher's corners twice (they are tighter), a quad along the characters, the drawn box."""
    box = np.array(plate.box, np.float32)
    quads: list[Floats] = []
    near = [other for other in teacher if iou(box, np.array([other.box], np.float32))[0] > 0.5]
    if near and plate.lines != 2:  # its corners of two-line plates are bad
        quads += [np.array(near[0].corners, np.float32)] * 2
    if boxes is not None:
        quads.append(_quad_along(boxes))
    return [*quads, box_quad(box)]


def _quad_along(boxes: Floats) -> Floats:
    """The characters' common slope gives the tilt; the quad is the tilted rectangle around them."""
    corners = box_corners(boxes).reshape(-1, 2).astype(np.float64)
    middles = np.stack(((boxes[:, 0] + boxes[:, 2]) / 2, (boxes[:, 1] + boxes[:, 3]) / 2), axis=1)
    steps = np.diff(middles, axis=0)
    forward = steps[steps[:, 0] > np.abs(steps[:, 1])]
    angle = float(np.median(np.arctan2(forward[:, 1], forward[:, 0]))) if len(forward) else 0.0
    turn = np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]])
    flat = corners @ turn.T
    low, high = flat.min(0), flat.max(0)
    room = (high - low) * (0.03, 0.04)
    low, high = low - room, high + room
    quad = np.array([[low[0], low[1]], [high[0], low[1]], [high[0], high[1]], [low[0], high[1]]])
    return (quad @ turn).astype(np.float32)
