"""Others' models, to be measured beside ours on the same pictures. They are never shipped.

A folder may hold: `y5fu_320x_sim.onnx` and `y5fu_640x_sim.onnx` (plate detectors of HyperLPR3),
`yolox_nano.onnx` (vehicles), `cct_xs_v1_global.onnx` (a reader of nine slots) and
`ch_PP-OCRv4_rec_infer.onnx` (the general reader that RapidOCR's wheel carries). What is there is measured.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol, TypeVar

import cv2
import numpy as np
from numpy.typing import NDArray

from contracts.errors import Stop
from contracts.plate_number import normalise
from triton_models.geometry import iou, letterbox, rectify
from triton_models.training.export.one_core import one_core_session

Rgb = NDArray[np.uint8]
Floats = NDArray[np.floating[Any]]
_LEAST_SCORE = 0.02
_SLOT_ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ_"
_COCO = {"car": 2, "motorcycle": 3, "bus": 5, "truck": 7}
_TWO_LINES_BELOW = 2.6
"""A plate less wide than so many heights is read as two lines."""


@dataclass(frozen=True)
class Boxes:
    """`xyxy` [N, 4] and `scores` [N] in the picture; `corners` [N, 4, 2] and `kinds` (N names of classes)
    where the detector has them."""

    xyxy: Floats
    scores: Floats
    corners: Floats | None = None
    kinds: tuple[str, ...] = ()


class Session(Protocol):
    """What of ONNX Runtime's session, which has no types, is used here."""

    def get_inputs(self) -> Sequence[Any]: ...

    def get_modelmeta(self) -> Any: ...  # noqa: ANN401

    def run(self, outputs: None, fed: Mapping[str, NDArray[Any]], /) -> Sequence[NDArray[Any]]: ...


class HyperLprPlates:
    """Rows: centre and size, objectness, four corners, scores of one line and of two."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._input = self._session.get_inputs()[0]

    def __call__(self, picture: Rgb) -> Boxes:
        canvas, scale, offset = _in_the_middle(picture, int(self._input.shape[-1]))
        fed = (canvas.transpose(2, 0, 1)[np.newaxis] / 255).astype(np.float32)
        rows = self._session.run(None, {self._input.name: fed})[0][0]
        scores = rows[:, 4] * rows[:, 13:15].max(1)
        rows, scores = rows[scores > _LEAST_SCORE], scores[scores > _LEAST_SCORE]
        middle, half = rows[:, :2] - offset, rows[:, 2:4] / 2
        boxes = np.concatenate([middle - half, middle + half], 1) / scale
        kept = _surest(boxes, scores, 0.5)
        return Boxes(boxes[kept], scores[kept], ((rows[:, 5:13].reshape(-1, 4, 2) - offset) / scale)[kept])


def _in_the_middle(picture: Rgb, side: int) -> tuple[Rgb, np.float32, Floats]:
    """Scaled to fit into the middle of black, as HyperLPR3 does it: canvas = picture * scale + offset."""
    height, width = picture.shape[:2]
    scale = side / max(height, width)
    across, down = max(1, int(width * scale)), max(1, int(height * scale))
    left, top = (side - across) // 2, (side - down) // 2
    canvas = np.zeros((side, side, 3), np.uint8)
    canvas[top : top + down, left : left + across] = cv2.resize(picture, (across, down))
    return canvas, np.float32(scale), np.array([left, top], np.float32)


class YoloxVehicles:
    """Of COCO's classes those of `kinds`; a box has the likeliest of them."""

    def __init__(self, session: Session, kinds: Sequence[str] = ("car", "bus", "truck")) -> None:
        self._session = session
        self._kinds = tuple(kinds)
        self._classes = [_COCO[kind] for kind in kinds]
        self._input = self._session.get_inputs()[0]
        self._side = int(self._input.shape[-1])
        cells = []
        for stride in (8, 16, 32):
            y, x = np.mgrid[0 : self._side // stride, 0 : self._side // stride]
            cells.append(np.stack([x.ravel(), y.ravel(), np.full(x.size, stride)], 1))
        self._cells = np.concatenate(cells).astype(np.float32)

    def __call__(self, picture: Rgb) -> Boxes:
        canvas, scale = letterbox(picture, (self._side, self._side))
        fed = canvas[..., ::-1].transpose(2, 0, 1)[np.newaxis].astype(np.float32)
        rows = self._session.run(None, {self._input.name: fed})[0][0]
        of_kinds = rows[:, 5:][:, self._classes]
        scores = rows[:, 4] * of_kinds.max(1)
        kept = scores > _LEAST_SCORE
        rows, scores, cells, of_kinds = rows[kept], scores[kept], self._cells[kept], of_kinds[kept]
        middle = (rows[:, :2] + cells[:, :2]) * cells[:, 2:]
        half: Floats = np.exp(rows[:, 2:4]) * cells[:, 2:] / np.float32(2)
        boxes: Floats = np.concatenate([middle - half, middle + half], 1) / np.float32(scale)
        chosen = _surest(boxes, scores, 0.6)
        kinds = tuple(self._kinds[int(best)] for best in of_kinds[chosen].argmax(1))
        return Boxes(boxes[chosen], scores[chosen], kinds=kinds)


class SlotReader:
    """fast-plate-ocr's nine slots; sees the plate without margins."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._input = self._session.get_inputs()[0].name

    def __call__(self, picture: Rgb, corners: Floats) -> str:
        plate, _ = rectify(picture, corners, (128, 64), (0.0, 0.0))
        slots = self._session.run(None, {self._input: plate[np.newaxis]})[0].reshape(-1, len(_SLOT_ALPHABET))
        return "".join(_SLOT_ALPHABET[best] for best in slots.argmax(1)).replace("_", "")


class LineReader:
    """PP-OCR's reader of lines: a plate of two lines is cut in the middle and its halves are joined."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._input = self._session.get_inputs()[0].name
        kept = self._session.get_modelmeta().custom_metadata_map["character"]
        self._signs = ["", *kept.splitlines(), " "]

    def __call__(self, picture: Rgb, corners: Floats) -> str:
        across = float(np.linalg.norm(corners[1] - corners[0]) + np.linalg.norm(corners[2] - corners[3]))
        down = float(np.linalg.norm(corners[3] - corners[0]) + np.linalg.norm(corners[2] - corners[1]))
        aspect = max(1.0, across / max(down, 1.0))
        lines = 2 if aspect < _TWO_LINES_BELOW else 1
        height = 48 * lines
        width = int(np.clip(round(height * aspect), 48, 640))
        plate, _ = rectify(picture, corners, (width, height), (0.02, 0.04))
        return normalise("".join(self._line(piece) for piece in np.split(plate, lines)))

    def _line(self, line: Rgb) -> str:
        """The likeliest sign of each place, repetitions and blanks dropped (Graves et al., 2006)."""
        fed = (line[..., ::-1].transpose(2, 0, 1)[np.newaxis] / 127.5 - 1).astype(np.float32)
        # As RapidOCR widens short lines: nought is grey here, and with black fewer plates are read.
        wide = np.pad(fed, ((0, 0), (0, 0), (0, 0), (0, max(0, 320 - line.shape[1]))))
        best = self._session.run(None, {self._input: wide})[0][0].argmax(1)
        kept = [now for before, now in zip([0, *best[:-1]], best, strict=True) if now not in (0, before)]
        return "".join(self._signs[sign] for sign in kept)


def _surest(boxes: Floats, scores: Floats, overlap: float) -> list[int]:
    """Of boxes on one thing, the surest."""
    kept: list[int] = []
    for index in np.argsort(-scores):
        if not kept or float(iou(boxes[index], boxes[kept]).max()) <= overlap:
            kept.append(int(index))
    return kept


Detector = Callable[[Rgb], Boxes]
Reader = Callable[[Rgb, Floats], str]
"""A picture and a plate's corners in it -> the text, capitals and digits only."""
Peer = TypeVar("Peer")

_PLATE_DETECTORS = {"y5fu_320x_sim": HyperLprPlates, "y5fu_640x_sim": HyperLprPlates}
_VEHICLE_DETECTORS = {"yolox_nano": YoloxVehicles}
_READERS: dict[str, Callable[[Session], Reader]] = {
    "cct_xs_v1_global": SlotReader,
    "ch_PP-OCRv4_rec_infer": LineReader,
}


def plate_detectors(folder: Path | None) -> dict[str, Detector]:
    return _found(folder, _PLATE_DETECTORS)


def vehicle_detectors(folder: Path | None) -> dict[str, Detector]:
    return _found(folder, _VEHICLE_DETECTORS)


def vehicle_teacher(folder: Path) -> Detector:
    """Finds cars, motorcycles, buses and trucks, each with its kind.

    Raises:
        Stop: the folder has no `yolox_nano.onnx`.
    """
    path = folder / "yolox_nano.onnx"
    if not path.is_file():
        raise Stop(f"{folder}: no {path.name}, which would label the vehicles")
    return YoloxVehicles(one_core_session(path), tuple(_COCO))


def plate_readers(folder: Path | None) -> dict[str, Reader]:
    return _found(folder, _READERS)


def _found(folder: Path | None, known: Mapping[str, Callable[[Session], Peer]]) -> dict[str, Peer]:
    """By name, those that the folder has."""
    paths = {} if folder is None else {name: folder / f"{name}.onnx" for name in known}
    return {name: known[name](one_core_session(path)) for name, path in paths.items() if path.is_file()}
