"""Labelled plates of a folder of pictures, as cut-outs in memory: what the reader learns and is judged on.

In: `annotations.jsonl` and, where it is there, `teacher.jsonl`. Out: one `PlateCut` a plate whose text
is known. A picture that is missing or does not open is named, counted and left out.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from contracts.messages.common import ALPHABET
from triton_models.geometry import box_corners, iou
from triton_models.training.plate_pictures import Floats, PlateCut, Rgb, box_quad

logger = logging.getLogger(__name__)

LONGEST_TEXT = 14
Teacher = list[Mapping[str, Any]]
_AROUND = (0.35, 0.6)
"""Surroundings kept, of the plate's width and height."""
_LARGEST_PLATE = (288, 144)


@dataclass(frozen=True)
class LabelledPlates:
    plates: list[PlateCut]
    skipped: int


def read_plates(folder: Path, split: str, sources: Iterable[str] | None = None) -> LabelledPlates:
    wanted = None if sources is None else set(sources)
    corners = _teacher_corners(folder / "teacher.jsonl")
    plates: list[PlateCut] = []
    skipped = 0
    for line in (folder / "annotations.jsonl").read_text().splitlines():
        note = json.loads(line)
        if note["split"] != split or (wanted is not None and note["source"] not in wanted):
            continue
        texts = [plate for plate in note.get("plates", ()) if _readable(plate.get("text"))]
        if not texts:
            continue
        picture = cv2.imread(str(folder / note["image"]))
        if picture is None:
            logger.warning("%s is missing or does not open: left out", note["image"])
            skipped += 1
            continue
        rgb: Rgb = cv2.cvtColor(picture, cv2.COLOR_BGR2RGB).astype(np.uint8)
        plates += [_cut(rgb, note, plate, corners.get(note["image"], [])) for plate in texts]
    return LabelledPlates(plates, skipped)


def _readable(text: str | None) -> bool:
    return text is not None and 0 < len(text) <= LONGEST_TEXT and set(text) <= set(ALPHABET)


def _teacher_corners(path: Path) -> dict[str, Teacher]:
    if not path.exists():
        return {}
    lines = (json.loads(line) for line in path.read_text().splitlines())
    return {note["image"]: note.get("plates", []) for note in lines}


def _cut(rgb: Rgb, note: Mapping[str, Any], plate: Mapping[str, Any], teacher: Teacher) -> PlateCut:
    box = np.array(plate["box"], np.float32)
    width, height = float(box[2] - box[0]), float(box[3] - box[1])
    room_x, room_y = _AROUND[0] * width + 2, _AROUND[1] * height + 2
    x0, y0 = max(0, int(box[0] - room_x)), max(0, int(box[1] - room_y))
    x1, y1 = int(box[2] + room_x) + 1, int(box[3] + room_y) + 1
    piece = rgb[y0:y1, x0:x1]
    scale = min(1.0, _LARGEST_PLATE[0] / max(width, 1.0), _LARGEST_PLATE[1] / max(height, 1.0))
    if scale < 1.0:
        piece = cv2.resize(piece, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA).astype(np.uint8)
    offset = np.array([x0, y0], np.float32)
    quads = [(quad - offset) * scale for quad in _framings(box, plate, teacher)]
    boxes = _character_boxes(plate)
    if boxes is not None:
        boxes = (boxes - np.tile(offset, 2)) * scale
    return PlateCut(
        picture=np.ascontiguousarray(piece), framings=tuple(quads), text=plate["text"], boxes=boxes,
        source=note["source"], group=str(note.get("group", note["image"])), lines=plate.get("lines"),
        name=note["image"],
    )  # fmt: skip


def _character_boxes(plate: Mapping[str, Any]) -> Floats | None:
    characters = plate.get("characters") or []
    if "".join(item["character"] for item in characters) != plate["text"]:
        return None
    return np.array([item["box"] for item in characters], np.float32)


def _framings(box: Floats, plate: Mapping[str, Any], teacher: Teacher) -> list[Floats]:
    """The teacher's corners twice (they are tighter), the drawn box once, a quad along the characters."""
    quads = []
    for other in teacher:
        if plate.get("lines") != 2 and iou(box, np.array([other["box"]], np.float32))[0] > 0.5:
            quads += [np.array(other["corners"], np.float32)] * 2
            break
    boxes = _character_boxes(plate)
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
