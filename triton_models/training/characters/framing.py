"""Plates framed as the plate model frames them: what the reader will be given once it is served.

Labels are drawn by people and looser or tighter than the model's corners; a reader that has seen only
labels loses several points on them. And where a reader of before has found each character, for plates whose
label says only the text.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import onnxruntime

from contracts.messages.common import ALPHABET
from triton_models.geometry import box_corners, corners_box, iou, letterbox, project, rectify
from triton_models.tensors import CHARACTERS, CHARACTERS_SIZE_WH, PLATE, PLATE_SIZE_WH
from triton_models.training.characters.score import best_text
from triton_models.training.crops.plate_pictures import Floats, PlateCut
from triton_models.training.export.one_core import one_core_session

_LEAST_SCORE, _LEAST_OVERLAP = 0.25, 0.4


def with_model_framings(plates: Sequence[PlateCut], model: Path) -> list[PlateCut]:
    """Adds the model's corners, where it finds the plate, with the weight of all other framings."""
    session = one_core_session(model)
    framed = []
    for cut in plates:
        canvas, scale = letterbox(cut.picture, PLATE_SIZE_WH)
        rows: Floats = session.run([PLATE.outputs[0].name], {PLATE.input.name: canvas[np.newaxis]})[0][0]
        quad = _nearest(rows[rows[:, 8] >= _LEAST_SCORE], scale, cut.framings[-1])
        more = () if quad is None else (quad,) * len(cut.framings)
        framed.append(replace(cut, framings=(*cut.framings, *more)))
    return framed


def _nearest(rows: Floats, scale: float, label: Floats) -> Floats | None:
    if not len(rows):
        return None
    quads = rows[:, :8].reshape(-1, 4, 2) / np.float32(scale)
    shared = iou(corners_box(label), corners_box(quads))
    best = int(shared.argmax())
    return quads[best] if shared[best] >= _LEAST_OVERLAP else None


def with_read_boxes(plates: Sequence[PlateCut], model: Path) -> list[PlateCut]:
    """Adds a box a character where none is labelled and the model reads what the label says."""
    session = one_core_session(model)
    names = [output.name for output in CHARACTERS.outputs]
    return [cut if cut.boxes is not None else replace(cut, boxes=_read_boxes(cut, session, names))
            for cut in plates]  # fmt: skip


def _read_boxes(cut: PlateCut, session: onnxruntime.InferenceSession, names: Sequence[str]) -> Floats | None:
    for quad in cut.framings:
        crop, homography = rectify(cut.picture, quad, CHARACTERS_SIZE_WH)
        probabilities, places = session.run(names, {CHARACTERS.input.name: crop[np.newaxis]})
        if best_text(probabilities[0]) == cut.text:
            boxes: Floats = places[0][probabilities[0].argmax(-1) < len(ALPHABET)]
            back = np.linalg.inv(homography).astype(homography.dtype)
            return corners_box(project(box_corners(boxes), back))
    return None
