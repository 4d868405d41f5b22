"""A checked FP32 model -> the same with its convolutions in 8 bits, compared on held-out pictures.

Static quantisation with a scale a channel (Jacob et al., 2018), calibrated on pictures of training. The
smaller model takes the other's place only where it costs under 0.3 points.
"""

from __future__ import annotations

import contextlib
import hashlib
import io
import logging
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from onnxruntime.quantization import (
    CalibrationDataReader,
    CalibrationMethod,
    QuantFormat,
    QuantType,
    quantize_static,
)
from onnxruntime.quantization.shape_inference import quant_pre_process

from triton_models.training.export.checked import INPUT, Exported

MOST_LOST = 0.003
_BATCH = 8


@dataclass(frozen=True)
class Compared:
    """`rates`: the share of right answers that decides. `model` is the file that is now in place."""

    model: Exported
    rate_fp32: float
    rate_int8: float
    milliseconds_fp32: float
    milliseconds_int8: float
    bytes_int8: int

    @property
    def ships_int8(self) -> bool:
        return self.rate_fp32 - self.rate_int8 < MOST_LOST and self.milliseconds_int8 < self.milliseconds_fp32

    def figures(self) -> dict[str, Any]:
        """For the card."""
        return {
            "shipped": "int8" if self.ships_int8 else "fp32",
            "rate_fp32": round(self.rate_fp32, 4),
            "rate_int8": round(self.rate_int8, 4),
            "milliseconds_fp32": round(self.milliseconds_fp32, 2),
            "milliseconds_int8": round(self.milliseconds_int8, 2),
            "bytes_int8": self.bytes_int8,
        }


def int8_sentence(figures: dict[str, Any]) -> str:
    """What the card says in words."""
    lost = 100 * (figures["rate_fp32"] - figures["rate_int8"])
    return (
        f"Convolutions in 8 bits cost {lost:.1f} points and take {figures['milliseconds_int8']} ms instead"
        f" of {figures['milliseconds_fp32']}: shipped is {figures['shipped'].upper()}."
    )


def smaller_if_as_good(
    exported: Exported,
    calibration: NDArray[np.uint8],
    judged: Callable[[Path], tuple[float, float]],
    keep_float: Callable[[list[str]], list[str]] = lambda _: [],
    percentile: float | None = None,
) -> Compared:
    """Quantises beside, judges both (rate, milliseconds) and leaves the one that ships in place.

    `keep_float` picks, of the names of the convolutions in their order, those that stay as they are. With a
    `percentile` the largest values of each tensor are cut off there, and the rest gets the finer steps.
    """
    beside, prepared = exported.path.with_suffix(".int8.onnx"), exported.path.with_suffix(".prepared.onnx")
    try:
        _quantise(exported.path, prepared, beside, calibration, keep_float, percentile)
        rate, milliseconds = judged(exported.path)
        rate_int8, milliseconds_int8 = judged(beside)
        content = beside.read_bytes()
        compared = Compared(exported, rate, rate_int8, milliseconds, milliseconds_int8, len(content))
        if compared.ships_int8:
            beside.replace(exported.path)
            sha256 = hashlib.sha256(content).hexdigest()
            compared = replace(compared, model=replace(exported, sha256=sha256, bytes=len(content)))
        return compared
    finally:
        beside.unlink(missing_ok=True)
        prepared.unlink(missing_ok=True)


def _quantise(
    path: Path, prepared: Path, to: Path, calibration: NDArray[np.uint8],
    keep_float: Callable[[list[str]], list[str]], percentile: float | None,
) -> None:  # fmt: skip
    quant_pre_process(str(path), str(prepared), skip_symbolic_shape=True)
    convolutions = [node.name for node in onnx.load(str(prepared)).graph.node if node.op_type == "Conv"]
    before = logging.root.manager.disable
    logging.disable(logging.WARNING)  # advice about a step that was just taken
    try:
        with contextlib.redirect_stdout(io.StringIO()):  # the progress bar stands there
            quantize_static(
                str(prepared),
                str(to),
                _Pictures(calibration),
                quant_format=QuantFormat.QDQ,
                op_types_to_quantize=["Conv"],
                nodes_to_exclude=keep_float(convolutions),
                per_channel=True,
                activation_type=QuantType.QUInt8,
                weight_type=QuantType.QInt8,
                calibrate_method=CalibrationMethod.Percentile if percentile else CalibrationMethod.MinMax,
                extra_options={"CalibPercentile": percentile} if percentile else {},
            )
    finally:
        logging.disable(before)


class _Pictures(CalibrationDataReader):
    def __init__(self, pictures: NDArray[np.uint8]) -> None:
        self._batches = (pictures[start : start + _BATCH] for start in range(0, len(pictures), _BATCH))

    def get_next(self) -> dict[str, NDArray[np.uint8]] | None:
        batch = next(self._batches, None)
        return None if batch is None else {INPUT: batch}
