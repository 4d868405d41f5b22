"""Others' detectors in the same run: the same pictures, the same matching, one thread each, with ours."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np

from contracts.errors import Rejected
from contracts.messages.common import VEHICLE_CLASSES
from deploy.reading.pictures import open_picture
from triton_models.geometry import corners_box, letterbox
from triton_models.tensors import PLATE, PLATE_SIZE_WH, VEHICLE, VEHICLE_SIZE_WH
from triton_models.training.evaluation.peers import (
    Boxes,
    Detector,
    Rgb,
    plate_detectors,
    vehicle_detectors,
)
from triton_models.training.evaluation.precision import Ranking
from triton_models.training.evaluation.report import EVERYTHING
from triton_models.training.export.one_core import one_core_session
from triton_models.training.labels.annotations import Annotation
from triton_models.training.labels.visible import visible

_LEAST_VEHICLE_PX = 60.0
_MERGED = ("car", "bus", "truck")
OURS = "platestream"


async def detectors_beside_ours(
    pictures: Path, notes: Sequence[Annotation], repository: Path, peers: Path | None
) -> dict[str, Any]:
    """Average precision of the detectors, ours included; without `peers` ours stand alone."""
    return await asyncio.to_thread(_measured, pictures, notes, repository, peers)


def _measured(
    pictures: Path, notes: Sequence[Annotation], repository: Path, peers: Path | None
) -> dict[str, Any]:
    plates = _Comparison({OURS: _our_plates(repository)} | plate_detectors(peers))
    vehicles = _Comparison({OURS: _our_vehicles(repository)} | vehicle_detectors(peers))
    for note in notes:
        try:
            picture = open_picture(pictures / note.image)
        except Rejected:
            continue  # named where the detectors are measured alone
        seen = visible(note, (picture.shape[1], picture.shape[0]), None)
        if seen.plates:
            plates.add(note.source, picture, _array([plate.box for plate in seen.plates]), 0.0)
        labelled = [each.box for each in seen.vehicles if each.kind in _MERGED]
        if labelled:
            vehicles.add(note.source, picture, _array(labelled), _LEAST_VEHICLE_PX)
    return {
        "plates, average precision at an overlap of a half": plates.figures(),
        "cars, buses and trucks of 60 px, average precision at an overlap of a half": vehicles.figures(),
    }


class _Comparison:
    def __init__(self, detectors: Mapping[str, Detector]) -> None:
        self._detectors = detectors
        self._rankings: dict[str, dict[str, Ranking]] = {name: {} for name in detectors}
        self._times: dict[str, list[float]] = {name: [] for name in detectors}

    def add(self, source: str, picture: Rgb, labels: Any, least_px: float) -> None:  # noqa: ANN401
        for name, detect in self._detectors.items():
            began = time.thread_time()
            found = detect(picture)
            self._times[name].append(time.thread_time() - began)
            for key in (EVERYTHING, source):
                ranking = self._rankings[name].setdefault(key, Ranking())
                ranking.add(found.xyxy, found.scores, labels, least_px=least_px)

    def figures(self) -> dict[str, dict[str, Any]]:
        return {
            name: {
                "milliseconds": round(1e3 * median(self._times[name]), 1) if self._times[name] else None,
                **{key: _precision(ranking) for key, ranking in rankings.items()},
            }
            for name, rankings in self._rankings.items()
        }


def _our_plates(repository: Path) -> Detector:
    session = one_core_session(repository / PLATE.model / "1" / "model.onnx")

    def detect(picture: Rgb) -> Boxes:
        canvas, scale = letterbox(picture, PLATE_SIZE_WH)
        rows = session.run(None, {PLATE.input.name: canvas[np.newaxis]})[0][0]
        rows = rows[rows[:, 8] > 0]
        corners = rows[:, :8].reshape(-1, 4, 2) / np.float32(scale)
        return Boxes(corners_box(corners), rows[:, 8], corners)

    return detect


def _our_vehicles(repository: Path) -> Detector:
    session = one_core_session(repository / VEHICLE.model / "1" / "model.onnx")
    merged = [VEHICLE_CLASSES.index(kind) for kind in VEHICLE_CLASSES if kind in _MERGED]

    def detect(picture: Rgb) -> Boxes:
        canvas, scale = letterbox(picture, VEHICLE_SIZE_WH)
        rows = session.run(None, {VEHICLE.input.name: canvas[np.newaxis]})[0][0]
        rows = rows[(rows[:, 4] > 0) & np.isin(rows[:, 5].astype(int), merged)]
        return Boxes(rows[:, :4] / np.float32(scale), rows[:, 4])

    return detect


def _array(boxes: Sequence[tuple[float, float, float, float]]) -> Any:  # noqa: ANN401
    return np.array(boxes, np.float32).reshape(-1, 4)


def _precision(ranking: Ranking) -> dict[str, Any]:
    value = ranking.average_precision
    return {"labelled": ranking.labelled, "average_precision": None if value is None else round(value, 4)}
