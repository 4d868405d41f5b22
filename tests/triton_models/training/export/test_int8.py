"""Which of two models ships: 8 bits where they are as good and quicker. Needs PyTorch, else skipped."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

torch = pytest.importorskip("torch", reason="PyTorch is not installed (make train-setup)")

import onnx  # noqa: E402

from tests.triton_models.training.export.test_checked import exported, pictures  # noqa: E402
from triton_models.training.export.checked import Exported  # noqa: E402
from triton_models.training.export.int8 import Compared, int8_sentence, smaller_if_as_good  # noqa: E402
from triton_models.training.export.one_core import one_core_session  # noqa: E402

FILE = Exported(Path("model.onnx"), "abc", 100, 0.0)


@pytest.mark.parametrize(
    ("rate_int8", "milliseconds_int8", "ships"),
    [
        (0.898, 1.0, True),  # costs 0.2 points
        (0.8971, 1.0, True),
        (0.897, 1.0, False),  # 0.3
        (0.896, 1.0, False),  # 0.4
        (0.91, 1.0, True),
        (0.9, 2.0, False),  # as slow
        (0.9, 2.1, False),
        (float("nan"), 1.0, False),
    ],
)
def test_8_bits_ship_where_they_cost_under_three_tenths_of_a_point_and_are_quicker(
    rate_int8: float, milliseconds_int8: float, ships: bool
) -> None:
    compared = Compared(FILE, 0.9, rate_int8, 2.0, milliseconds_int8, 50)
    assert compared.ships_int8 is ships
    assert compared.figures()["shipped"] == ("int8" if ships else "fp32")


def test_the_card_says_what_8_bits_cost_and_which_ships() -> None:
    told = int8_sentence(Compared(FILE, 0.9, 0.896, 2.0, 1.0, 50).figures())
    assert told == "Convolutions in 8 bits cost 0.4 points and take 1.0 ms instead of 2.0: shipped is FP32."


def in_8_bits(path: Path) -> int:
    """How many tensors of a file are."""
    return sum(node.op_type == "DequantizeLinear" for node in onnx.load(str(path)).graph.node)


def judged(rate_int8: float, milliseconds_int8: float) -> Callable[[Path], tuple[float, float]]:
    """90 % and 2 ms as it is, and these in 8 bits."""
    return lambda path: (rate_int8, milliseconds_int8) if in_8_bits(path) else (0.9, 2.0)


def test_8_bits_that_are_as_good_take_the_place_of_the_others(tmp_path: Path) -> None:
    path = tmp_path / "model.onnx"
    before = exported(path)
    compared = smaller_if_as_good(before, pictures(), judged(0.898, 1.0))
    content = path.read_bytes()
    assert compared.ships_int8
    assert in_8_bits(path) > 0
    assert compared.model.sha256 == hashlib.sha256(content).hexdigest() != before.sha256
    assert compared.model.bytes == len(content) == compared.bytes_int8 < before.bytes
    answers: list[Any] = one_core_session(path).run(None, {"image": pictures(3)})
    assert [answer.shape for answer in answers] == [(3, 32), (3, 32)]
    assert [file.name for file in tmp_path.iterdir()] == ["model.onnx"]


@pytest.mark.parametrize(("rate_int8", "milliseconds_int8"), [(0.896, 1.0), (0.9, 3.0)])
def test_8_bits_that_cost_too_much_or_are_slower_leave_the_file_as_it_was(
    tmp_path: Path, rate_int8: float, milliseconds_int8: float
) -> None:
    path = tmp_path / "model.onnx"
    before = exported(path)
    content = path.read_bytes()
    compared = smaller_if_as_good(before, pictures(), judged(rate_int8, milliseconds_int8))
    assert compared.model == before
    assert path.read_bytes() == content
    assert compared.bytes_int8 != before.bytes
    assert [file.name for file in tmp_path.iterdir()] == ["model.onnx"]
