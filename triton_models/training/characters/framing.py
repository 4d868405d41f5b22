"""Plates framed as the plate model frames them: what the reader will be given once it is served.

Labels are drawn by people and looser or tighter than the model's corners; a reader that has seen only
labels loses several points on them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import onnxruntime

from triton_models.geometry import corners_box, iou, letterbox
from triton_models.tensors import PLATE, PLATE_SIZE_WH
from triton_models.training.plate_pictures import Floats, PlateCut

_LEAST_SCORE, _LEAST_OVERLAP = 0.25, 0.4


def with_model_framings(plates: Sequence[PlateCut], model: Path) -> list[PlateCut]:
    """Adds the model's corners, where it finds the plate, with the weight of all other framings."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    session = onnxruntime.InferenceSession(str(model), options, providers=["CPUExecutionProvider"])
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
