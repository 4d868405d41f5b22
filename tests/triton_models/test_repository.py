"""The model repository: what Triton is told, what the files really take and give, and what the code says."""

from __future__ import annotations

import hashlib
import json
import re
from pathlib import Path

import cv2
import numpy as np
import onnxruntime
import pytest
from numpy.typing import NDArray

import triton_models
from triton_models.checksum import PARAMETER, with_checksum
from triton_models.geometry import box_corners, letterbox
from triton_models.lines import cut_line, padded
from triton_models.tensors import MODELS, PLATE_SIZE_WH, VEHICLE_SIZE_WH, ModelTensors, Tensor
from triton_models.training.export.history import history
from triton_models.training.lines.judging import written_in

REPOSITORY = Path(triton_models.__file__).with_name("repository")
_MOST_BYTES = 25_000_000
_DTYPES = {"UINT8": "tensor(uint8)", "FP32": "tensor(float)"}

models = pytest.mark.parametrize("tensors", MODELS.values(), ids=list(MODELS))


def session_of(model: str) -> onnxruntime.InferenceSession:
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    path = REPOSITORY / model / "1" / "model.onnx"
    return onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])


def told(config: str, direction: str) -> set[tuple[str, str, tuple[int, ...]]]:
    """(name, type, shape) of a configuration's inputs or outputs."""
    section = re.search(rf"^{direction} \[(.*?)\n?\]\n", config + "\n", re.DOTALL | re.MULTILINE)
    assert section is not None
    entries = re.findall(r'name: "(\w+)" data_type: TYPE_(\w+) dims: \[ ([\d, ]+) \]', section.group(1))
    return {(name, dtype, tuple(map(int, dims.split(",")))) for name, dtype, dims in entries}


def said(*tensors: Tensor) -> set[tuple[str, str, tuple[int, ...]]]:
    return {(tensor.name, tensor.dtype, tensor.shape) for tensor in tensors}


@models
def test_triton_is_told_the_tensors_that_the_code_uses(tensors: ModelTensors) -> None:
    config = (REPOSITORY / tensors.model / "config.pbtxt").read_text()
    assert f'name: "{tensors.model}"' in config
    assert 'backend: "onnxruntime"' in config
    assert f"max_batch_size: {tensors.most}\n" in config
    assert told(config, "input") == said(tensors.input)
    assert told(config, "output") == said(*tensors.outputs)


@models
def test_the_file_has_the_tensors_that_the_code_uses(tensors: ModelTensors) -> None:
    session = session_of(tensors.model)
    taken = [(entry.name, entry.type, tuple(entry.shape[1:])) for entry in session.get_inputs()]
    assert taken == [(tensors.input.name, _DTYPES["UINT8"], tensors.input.shape)]
    given = {entry.name: entry.type for entry in session.get_outputs()}
    assert given == {tensor.name: _DTYPES[tensor.dtype] for tensor in tensors.outputs}


@models
def test_a_batch_gives_what_its_pictures_give_one_by_one(tensors: ModelTensors) -> None:
    session = session_of(tensors.model)
    pictures = np.random.default_rng(5).integers(0, 256, (3, *tensors.input.shape), np.uint8)
    together = session.run(None, {"image": pictures})
    for tensor, batch in zip(session.get_outputs(), together, strict=True):
        wanted = next(each for each in tensors.outputs if each.name == tensor.name)
        assert batch.shape == (3, *wanted.shape)
        assert np.isfinite(batch).all()
    alone = [session.run(None, {"image": picture[None]}) for picture in pictures]
    for number, batch in enumerate(together):
        one_by_one = np.concatenate([answer[number] for answer in alone])
        assert batch == pytest.approx(one_by_one, abs=0.05)


@models
def test_the_card_speaks_of_this_very_file(tensors: ModelTensors) -> None:
    folder = REPOSITORY / tensors.model
    card = json.loads((folder / "card.json").read_text())
    content = (folder / "1" / "model.onnx").read_bytes()
    assert card["sha256"] == hashlib.sha256(content).hexdigest()
    assert card["bytes"] == len(content)
    text = (folder / "CARD.md").read_text()
    assert card["sha256"] in text
    assert f"Version {card['version']}" in text
    assert history(folder) in text


@models
def test_triton_tells_the_checksum_of_this_very_file(tensors: ModelTensors) -> None:
    folder = REPOSITORY / tensors.model
    sha256 = hashlib.sha256((folder / "1" / "model.onnx").read_bytes()).hexdigest()
    config = (folder / "config.pbtxt").read_text()
    assert with_checksum(config, sha256) == config
    assert config.count(sha256) == config.count(PARAMETER) == 1
    assert json.loads((folder / "card.json").read_text())["sha256"] == sha256


def test_all_models_together_are_small() -> None:
    assert sum(path.stat().st_size for path in REPOSITORY.rglob("*.onnx")) <= _MOST_BYTES


def test_vehicles_come_sorted_inside_the_picture_and_apart() -> None:
    pictures = np.random.default_rng(2).integers(0, 256, (2, *MODELS["vehicle"].input.shape), np.uint8)
    (rows,) = session_of("vehicle").run(["detections"], {"image": pictures})
    assert (np.diff(rows[..., 4], axis=1) <= 1e-6).all()
    assert (rows[..., 4] >= 0).all()
    assert (rows[..., 4] <= 1).all()
    assert (rows[rows[..., 4] == 0] == 0).all()
    boxes = rows[rows[..., 4] > 0][:, :4]
    assert (boxes >= 0).all()
    assert (boxes[:, 2:] <= VEHICLE_SIZE_WH).all()


def plate_on_a_wall(text: str, *, tilt_px: int) -> tuple[NDArray[np.uint8], NDArray[np.float32]]:
    """A plain white plate with black letters on a dark bumper, and its corners."""
    plate = np.full((60, 260, 3), 235, np.uint8)
    cv2.rectangle(plate, (2, 2), (257, 57), (20, 20, 20), 2)
    cv2.putText(plate, text, (10, 44), cv2.FONT_HERSHEY_DUPLEX, 1.15, (15, 15, 15), 3, cv2.LINE_AA)
    wall = np.full((480, 640, 3), 60, np.uint8)
    wall[300:] = 85
    corners = np.array([[200, 330], [420, 330 + tilt_px], [420, 380 + tilt_px], [200, 380]], np.float32)
    flat = np.array([[0, 0], [260, 0], [260, 60], [0, 60]], np.float32)
    homography = cv2.getPerspectiveTransform(flat, corners)
    mask = cv2.warpPerspective(np.full((60, 260), 255, np.uint8), homography, (640, 480))
    drawn = cv2.warpPerspective(plate, homography, (640, 480))
    return np.where(mask[..., None] > 127, drawn, wall).astype(np.uint8), corners


@pytest.mark.parametrize("tilt_px", [0, 20, -20])
def test_a_plain_plate_is_found_with_its_corners_its_line_and_its_colour(tilt_px: int) -> None:
    picture, corners = plate_on_a_wall("MH12AB1234", tilt_px=tilt_px)
    canvas, scale = letterbox(picture, PLATE_SIZE_WH)
    (rows,) = session_of("plate").run(["plates"], {"image": canvas[None]})
    best = rows[0][rows[0, :, 8].argmax()]
    assert best[8] > 0.3
    missed = np.linalg.norm(best[:8].reshape(4, 2) / scale - corners, axis=1).mean()
    assert missed < 0.08 * 220
    assert best[9] < 0.5
    assert best[10:17].argmax() == 0
    assert best[10:17].sum() == pytest.approx(1.0, abs=1e-3)


def test_an_empty_wall_has_no_plate() -> None:
    (rows,) = session_of("plate").run(["plates"], {"image": np.full((1, 320, 320, 3), 90, np.uint8)})
    assert rows[0, :, 8].max() < 0.2


@pytest.mark.parametrize("text", ["MH12AB1234", "UP14DR4485", "7118"])
def test_a_plain_line_is_read_where_it_is_cut_out(text: str) -> None:
    picture = np.full((90, 40 + 30 * len(text), 3), 230, np.uint8)
    cv2.putText(picture, text, (20, 62), cv2.FONT_HERSHEY_DUPLEX, 1.4, (15, 15, 15), 3, cv2.LINE_AA)
    height, width = picture.shape[:2]
    line = padded(cut_line(picture, box_corners(np.array([8, 20, width - 4, height - 18], np.float32))))
    (rows,) = session_of("lines").run(["probabilities"], {"image": np.asarray(line)[None]})
    assert written_in(rows[0]) == text


def test_an_empty_line_holds_nothing() -> None:
    (rows,) = session_of("lines").run(["probabilities"], {"image": np.full((1, 48, 256, 3), 128, np.uint8)})
    assert written_in(rows[0]) == ""
