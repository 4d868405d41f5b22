"""Labels held against the pixels that they belong to: what of them can be seen, and which show nothing."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from typing import TypeVar

import msgspec

from triton_models.training.labels.annotations import (
    Annotation,
    Box,
    LabelledPlate,
    LabelledVehicle,
    Skipped,
    TeacherLabels,
    TeacherPlate,
    TeacherVehicle,
)

logger = logging.getLogger(__name__)

Labels = TypeVar("Labels", Annotation, TeacherLabels)
Labelled = TypeVar("Labelled", LabelledPlate, LabelledVehicle, TeacherPlate, TeacherVehicle)


def visible(labels: Labels, size_wh: tuple[int, int], skipped: list[Skipped] | None) -> Labels:
    """The labels, their boxes cut at the edges of the picture of `size_wh` pixels. Those that lie outside or
    have no area are logged and added to `skipped` (None: that is done elsewhere).

    Where such a plate or vehicle truly is, nobody says: the picture is no longer complete.
    """
    whose = labels.image if isinstance(labels, Annotation) else f"{labels.image} teacher's"
    outside: list[Skipped] = []
    plates = _within(labels.plates, f"{whose} plate", size_wh, outside)
    vehicles = _within(labels.vehicles, f"{whose} vehicle", size_wh, outside)
    if skipped is not None:
        for each in outside:
            logger.warning("%s: %s: left out", each.picture, each.why)
        skipped += outside
    seen = msgspec.structs.replace(labels, plates=plates, vehicles=vehicles)
    if isinstance(seen, Annotation):
        return msgspec.structs.replace(
            seen,
            plates_complete=seen.plates_complete and len(plates) == len(labels.plates),
            vehicles_complete=seen.vehicles_complete and len(vehicles) == len(labels.vehicles),
        )
    return seen


def _within(
    labels: Sequence[Labelled], name: str, size_wh: tuple[int, int], outside: list[Skipped]
) -> tuple[Labelled, ...]:
    seen: list[Labelled] = []
    for number, label in enumerate(labels, 1):
        cut = _cut(label.box, size_wh)
        if _has_area(cut):
            seen.append(msgspec.structs.replace(label, box=cut))
            continue
        why = "outside the picture" if _has_area(label.box) else "no area in the picture"
        box = [round(value, 1) for value in label.box]
        outside.append(Skipped(f"{name} {number}", f"box {box}: {why} of {size_wh[0]} x {size_wh[1]}"))
    return tuple(seen)


def _cut(box: Box, size_wh: tuple[int, int]) -> Box:
    x0, y0, x1, y1 = box
    return max(x0, 0.0), max(y0, 0.0), min(x1, float(size_wh[0])), min(y1, float(size_wh[1]))


def _has_area(box: Box) -> bool:
    return box[0] < box[2] and box[1] < box[3]
