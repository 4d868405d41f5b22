"""Others' models in the same run: the same pictures, the same matching, one thread each, ours beside them."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np

from contracts.errors import Rejected
from contracts.messages.common import VEHICLE_CLASSES
from deploy.reading.pictures import open_picture
from triton_models.geometry import box_corners, corners_box, letterbox
from triton_models.tensors import PLATE, PLATE_SIZE_WH, VEHICLE, VEHICLE_SIZE_WH
from triton_models.training.annotations import Annotation
from triton_models.training.evaluate_plates import FoundPlate, SourceCounts, count_picture
from triton_models.training.evaluate_report import EVERYTHING
from triton_models.training.peers import (
    Boxes,
    HyperLprPlates,
    LineReader,
    Rgb,
    SlotReader,
    YoloxVehicles,
    open_session,
)
from triton_models.training.precision import Ranking

_LEAST_VEHICLE_PX = 60.0
_MERGED = ("car", "bus", "truck")
_LEAST_PLATE = 0.3
_OURS = "platestream"

Detector = Callable[[Rgb], Boxes]
Reader = Callable[[Rgb, Any], str]


async def peers_beside_ours(
    pictures: Path, notes: Sequence[Annotation], repository: Path, peers: Path | None
) -> dict[str, Any]:
    """Average precision of the detectors, ours included, and exact reads of the peers' cascades.

    Without `peers` ours stand alone.
    """
    return await asyncio.to_thread(_measured, pictures, notes, repository, peers)


def _measured(
    pictures: Path, notes: Sequence[Annotation], repository: Path, peers: Path | None
) -> dict[str, Any]:
    plates = _Comparison({_OURS: _our_plates(repository)} | _found(peers, _PLATE_DETECTORS))
    vehicles = _Comparison({_OURS: _our_vehicles(repository)} | _found(peers, _VEHICLE_DETECTORS))
    readers = _Reads(_found(peers, _PLATE_DETECTORS[:1]), _found(peers, _READERS))
    for note in notes:
        try:
            picture = open_picture(pictures / note.image)
        except Rejected:
            continue  # named by the run from end to end
        if note.plates:
            plates.add(note.source, picture, _array([plate.box for plate in note.plates]), 0.0)
            readers.add(note, picture)
        labelled = [each.box for each in note.vehicles if each.kind in _MERGED]
        if labelled:
            vehicles.add(note.source, picture, _array(labelled), _LEAST_VEHICLE_PX)
    return {
        "plates, average precision at an overlap of a half": plates.figures(),
        "cars, buses and trucks of 60 px, average precision at an overlap of a half": vehicles.figures(),
        "whole pictures read exactly, no threshold": readers.figures(),
    }


class _Comparison:
    def __init__(self, detectors: dict[str, Detector]) -> None:
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


class _Reads:
    """Each reader behind the first plate detector."""

    def __init__(self, detectors: dict[str, Any], readers: dict[str, Any]) -> None:
        self._detect: Detector | None = next(iter(detectors.values()), None)
        self._name = next(iter(detectors), "")
        self._readers: dict[str, Reader] = readers if self._detect else {}
        self._counts: dict[str, dict[str, SourceCounts]] = {name: {} for name in self._readers}

    def add(self, note: Annotation, picture: Rgb) -> None:
        if self._detect is None or not any(plate.text for plate in note.plates):
            return
        found = self._detect(picture)
        for name, read in self._readers.items():
            finds = []
            for box, score, corners in zip(found.xyxy, found.scores, _corners(found), strict=True):
                if score >= _LEAST_PLATE:
                    x0, y0, x1, y1 = (float(value) for value in box)
                    text = read(picture, corners)
                    finds.append(FoundPlate((x0, y0, x1, y1), text, float(score), accepted=True))
            counts = [self._counts[name].setdefault(key, SourceCounts()) for key in (EVERYTHING, note.source)]
            count_picture(counts, note.plates, finds, note.plates_complete, None)

    def figures(self) -> dict[str, dict[str, Any]]:
        return {
            f"{self._name} + {name}": {key: count.exact_rate.figures() for key, count in counts.items()}
            for name, counts in self._counts.items()
        }


_PLATE_DETECTORS = (("y5fu_320x_sim", HyperLprPlates), ("y5fu_640x_sim", HyperLprPlates))
_VEHICLE_DETECTORS = (("yolox_nano", YoloxVehicles),)
_READERS = (("cct_xs_v1_global", SlotReader), ("ch_PP-OCRv4_rec_infer", LineReader))


def _found(folder: Path | None, known: Sequence[tuple[str, Callable[[Path], Any]]]) -> dict[str, Any]:
    if folder is None:
        return {}
    return {
        name: made(folder / f"{name}.onnx") for name, made in known if (folder / f"{name}.onnx").is_file()
    }


def _our_plates(repository: Path) -> Detector:
    session = open_session(repository / PLATE.model / "1" / "model.onnx")

    def detect(picture: Rgb) -> Boxes:
        canvas, scale = letterbox(picture, PLATE_SIZE_WH)
        rows = session.run(None, {PLATE.input.name: canvas[np.newaxis]})[0][0]
        rows = rows[rows[:, 8] > 0]
        corners = rows[:, :8].reshape(-1, 4, 2) / np.float32(scale)
        return Boxes(corners_box(corners), rows[:, 8], corners)

    return detect


def _our_vehicles(repository: Path) -> Detector:
    session = open_session(repository / VEHICLE.model / "1" / "model.onnx")
    merged = [VEHICLE_CLASSES.index(kind) for kind in VEHICLE_CLASSES if kind in _MERGED]

    def detect(picture: Rgb) -> Boxes:
        canvas, scale = letterbox(picture, VEHICLE_SIZE_WH)
        rows = session.run(None, {VEHICLE.input.name: canvas[np.newaxis]})[0][0]
        rows = rows[(rows[:, 4] > 0) & np.isin(rows[:, 5].astype(int), merged)]
        return Boxes(rows[:, :4] / np.float32(scale), rows[:, 4])

    return detect


def _corners(found: Boxes) -> Any:  # noqa: ANN401
    return box_corners(found.xyxy) if found.corners is None else found.corners


def _array(boxes: Sequence[tuple[float, float, float, float]]) -> Any:  # noqa: ANN401
    return np.array(boxes, np.float32).reshape(-1, 4)


def _precision(ranking: Ranking) -> dict[str, Any]:
    value = ranking.average_precision
    return {"labelled": ranking.labelled, "average_precision": None if value is None else round(value, 4)}
