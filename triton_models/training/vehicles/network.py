"""The vehicle detector's network: NanoDet-g, with as many classes as we have vehicles.

NanoDet (RangiLyu, Apache-2.0) looks at three sizes of cells; each cell says the score of every class and,
for the four sides of its box, how likely each distance of 0 to 10 strides is (Li et al., "Generalized
Focal Loss", 2020). Its batch norms come folded into their convolutions.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional

from triton_models.training.detectors.network import Network, WeightGroup

STRIDES = (8, 16, 32)
BINS = 11
"""Distances of a side that a cell can tell apart, in strides from 0."""
_WIDTH = 128
_LEAK = 0.1
_STAGES = ((32, 1, 1), (64, 2, 2), (128, 2, 2), (256, 2, 3))
"""Channels, stride and repetitions of each."""
_FROZEN_STAGES = 2
"""Strokes and edges are as good for these vehicles as for all; not learning them saves most of the time."""
_FEATURES_RATE = 0.3


def _convolution(inputs: int, outputs: int, stride: int = 1) -> nn.Sequential:
    return nn.Sequential(nn.Conv2d(inputs, outputs, 3, stride, 1), nn.LeakyReLU(_LEAK))


class _Stage(nn.Module):
    """Part of the features goes around (Wang et al., "CSPNet", 2019): twice as many channels come out."""

    def __init__(self, channels: int, stride: int, repetitions: int) -> None:
        super().__init__()
        half = channels // 2
        self.first = _convolution(channels, channels, stride)
        self.pairs = nn.ModuleList(
            nn.ModuleList((_convolution(channels, half), _convolution(half, half)))
            for _ in range(repetitions)
        )
        self.last = _convolution(channels, channels)

    def forward(self, features: Tensor) -> Tensor:
        around = inner = self.first(features)
        for pair in self.pairs:
            narrow, deeper = pair.children()
            inner = narrow(inner)
            inner = torch.cat([deeper(inner), inner], 1)
        return torch.cat([self.last(inner), around], 1)


class VehicleNetwork(Network):
    """[N, 3, H, W] of 0..1 -> [N, cells, classes + 4 * 11]: the cells of 8, 16 and 32 pixels one after
    another, row by row; scores as logits first, then left, top, right, bottom."""

    def __init__(self, classes: int) -> None:
        super().__init__()
        # In the order in which the weights are stored.
        self.stem = _convolution(3, 32, 2)
        self.stages = nn.ModuleList(_Stage(*each) for each in _STAGES)
        self.laterals = nn.ModuleList(nn.Conv2d(inputs, _WIDTH, 1) for inputs in (128, 256, 512))
        self.heads = nn.ModuleList(
            nn.Sequential(_convolution(_WIDTH, _WIDTH), nn.Conv2d(_WIDTH, classes + 4 * BINS, 1))
            for _ in STRIDES
        )

    def forward(self, picture: Tensor) -> Tensor:
        features = functional.max_pool2d(self.stem(picture), 3, 2, 1)
        ends: list[Tensor] = []
        for stage in self.stages:
            features = stage(features)
            ends.append(features)
        levels = self._exchanged([lateral(end) for lateral, end in zip(self.laterals, ends[1:], strict=True)])
        outputs = [head(level).flatten(2) for head, level in zip(self.heads, levels, strict=True)]
        return torch.cat(outputs, 2).transpose(1, 2)

    def _exchanged(self, levels: list[Tensor]) -> list[Tensor]:
        """From coarse to fine and back again (Liu et al., "Path Aggregation Network", 2018)."""
        fine, middle, coarse = levels
        middle = middle + _doubled(coarse)
        fine = fine + _doubled(middle)
        middle = middle + functional.avg_pool2d(fine, 2)
        return [fine, middle, coarse + functional.avg_pool2d(middle, 2)]

    def weight_groups(self) -> list[WeightGroup]:
        """What is learned, and at which share of the rate; the first stages stay as they came."""
        for part in (self.stem, *self.stages[:_FROZEN_STAGES]):
            part.requires_grad_(False)
        learned = [weight for stage in self.stages[_FROZEN_STAGES:] for weight in stage.parameters()]
        heads = [weight for part in (self.laterals, self.heads) for weight in part.parameters()]
        return [WeightGroup(learned, _FEATURES_RATE), WeightGroup(heads, 1.0)]


def _doubled(features: Tensor) -> Tensor:
    return functional.interpolate(features, scale_factor=2.0, mode="bilinear", align_corners=False)


def cells(size_wh: tuple[int, int]) -> Tensor:
    """Middle x, y and stride of every cell in pixels, [cells, 3], in the order of the network's rows."""
    rows = []
    for stride in STRIDES:
        across, down = size_wh[0] // stride, size_wh[1] // stride
        y, x = torch.meshgrid(torch.arange(down), torch.arange(across), indexing="ij")
        middles = ((torch.stack([x, y], -1) + 0.5) * stride).reshape(-1, 2)
        rows.append(torch.cat([middles, torch.full((len(middles), 1), float(stride))], 1))
    return torch.cat(rows)


def boxes_of(sides: Tensor, places: Tensor) -> Tensor:
    """Logits of the sides [..., 4 * 11] and their cells [..., 3] -> boxes [..., 4] in pixels."""
    distances = torch.softmax(sides.unflatten(-1, (4, BINS)), -1)
    steps = torch.arange(BINS, dtype=distances.dtype, device=distances.device)
    expected = (distances * steps).sum(-1) * places[..., 2:]
    return torch.cat([places[..., :2] - expected[..., :2], places[..., :2] + expected[..., 2:]], -1)
