"""What is exported computes what was trained. Needs PyTorch: runs in its environment, skipped elsewhere."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="PyTorch is not installed (make train-setup)")

from contracts.errors import Stop  # noqa: E402
from triton_models.tensors import ModelTensors, Tensor  # noqa: E402
from triton_models.training.export.checked import Exported, export_checked  # noqa: E402
from triton_models.training.export.one_core import one_core_session  # noqa: E402
from triton_models.training.export.rows_agree import Agreement  # noqa: E402

TINY = ModelTensors(
    "tiny",
    Tensor("image", "UINT8", (16, 16, 3)),
    (Tensor("means", "FP32", (32,)), Tensor("twice", "FP32", (32,))),
    most=4,
)


class Tiny(torch.nn.Module):  # type: ignore[misc, name-defined]
    """Two convolutions and two outputs. What is exported says `astray` more; the second is `factor` times."""

    def __init__(self, *, astray: float = 0.0, factor: float = 2.0) -> None:
        super().__init__()
        torch.manual_seed(1)
        self.first, self.last = torch.nn.Conv2d(3, 32, 3), torch.nn.Conv2d(32, 32, 3)
        self.astray, self.factor = astray, factor

    def forward(self, image: Any) -> Any:
        picture = image.permute(0, 3, 1, 2).float() / 255
        means = self.last(torch.relu(self.first(picture))).mean((2, 3))
        return means + (self.astray if torch.jit.is_tracing() else 0.0), means * self.factor


def pictures(count: int = 4) -> Any:
    return np.random.default_rng(1).integers(0, 256, (count, *TINY.input.shape), np.uint8)


def exported(path: Path, **how: float) -> Exported:
    return export_checked(Tiny(**how), pictures(), TINY, path)


def test_the_file_says_of_raw_pictures_what_the_network_says(tmp_path: Path) -> None:
    path = tmp_path / "1" / "model.onnx"
    told = exported(path)
    served = one_core_session(path).run(["means", "twice"], {"image": pictures()})
    for said, wanted in zip(served, Tiny()(torch.from_numpy(pictures())), strict=True):
        assert said == pytest.approx(wanted.detach().numpy(), abs=1e-5)
    assert told.largest_difference < 1e-5
    assert told.bytes == path.stat().st_size


def test_a_file_that_says_something_else_is_refused_and_model_and_difference_are_told(tmp_path: Path) -> None:
    with pytest.raises(
        Stop, match=r"^model tiny: .* differs from the trained network by 0\.25, at most 0\.001"
    ):
        exported(tmp_path / "model.onnx", astray=0.25)


def test_numbers_that_are_none_are_refused_in_whichever_output(tmp_path: Path) -> None:
    with pytest.raises(Stop, match=r"^model tiny: .* by nan"):
        exported(tmp_path / "model.onnx", factor=float("nan"))


def test_how_both_are_compared_is_the_callers_and_told_why_they_are_not_the_same(tmp_path: Path) -> None:
    asked: list[tuple[int, ...]] = []

    def compare(said: Any, served: Any) -> Agreement:
        asked.append(said.shape)
        return Agreement(0.0, rows=10, alone=len(asked))

    with pytest.raises(Stop, match=r"^model tiny: .* 2 of 10 are only in one of them"):
        export_checked(Tiny(), pictures(4), TINY, tmp_path / "model.onnx", compare=compare)
    # Of both outputs: the first picture alone, and all.
    assert asked == [(5, 32), (5, 32)]
