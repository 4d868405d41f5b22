"""PyTorch model in, checked ONNX file out: one that does not compute the same is refused.

Inputs are uint8 NHWC with a free batch size; whatever normalising and decoding the model does is in
the graph, so what serves it needs to know nothing.
"""

from __future__ import annotations

import hashlib
import logging
import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import onnx
import torch
from numpy.typing import NDArray
from torch import nn

from contracts.errors import Stop
from triton_models.tensors import ModelTensors
from triton_models.training.one_core import one_core_session

logger = logging.getLogger(__name__)

OPSET = 17
INPUT = "image"


@dataclass(frozen=True)
class Exported:
    path: Path
    sha256: str
    bytes: int
    largest_difference: float
    """Between PyTorch's and ONNX Runtime's outputs over the examples."""


def export_checked(
    model: nn.Module,
    examples: NDArray[np.uint8],
    tensors: ModelTensors,
    path: Path,
    tolerance: float = 1e-3,
    may_differ: float = 0.0,
) -> Exported:
    """Exports to `path` and compares on `examples` [N, H, W, 3], in batches of one and of all.

    `may_differ` is a share of the values: where a model chooses rows, a last digit can decide.

    Raises:
        Stop: the file does not compute what the model does, or one of them computes no number.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    model.eval()
    _write(model, examples[:2], [output.name for output in tensors.outputs], path)
    pieces = (examples[:1], examples)
    difference = float(np.max([_differences(model, piece, path, may_differ) for piece in pieces]))
    if not difference <= tolerance:
        raise Stop(
            f"model {tensors.model}: the exported file differs from the trained network by {difference:.4g}, "
            f"at most {tolerance:g} is allowed: it is not kept"
        )
    content = path.read_bytes()
    logger.info("%s written, %d bytes, differs by at most %.2g", path, len(content), difference)
    return Exported(path, hashlib.sha256(content).hexdigest(), len(content), difference)


def _write(model: nn.Module, examples: NDArray[np.uint8], outputs: Sequence[str], path: Path) -> None:
    names = [INPUT, *outputs]
    with warnings.catch_warnings():
        # The tracing exporter warns about its age and about shapes that are constants here on purpose.
        warnings.simplefilter("ignore")
        torch.onnx.export(
            model,
            (torch.from_numpy(examples),),
            str(path),
            input_names=[INPUT],
            output_names=list(outputs),
            dynamic_axes={name: {0: "batch"} for name in names},
            opset_version=OPSET,
            dynamo=False,
        )
    onnx.checker.check_model(str(path), full_check=True)


def _differences(model: nn.Module, examples: NDArray[np.uint8], path: Path, may_differ: float) -> list[float]:
    """The largest of each output."""
    served = one_core_session(path).run(None, {INPUT: examples})
    with torch.no_grad():
        answer = model(torch.from_numpy(examples))
    tensors = answer if isinstance(answer, tuple) else (answer,)
    pairs = zip(tensors, served, strict=True)
    return [
        float(np.quantile(np.abs(tensor.numpy() - array), 1 - may_differ, method="lower"))
        for tensor, array in pairs
    ]
