"""The line reader's network: one line of writing in, what each place across holds out.

The recognition network of PP-OCRv6 small (PaddleOCR, Apache-2.0), with its head cut to the alphabet of
plates: depth-wise and point-wise convolutions down to one row, two transformer layers along it, and a class
for each of its places, blank included (connectionist temporal classification: Graves et al., 2006).
"""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn
from torch.nn import functional

from triton_models.tensors import CLASSES
from triton_models.training.characters.network import LUMA
from triton_models.training.detectors.network import Network

_STEM = 48
_NECK = 120
_HEADS = 8
_STAGES: tuple[tuple[int, tuple[tuple[bool, bool], ...]], ...] = (
    (96, ((True, False), (False, False), (False, False))),
    (192, ((False, True), *((True, False), (False, False)) * 3)),
    (384, ((False, True), (True, False), (False, False))),
)  # fmt: skip
"""Width of each stage, and of each block whether it weighs its channels and whether it halves the height."""


class _Mixing(nn.Module):
    """Three by three within each channel, at times weighed by what the whole picture holds, then across."""

    def __init__(self, inputs: int, outputs: int, *, weighs: bool, halves: bool) -> None:
        super().__init__()
        self.within = nn.Conv2d(inputs, inputs, 3, (2 if halves else 1, 1), 1, groups=inputs)
        self.squeezed = nn.Conv2d(inputs, inputs // 4, 1) if weighs else None
        self.weights = nn.Conv2d(inputs // 4, inputs, 1) if weighs else None
        self.wider = nn.Conv2d(inputs, 2 * inputs, 1)
        self.back = nn.Conv2d(2 * inputs, outputs, 1)
        self.adds = not halves

    def forward(self, features: Tensor) -> Tensor:
        features = self.within(features)
        if self.squeezed is not None and self.weights is not None:
            seen = functional.relu(self.squeezed(features.mean((2, 3), keepdim=True)))
            features = features * functional.hardsigmoid(self.weights(seen))
        mixed: Tensor = self.back(functional.gelu(self.wider(features)))
        return features + mixed if self.adds else mixed


class _Stem(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.first = nn.Conv2d(3, _STEM, 3, 2, 1)
        self.second = nn.Conv2d(_STEM, _STEM // 2, 2)
        self.third = nn.Conv2d(_STEM // 2, _STEM, 2)
        self.fourth = nn.Conv2d(2 * _STEM, _STEM, 3, 2, 1)
        self.fifth = nn.Conv2d(_STEM, 2 * _STEM, 1)

    def forward(self, picture: Tensor) -> Tensor:
        features = functional.relu(self.first(picture))
        narrow = functional.relu(self.second(functional.pad(features, (0, 1, 0, 1))))
        narrow = functional.relu(self.third(functional.pad(narrow, (0, 1, 0, 1))))
        pooled = functional.max_pool2d(functional.pad(features, (0, 1, 0, 1)), 2, 1)
        features = functional.relu(self.fourth(torch.cat((pooled, narrow), 1)))
        return functional.relu(self.fifth(features))


class _Normed(nn.Module):
    """Convolution, batch norm, swish."""

    def __init__(self, inputs: int, kernel: tuple[int, int] = (1, 1), groups: int = 1) -> None:
        super().__init__()
        padding = (kernel[0] // 2, kernel[1] // 2)
        self.convolution = nn.Conv2d(inputs, _NECK, kernel, 1, padding, groups=groups, bias=False)
        self.norm = nn.BatchNorm2d(_NECK)

    def forward(self, features: Tensor) -> Tensor:
        return functional.silu(self.norm(self.convolution(features)))


class _Along(nn.Module):
    """A transformer layer along the line: plain products are faster than the library's on a CPU."""

    def __init__(self) -> None:
        super().__init__()
        self.before_attention = nn.LayerNorm(_NECK, eps=1e-5)
        self.queries_keys_values = nn.Linear(_NECK, 3 * _NECK)
        self.mixed = nn.Linear(_NECK, _NECK)
        self.before_feed = nn.LayerNorm(_NECK, eps=1e-5)
        self.wider = nn.Linear(_NECK, 2 * _NECK)
        self.back = nn.Linear(2 * _NECK, _NECK)

    def forward(self, tokens: Tensor) -> Tensor:
        count, length, _ = tokens.shape
        width = _NECK // _HEADS
        packed = self.queries_keys_values(self.before_attention(tokens))
        packed = packed.reshape(count, length, 3, _HEADS, width).permute(2, 0, 3, 1, 4)
        queries, keys, values = packed[0], packed[1], packed[2]
        weights = torch.matmul(queries, keys.transpose(-1, -2)) * (1.0 / math.sqrt(width))
        seen = torch.matmul(weights.softmax(-1), values)
        tokens = tokens + self.mixed(seen.transpose(1, 2).reshape(count, length, _NECK))
        fed: Tensor = tokens + self.back(functional.silu(self.wider(self.before_feed(tokens))))
        return fed


class LineNetwork(Network):
    """[N, 3, 48, W] of 0..1 -> logits [N, W / 8, 37]; blank last. About 3 million weights."""

    def __init__(self) -> None:
        super().__init__()
        self.stem = _Stem()
        blocks: list[nn.Module] = []
        before = 2 * _STEM
        for width, kinds in _STAGES:
            for weighs, halves in kinds:
                blocks.append(_Mixing(before, width, weighs=weighs, halves=halves))
                before = width
        self.blocks = nn.Sequential(*blocks)
        self.beside = _Normed(before)
        self.into = _Normed(before)
        self.neighbours = _Normed(_NECK, (1, 7), groups=_NECK)
        self.layers = nn.Sequential(_Along(), _Along())
        self.last_norm = nn.LayerNorm(_NECK, eps=1e-6)
        self.classes = nn.Linear(_NECK, CLASSES)

    def forward(self, picture: Tensor) -> Tensor:
        features = functional.avg_pool2d(self.blocks(self.stem(2.0 * picture - 1.0)), (3, 2))
        along = self.into(features)
        along = along + self.neighbours(along)
        tokens = self.last_norm(self.layers(along.squeeze(2).transpose(1, 2)))
        logits: Tensor = self.classes(tokens + self.beside(features).squeeze(2).transpose(1, 2))
        return logits


class ServedLines(nn.Module):
    """What is exported: uint8 lines in, calibrated probabilities of each place out."""

    def __init__(self, network: nn.Module, temperature: float) -> None:
        super().__init__()
        self.network = network
        self.temperature = temperature

    def forward(self, image: Tensor) -> Tensor:
        weights = torch.tensor(LUMA, dtype=torch.float32).to(image.device)
        gray = (image.float() * weights).sum(-1).unsqueeze(1) / 255.0
        probabilities: Tensor = (self.network(gray.expand(-1, 3, -1, -1)) / self.temperature).softmax(-1)
        return probabilities
