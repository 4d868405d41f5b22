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
from triton_models.training.export.one_core import one_core_session
from triton_models.training.export.rows_agree import Compare, Floats, all_values

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
    compare: Compare = all_values,
) -> Exported:
    """Exports to `path` and compares on `examples` [N, H, W, 3], in batches of one and of all.

    `compare` says of each output how far both are apart.

    Raises:
        Stop: the file does not compute what the model does, or one of them computes no number.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    model.eval()
    _write(model, examples[:2], [output.name for output in tensors.outputs], path)
    agreements = [compare(said, served) for said, served in _answers(model, examples, path)]
    for agreement in agreements:
        if why := agreement.broken(tolerance):
            raise Stop(f"model {tensors.model}: the exported file {why}: it is not kept")
    difference = max(agreement.difference for agreement in agreements)
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


def _answers(model: nn.Module, examples: NDArray[np.uint8], path: Path) -> list[tuple[Floats, Floats]]:
    """Of each output what the network and the file say: of the first example alone, then of all."""
    session = one_core_session(path)
    said: list[list[Floats]] = []
    served: list[list[Floats]] = []
    for piece in (examples[:1], examples):
        with torch.no_grad():
            answer = model(torch.from_numpy(piece))
        tensors = answer if isinstance(answer, tuple) else (answer,)
        said.append([tensor.numpy() for tensor in tensors])
        served.append(session.run(None, {INPUT: piece}))
    return [
        (np.concatenate(ours), np.concatenate(theirs))
        for ours, theirs in zip(zip(*said, strict=True), zip(*served, strict=True), strict=True)
    ]
