"""Labelled pictures for the detectors: read, shrunk and kept as JPEG in memory, with what they show.

A teacher's labels fill what a source does not say: corners of plates, second plates, vehicles. What
neither says for sure is ignored: found or not, it is neither right nor wrong.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from contracts.messages.common import VEHICLE_CLASSES
from triton_models.geometry import iou
from triton_models.training.labels.annotations import (
    Annotation,
    LabelledPlate,
    Skipped,
    TeacherLabels,
    read_annotations,
    read_teacher,
)
from triton_models.training.labels.opened import opened
from triton_models.training.labels.plain_colour import plain_colour
from triton_models.training.labels.visible import visible

Floats = NDArray[np.float32]
Rgb = NDArray[np.uint8]

LONGEST_SIDE = 800
_JPEG_QUALITY = 92
_SAME_PLATE = 0.4
_SAME_VEHICLE = 0.45
_SURE_PLATE = 0.75
_SURE_VEHICLE = 0.4
_TEACHER_WEIGHT = 0.7
_BOX_WEIGHT = 0.4
"""A box says less about the corners than corners do."""
_KINDS = {"motorcycle_with_rider": "motorcycle", "rickshaw": "auto-rickshaw", "ambulance": "car"}


@dataclass(frozen=True)
class PlateLabel:
    """`corners` [4, 2] from top-left clockwise; `lines` 0 and `colour` -1 where nobody knows."""

    corners: Floats
    weight: float
    lines: int = 0
    colour: int = -1


@dataclass(frozen=True)
class VehicleLabel:
    xyxy: Floats
    kind: int


@dataclass(frozen=True)
class LabelledPicture:
    """`is_crop`: a plate fills it. `kinds`: the vehicle classes that somebody labelled in it.
    `complete`: every plate of it is among `plates` and `unsure_plates`, so the rest is none."""

    name: str
    source: str
    jpeg: bytes
    is_crop: bool
    plates: tuple[PlateLabel, ...]
    unsure_plates: tuple[Floats, ...]
    vehicles: tuple[VehicleLabel, ...]
    unsure_vehicles: tuple[Floats, ...]
    kinds: tuple[int, ...]
    complete: bool = False

    def pixels(self) -> Rgb:
        decoded = cv2.imdecode(np.frombuffer(self.jpeg, np.uint8), cv2.IMREAD_COLOR_RGB)
        # `load_pictures` encoded it, so it decodes.
        return np.asarray(decoded, np.uint8)


def load_pictures(
    folder: Path, split: str, sources: Sequence[str]
) -> tuple[list[LabelledPicture], list[Skipped]]:
    """The pictures of a split, and what was left out: pictures, labels outside them, and lines of labels.

    Raises:
        Stop: the folder has no annotations.
    """
    found = read_annotations(folder, split)
    left_out = list(found.skipped)
    teacher = read_teacher(folder, left_out)
    pictures: list[LabelledPicture] = []
    for note in found.pictures:
        if note.source not in sources:
            continue
        rgb = opened(folder, note.image, left_out)
        if rgb is None:
            continue
        size_wh, taught = (rgb.shape[1], rgb.shape[0]), teacher.get(note.image)
        taught = None if taught is None else visible(taught, size_wh, left_out)
        pictures.append(_labelled(visible(note, size_wh, left_out), taught, rgb))
    return pictures, left_out


def _labelled(note: Annotation, teacher: TeacherLabels | None, rgb: Rgb) -> LabelledPicture:
    scale = min(1.0, LONGEST_SIDE / max(rgb.shape[:2]))
    if scale < 1.0:
        rgb = cv2.resize(rgb, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA).astype(np.uint8)
    bgr = cv2.cvtColor(rgb, cv2.COLOR_RGB2BGR)
    jpeg = cv2.imencode(".jpg", bgr, [cv2.IMWRITE_JPEG_QUALITY, _JPEG_QUALITY])[1].tobytes()
    plates, unsure = _plates(note, teacher)
    vehicles, unsure_vehicles = _vehicles(note, teacher)
    everything = tuple(range(len(VEHICLE_CLASSES)))
    named = tuple(sorted({_kind(name) for name in note.vehicle_classes} | {label.kind for label in vehicles}))
    return LabelledPicture(
        name=note.image,
        source=note.source,
        jpeg=jpeg,
        is_crop=note.kind == "crop",
        plates=tuple(_scaled(label, scale, rgb) for label in plates),
        unsure_plates=tuple(corners * scale for corners in unsure),
        vehicles=tuple(VehicleLabel(label.xyxy * scale, label.kind) for label in vehicles),
        unsure_vehicles=tuple(box * scale for box in unsure_vehicles),
        kinds=everything if teacher and teacher.vehicles else named,
        complete=note.plates_complete,
    )


def _plates(note: Annotation, teacher: TeacherLabels | None) -> tuple[list[PlateLabel], list[Floats]]:
    seen = list(teacher.plates) if teacher else []
    used: set[int] = set()
    labels: list[PlateLabel] = []
    for plate in note.plates:
        same = _best(plate.box, [each.box for each in seen], _SAME_PLATE)
        used |= {same} if same is not None else set()
        labels.append(_plate(plate, None if same is None else np.array(seen[same].corners, np.float32)))
    unsure: list[Floats] = []
    for number, each in enumerate(seen):
        if number in used:
            continue
        corners = np.array(each.corners, np.float32)
        if each.score > _SURE_PLATE:
            labels.append(PlateLabel(corners, _TEACHER_WEIGHT))
        else:
            unsure.append(corners)
    return labels, unsure


def _scaled(label: PlateLabel, scale: float, rgb: Rgb) -> PlateLabel:
    corners = (label.corners * scale).astype(np.float32)
    return replace(label, corners=corners, colour=plain_colour(rgb, corners))


def _plate(plate: LabelledPlate, taught: Floats | None) -> PlateLabel:
    """Corners from its characters, else a teacher's (bad on two lines), else its box."""
    lines = plate.lines or 0
    if len(plate.characters) >= 5:
        around = _around_characters(np.array([each.box for each in plate.characters], np.float32))
        if around is not None:
            return PlateLabel(around, 1.0, lines)
    if taught is not None and lines != 2:
        return PlateLabel(taught, 1.0, lines)
    x0, y0, x1, y1 = plate.box
    return PlateLabel(np.array([[x0, y0], [x1, y0], [x1, y1], [x0, y1]], np.float32), _BOX_WEIGHT, lines)


def _around_characters(boxes: Floats) -> Floats | None:
    """The smallest tilted rectangle around all characters and a rim; None where it is tilted too far."""
    points = np.concatenate([boxes[:, [0, 1]], boxes[:, [2, 1]], boxes[:, [2, 3]], boxes[:, [0, 3]]])
    middle, (width, height), angle = cv2.minAreaRect(points)
    # OpenCV gives the angle of either side, by its version; that of the long way is meant.
    if abs(angle) > 45:
        angle, width, height = angle - math.copysign(90, angle), height, width
    if abs(angle) > 35:
        return None
    rim = 0.35 * float(np.median(boxes[:, 3] - boxes[:, 1]))
    turn = np.radians(angle)
    across = np.array([np.cos(turn), np.sin(turn)]) * (width + rim) / 2
    down = np.array([-np.sin(turn), np.cos(turn)]) * (height + rim) / 2
    centre = np.array(middle)
    signs = ((-1, -1), (1, -1), (1, 1), (-1, 1))
    return np.array([centre + a * across + d * down for a, d in signs], np.float32)


def _vehicles(note: Annotation, teacher: TeacherLabels | None) -> tuple[list[VehicleLabel], list[Floats]]:
    labels = [VehicleLabel(np.array(each.box, np.float32), _kind(each.kind)) for each in note.vehicles]
    own = [each.box for each in note.vehicles]
    unsure: list[Floats] = []
    for each in teacher.vehicles if teacher else ():
        if _best(each.box, own, _SAME_VEHICLE) is not None:
            continue
        said_complete = note.vehicles_complete and each.kind in note.vehicle_classes
        if each.score >= _SURE_VEHICLE and not said_complete and not _around_another(each.box, own):
            labels.append(VehicleLabel(np.array(each.box, np.float32), _kind(each.kind)))
        else:
            unsure.append(np.array(each.box, np.float32))
    return labels, unsure


def _around_another(box: Sequence[float], own: Sequence[Sequence[float]]) -> bool:
    """Whether the middle of a labelled vehicle lies in it: then it may be that one, with its rider, as one of
    a row of rickshaws, or another behind it. Teachers know no rickshaws."""
    x0, y0, x1, y1 = box
    middles = [((each[0] + each[2]) / 2, (each[1] + each[3]) / 2) for each in own]
    return any(x0 < x < x1 and y0 < y < y1 for x, y in middles)


def _kind(name: str) -> int:
    name = _KINDS.get(name, name)
    return VEHICLE_CLASSES.index(name) if name in VEHICLE_CLASSES else VEHICLE_CLASSES.index("other")


def _best(box: Sequence[float], others: Sequence[Sequence[float]], least: float) -> int | None:
    if not others:
        return None
    overlaps = iou(np.array(box, np.float32), np.array(others, np.float32))
    best = int(overlaps.argmax())
    return best if overlaps[best] > least else None
