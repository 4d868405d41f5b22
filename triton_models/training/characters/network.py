"""The reader's network: a rectified plate in, fourteen slots of character probabilities and boxes out.

A few convolutions turn the gray plate into 4 × 24 tokens, two transformer layers let them see one
another, and one attention map a slot picks what that slot reads: two lines need no split up front.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional

from triton_models.tensors import CHARACTERS_SIZE_WH, CLASSES, SLOTS

PLATE_WIDTH, PLATE_HEIGHT = CHARACTERS_SIZE_WH
BLANK = CLASSES - 1
GRID_ROWS, GRID_COLUMNS = 4, 24
TOKENS = GRID_ROWS * GRID_COLUMNS
CHANNELS = 192
HEADS = 6
LUMA = (0.299, 0.587, 0.114)


class Slots(NamedTuple):
    """What the network says of each slot; boxes are centre x, centre y, width, height in 0..1."""

    logits: Tensor
    early_logits: Tensor
    attention: Tensor
    boxes: Tensor


def _convolution(inside: int, outside: int, stride: int | tuple[int, int]) -> nn.Sequential:
    return nn.Sequential(
        nn.Conv2d(inside, outside, 3, stride, 1, bias=False), nn.BatchNorm2d(outside), nn.ReLU(inplace=True)
    )


class _Residual(nn.Module):
    def __init__(self, channels: int) -> None:
        super().__init__()
        self.first = _convolution(channels, channels, 1)
        self.second = nn.Sequential(
            nn.Conv2d(channels, channels, 3, 1, 1, bias=False), nn.BatchNorm2d(channels)
        )

    def forward(self, features: Tensor) -> Tensor:
        return functional.relu(features + self.second(self.first(features)))


class _Transformer(nn.Module):
    """Pre-norm attention and feed-forward; plain products are faster than the library's on a CPU."""

    def __init__(self, channels: int, heads: int = HEADS) -> None:
        super().__init__()
        self.heads = heads
        self.before_attention = nn.LayerNorm(channels)
        self.queries_keys_values = nn.Linear(channels, 3 * channels)
        self.mixed = nn.Linear(channels, channels)
        self.feed = nn.Sequential(
            nn.LayerNorm(channels),
            nn.Linear(channels, 2 * channels),
            nn.GELU(approximate="tanh"),
            nn.Linear(2 * channels, channels),
        )

    def forward(self, tokens: Tensor) -> Tensor:
        count, length, channels = tokens.shape
        width = channels // self.heads
        packed = self.queries_keys_values(self.before_attention(tokens))
        packed = packed.reshape(count, length, 3, self.heads, width).permute(2, 0, 3, 1, 4)
        queries, keys, values = packed[0], packed[1], packed[2]
        weights = torch.matmul(queries, keys.transpose(-1, -2)) * (1.0 / math.sqrt(width))
        seen = torch.matmul(weights.softmax(-1), values)
        tokens = tokens + self.mixed(seen.transpose(1, 2).reshape(count, length, channels))
        fed: Tensor = tokens + self.feed(tokens)
        return fed


class CharacterNetwork(nn.Module):
    """Gray plates, mean 0 and deviation 1 each, to slots. About 1.6 million weights."""

    def __init__(self) -> None:
        super().__init__()
        self.features = nn.Sequential(
            _convolution(1, 32, 2),
            _convolution(32, 64, 2),
            _Residual(64),
            _convolution(64, 128, 2),
            _Residual(128),
            _convolution(128, CHANNELS, (2, 1)),
        )
        self.positions = nn.Parameter(torch.randn(1, TOKENS, CHANNELS) * 0.02)
        self.layers = nn.Sequential(_Transformer(CHANNELS), _Transformer(CHANNELS))
        self.last_norm = nn.LayerNorm(CHANNELS)
        self.where = nn.Linear(CHANNELS, SLOTS)
        self.slot_names = nn.Parameter(torch.randn(1, SLOTS, CHANNELS) * 0.02)
        self.early = nn.Linear(CHANNELS, CLASSES)
        self.between_slots = _Transformer(CHANNELS)
        self.slot_norm = nn.LayerNorm(CHANNELS)
        self.classes = nn.Linear(CHANNELS, CLASSES)
        self.box = nn.Sequential(nn.Linear(CHANNELS, 64), nn.ReLU(inplace=True), nn.Linear(64, 4))
        rows, columns = torch.meshgrid(torch.arange(GRID_ROWS), torch.arange(GRID_COLUMNS), indexing="ij")
        centres = torch.stack(((columns + 0.5) / GRID_COLUMNS, (rows + 0.5) / GRID_ROWS), dim=-1)
        self.register_buffer("centres", centres.reshape(1, TOKENS, 2).float())

    def forward(self, gray: Tensor) -> Slots:
        tokens = self.features(gray).flatten(2).transpose(1, 2)
        tokens = self.last_norm(self.layers(tokens + self.positions))
        attention = self.where(tokens).transpose(1, 2).float().softmax(-1)
        pooled = torch.matmul(attention.to(tokens.dtype), tokens)
        seen = self.slot_norm(self.between_slots(pooled + self.slot_names))
        offset_size = self.box(pooled).float()
        middle = torch.matmul(attention, self.centres.expand(attention.shape[0], -1, -1))
        centre = middle + 0.2 * torch.tanh(offset_size[..., :2])
        boxes = torch.cat((centre, torch.sigmoid(offset_size[..., 2:])), dim=-1)
        return Slots(self.classes(seen).float(), self.early(pooled).float(), attention, boxes)


def to_gray(rgb: Tensor) -> Tensor:
    """uint8 [B, H, W, 3] to float [B, 1, H, W], each plate with mean 0 and deviation 1."""
    weights = torch.tensor(LUMA, dtype=torch.float32).to(rgb.device)
    gray = (rgb.float() * weights).sum(-1)
    mean = gray.mean(dim=(1, 2), keepdim=True)
    spread = ((gray - mean) ** 2).mean(dim=(1, 2), keepdim=True).sqrt()
    return ((gray - mean) / (spread + 4.0)).unsqueeze(1)


class ServedReader(nn.Module):
    """What is exported: uint8 plates in, calibrated probabilities and boxes in input pixels out."""

    def __init__(self, network: CharacterNetwork, temperature: float) -> None:
        super().__init__()
        self.network = network
        self.temperature = temperature

    def forward(self, image: Tensor) -> tuple[Tensor, Tensor]:
        slots = self.network(to_gray(image))
        probabilities = (slots.logits / self.temperature).softmax(-1)
        centre, half = slots.boxes[..., :2], slots.boxes[..., 2:] / 2
        corners = torch.cat((centre - half, centre + half), dim=-1).clamp(0.0, 1.0)
        size = torch.tensor([PLATE_WIDTH, PLATE_HEIGHT, PLATE_WIDTH, PLATE_HEIGHT], dtype=torch.float32)
        return probabilities, corners * size.to(corners.device)
