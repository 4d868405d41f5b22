"""A detector's rows against the labels of held-out pictures: recall, precision, errors, by source."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np

from triton_models.geometry import corners_box, iou, letterbox
from triton_models.training.detectors.pictures import Floats, LabelledPicture, Rgb

ACCEPTED = 0.3
_SAME = 0.5
_TWO_LINES = 0.5
_LEAST_VEHICLE_PX = 24.0
"""Vehicles smaller than this in the letterboxed picture are not asked for."""

Detect = Callable[[Rgb], Floats]
"""A letterboxed picture [H, W, 3] -> rows."""


@dataclass
class Score:
    """`labelled` objects, those `found` at an overlap of a half, those of them with the right class (for
    vehicles), all `rows` above the threshold, and the errors of corners in shares of the plate's width.
    `lines_right` of found plates whose number of lines somebody knows, `lines_known`."""

    labelled: int = 0
    found: int = 0
    classed: int = 0
    rows: int = 0
    lines_right: int = 0
    lines_known: int = 0
    corner_errors: list[float] = field(default_factory=list)

    def figures(self) -> dict[str, float]:
        figures: dict[str, float] = {"labelled": self.labelled, "found": self.found, "rows": self.rows}
        if self.corner_errors:
            figures["corner_error"] = round(float(np.median(self.corner_errors)), 4)
        if self.lines_known:
            figures["lines_right"] = round(self.lines_right / self.lines_known, 4)
        if self.classed:
            figures["class_right"] = self.classed
        return figures


def judge_plates(
    pictures: Sequence[LabelledPicture], detect: Detect, size_wh: tuple[int, int]
) -> dict[str, Score]:
    """Each picture once as a whole, letterboxed."""
    scores: dict[str, Score] = {}
    for picture in pictures:
        if not picture.plates:
            continue
        canvas, scale = letterbox(picture.pixels(), size_wh)
        rows = detect(canvas)
        rows = rows[rows[:, 8] >= ACCEPTED]
        corners = rows[:, :8].reshape(-1, 4, 2) / scale
        score = scores.setdefault(picture.source, Score())
        score.rows += len(rows)
        for label in picture.plates:
            score.labelled += 1
            if not len(rows):
                continue
            overlaps = iou(corners_box(label.corners), corners_box(corners))
            if overlaps.max() > _SAME:
                score.found += 1
                width = float(np.linalg.norm(label.corners[1] - label.corners[0]))
                error = np.linalg.norm(corners[int(overlaps.argmax())] - label.corners, axis=1).mean()
                score.corner_errors.append(float(error) / width)
                score.lines_known += label.lines > 0
                score.lines_right += label.lines == 1 + int(rows[int(overlaps.argmax()), 9] >= _TWO_LINES)
    return scores


def judge_vehicles(
    pictures: Sequence[LabelledPicture], detect: Detect, size_wh: tuple[int, int]
) -> dict[str, Score]:
    """Each picture once as a whole, letterboxed."""
    scores: dict[str, Score] = {}
    for picture in pictures:
        canvas, scale = letterbox(picture.pixels(), size_wh)
        rows = detect(canvas)
        rows = rows[rows[:, 4] >= ACCEPTED]
        score = scores.setdefault(picture.source, Score())
        score.rows += len(rows)
        for label in picture.vehicles:
            box = label.xyxy * scale
            if box[2] - box[0] < _LEAST_VEHICLE_PX:
                continue
            score.labelled += 1
            overlaps = iou(box, rows[:, :4]) if len(rows) else np.zeros(1, np.float32)
            if overlaps.max() > _SAME:
                score.found += 1
                score.classed += int(rows[int(overlaps.argmax()), 5]) == label.kind
    return scores


def total(scores: dict[str, Score]) -> Score:
    """All sources together."""
    everything = Score()
    for score in scores.values():
        everything.labelled += score.labelled
        everything.found += score.found
        everything.classed += score.classed
        everything.rows += score.rows
        everything.lines_right += score.lines_right
        everything.lines_known += score.lines_known
        everything.corner_errors += score.corner_errors
    return everything
