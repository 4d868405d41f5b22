"""The network of both detectors: RGB in, a map of outputs an eighth of the picture's size out.

Residual stages down to a 32nd of the size, then back up to an eighth by adding, as in feature pyramids
(Lin et al., "Feature Pyramid Networks for Object Detection", 2017). What a cell means is its user's
business; decoding to rows is in `served.py`.
"""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional

STRIDE = 8
RARE = -4.0
"""First bias of a heat map: nearly nothing is an object."""


def block(inputs: int, outputs: int, *, stride: int = 1, kernel: int = 3) -> nn.Sequential:
    return nn.Sequential(
        nn.Conv2d(inputs, outputs, kernel, stride, kernel // 2, bias=False),
        nn.BatchNorm2d(outputs),
        nn.ReLU(inplace=True),
    )


class WeightGroup(NamedTuple):
    """Weights that are learned at a `share` of the rate."""

    weights: list[nn.Parameter]
    share: float


class Network(nn.Module):
    """Any detector's network: [N, 3, H, W] of 0..1 -> a map of outputs."""

    def weight_groups(self) -> list[WeightGroup]:
        """What is learned; the rest stays as it is."""
        return [WeightGroup(list(self.parameters()), 1.0)]


class _Residual(nn.Module):
    def __init__(self, channels: int) -> None:
        super().__init__()
        self.first = block(channels, channels)
        self.second = nn.Sequential(
            nn.Conv2d(channels, channels, 3, 1, 1, bias=False), nn.BatchNorm2d(channels)
        )

    def forward(self, features: Tensor) -> Tensor:
        return functional.relu(features + self.second(self.first(features)))


class DetectorNetwork(Network):
    """[N, 3, H, W] of 0..1 -> [N, heats + others, H/8, W/8]; heats first, as logits."""

    def __init__(self, *, heats: int, others: int) -> None:
        super().__init__()
        self.to_4th = nn.Sequential(block(3, 16, stride=2), block(16, 32, stride=2))
        self.to_8th = nn.Sequential(block(32, 64, stride=2), _Residual(64))
        self.to_16th = nn.Sequential(block(64, 96, stride=2), _Residual(96), _Residual(96))
        self.to_32nd = nn.Sequential(block(96, 128, stride=2), _Residual(128), _Residual(128))
        self.from_32nd = nn.Conv2d(128, 96, 1)
        self.merged_16th = _Residual(96)
        self.from_16th = nn.Conv2d(96, 64, 1)
        self.merged_8th = block(64, 64)
        self.head = block(64, 64, kernel=1)
        self.output = nn.Conv2d(64, heats + others, 1)
        bias = torch.zeros(heats + others)
        bias[:heats] = RARE
        self.output.bias = nn.Parameter(bias)

    def forward(self, picture: Tensor) -> Tensor:
        eighth = self.to_8th(self.to_4th(picture))
        sixteenth = self.to_16th(eighth)
        deepest = self.to_32nd(sixteenth)
        sixteenth = self.merged_16th(sixteenth + doubled(self.from_32nd(deepest)))
        eighth = self.merged_8th(eighth + doubled(self.from_16th(sixteenth)))
        outputs: Tensor = self.output(self.head(eighth))
        return outputs


def doubled(features: Tensor) -> Tensor:
    return functional.interpolate(features, scale_factor=2.0, mode="nearest")
