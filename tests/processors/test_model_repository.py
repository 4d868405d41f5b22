"""A model repository that is not what the code needs: refused at the start, in one line, with both shapes."""

from __future__ import annotations

import hashlib
import json
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

import triton_models
from contracts.errors import Stop
from contracts.messages.common import ModelUsed
from processors.adapters.cards import models_used
from processors.adapters.onnx import OnnxInference
from processors.adapters.triton_checks import refuse_other_file, refuse_other_tensors
from triton_models.tensors import MODELS, PLATE, ModelTensors, Tensor

REPOSITORY = Path(triton_models.__file__).with_name("repository")
SAID_BY_TRITON = {
    "inputs": [{"name": "image", "datatype": "UINT8", "shape": ["-1", "320", "320", "3"]}],
    "outputs": [{"name": "plates", "datatype": "FP32", "shape": ["-1", "16", "17"]}],
}

others = pytest.mark.parametrize(
    ("needed", "has", "needs"),
    [
        (
            replace(PLATE, input=Tensor("image", "UINT8", (256, 448, 3))),
            r"image is \S+ \[\S+, 320, 320, 3\]",
            r"\[batch, 256, 448, 3\]",
        ),
        (
            replace(PLATE, input=Tensor("image", "FP32", (320, 320, 3))),
            r"image is (UINT8|tensor\(uint8\)) \[\S+, 320, 320, 3\]",
            r"(FP32|tensor\(float\)) \[batch, 320, 320, 3\]",
        ),
        (
            replace(PLATE, outputs=(Tensor("plates", "FP32", (16, 18)),)),
            r"plates is \S+ \[\S+, 16, 17\]",
            r"\[batch, 16, 18\]",
        ),
        (
            replace(PLATE, outputs=(Tensor("boxes", "FP32", (16, 17)),)),
            r"boxes is nothing \[\]",
            r"\[batch, 16, 17\]",
        ),
    ],
    ids=["input's size", "input's type", "output's size", "no such output"],
)


@others
def test_a_file_with_other_tensors_is_refused(
    monkeypatch: pytest.MonkeyPatch, needed: ModelTensors, has: str, needs: str
) -> None:
    monkeypatch.setitem(MODELS, "plate", needed)
    with pytest.raises(Stop, match=rf"^model plate: tensor {has}, this program needs \S* ?{needs}$"):
        OnnxInference(REPOSITORY)


@others
def test_a_server_with_other_tensors_is_refused(needed: ModelTensors, has: str, needs: str) -> None:
    refuse_other_tensors(SAID_BY_TRITON, PLATE, "here:8001")
    told = rf"^model plate on here:8001: tensor {has}, this program needs \S* ?{needs}$"
    with pytest.raises(Stop, match=told):
        refuse_other_tensors(SAID_BY_TRITON, needed, "here:8001")


USED = ModelUsed(name="plate", version="0.1.0", sha256="0123456789abcdef" * 4)


def test_a_server_of_the_file_that_events_name_is_taken() -> None:
    for sha256 in (USED.sha256, USED.sha256.upper()):
        refuse_other_file({"parameters": {"sha256": {"string_value": sha256}}}, USED, "here:8001")


@pytest.mark.parametrize(
    ("parameters", "has"),
    [
        ({"sha256": {"string_value": "fedcba9876543210" * 4}}, "tells sha256 fedcba987654"),
        ({"intra_op_thread_count": {"string_value": "1"}}, "does not tell its sha256"),
        ({"sha256": {"string_value": ""}}, "does not tell its sha256"),
        ({}, "does not tell its sha256"),
    ],
    ids=["another", "not told", "empty", "no parameters"],
)
def test_a_server_of_another_file_is_refused_with_both_checksums(
    parameters: dict[str, dict[str, str]], has: str
) -> None:
    told = rf"^model plate on here:8001 {has}\b.* this program would say 0123456789ab in its events: "
    with pytest.raises(Stop, match=told):
        refuse_other_file({"parameters": parameters}, USED, "here:8001")


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """A copy of the shipped one, without what nobody serves."""
    return Path(shutil.copytree(REPOSITORY, tmp_path / "models", ignore=shutil.ignore_patterns("*.pt")))


def test_a_model_that_is_missing_or_broken_is_named(repository: Path) -> None:
    file = repository / "plate" / "1" / "model.onnx"
    file.write_bytes(file.read_bytes()[:5000])
    with pytest.raises(Stop, match=r"^model plate: .*model\.onnx cannot be loaded: "):
        OnnxInference(repository)
    file.unlink()
    with pytest.raises(Stop, match=r"^model plate: .*model\.onnx is missing$"):
        OnnxInference(repository)


async def test_a_model_that_cannot_be_computed_is_named(repository: Path) -> None:
    inference = OnnxInference(repository)
    try:
        with pytest.raises(Stop, match=r"^model plate cannot be computed: .*320"):
            await inference.infer("plate", np.zeros((1, 64, 64, 3), np.uint8))
    finally:
        await inference.close()


def test_models_go_by_the_versions_of_their_cards(repository: Path) -> None:
    card = repository / "lines" / "card.json"
    card.write_text(json.dumps({**json.loads(card.read_text()), "version": "0.1.7"}))
    (repository / "vehicle" / "card.json").unlink()
    (repository / "plate" / "1" / "model.onnx").write_bytes(b"another")
    used = {model.name: model for model in models_used(repository)}
    before = json.loads((REPOSITORY / "plate" / "card.json").read_text())["version"]
    assert used["lines"].version == "0.1.7"
    assert used["vehicle"].version == "unversioned"
    assert used["plate"].version == f"{before}+changed"
    assert used["plate"].sha256 == hashlib.sha256(b"another").hexdigest()


def test_a_card_that_is_no_json_is_named(repository: Path) -> None:
    (repository / "plate" / "card.json").write_text("{")
    with pytest.raises(Stop, match=r"^model plate: .*card\.json is no JSON$"):
        models_used(repository)
