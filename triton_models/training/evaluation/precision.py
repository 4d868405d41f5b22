"""Ranked boxes against labels -> average precision at an overlap of a half, alike for every detector."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from triton_models.geometry import iou

Floats = NDArray[np.float32]
_SAME = 0.5


@dataclass
class Ranking:
    """Boxes of many pictures, each right or wrong. A box beside every label counts as wrong also where a
    source did not label everything: that is as hard on each detector that is compared."""

    labelled: int = 0
    scores: list[float] = field(default_factory=list)
    right: list[bool] = field(default_factory=list)

    def add(self, boxes: Floats, scores: Floats, labels: Floats, *, least_px: float = 0.0) -> None:
        """One picture's boxes [N, 4] and scores [N] and labels [M, 4].

        Labels with a side under `least_px`, and boxes that match them, are neither right nor wrong; so are
        smaller boxes that match nothing.
        """
        asked = _least_side(labels) >= least_px
        self.labelled += int(asked.sum())
        used: set[int] = set()
        for index in np.argsort(-scores, kind="stable"):
            box = boxes[index]
            overlaps = iou(box, labels) if len(labels) else np.zeros(1, np.float32)
            best = int(overlaps.argmax())
            if len(labels) and overlaps[best] >= _SAME and (asked[best] or best in used):
                self._note(float(scores[index]), right=best not in used)
            elif overlaps[best] < _SAME and float(_least_side(box[np.newaxis])[0]) >= least_px:
                self._note(float(scores[index]), right=False)
            if overlaps[best] >= _SAME:
                used.add(best)

    def _note(self, score: float, *, right: bool) -> None:
        self.scores.append(score)
        self.right.append(right)

    @property
    def average_precision(self) -> float | None:
        """Area under precision over recall, precision made falling (PASCAL VOC 2010 and later)."""
        if not self.labelled:
            return None
        order = np.argsort(-np.array(self.scores), kind="stable")
        right = np.array(self.right, bool)[order]
        found = np.cumsum(right)
        precision = found / np.arange(1, len(right) + 1)
        falling = np.maximum.accumulate(precision[::-1])[::-1]
        recall = np.concatenate([[0.0], found / self.labelled])
        return float((np.diff(recall) * falling).sum())


def _least_side(boxes: Floats) -> Floats:
    sides: Floats = np.minimum(boxes[:, 2] - boxes[:, 0], boxes[:, 3] - boxes[:, 1])
    return sides
