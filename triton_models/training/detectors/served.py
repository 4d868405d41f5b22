"""The trained plate detector as it is served: uint8 NHWC in, rows as `triton_models.tensors` has them out.

Peaks of the heat map and the best of them, all in the graph, with fixed shapes.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional

from triton_models.tensors import MOST_PLATES, PLATE_SIZE_WH
from triton_models.training.detectors.network import STRIDE, Network

CORNER_UNIT_PX = 32.0
"""Corners are learned as distances from their cell's middle in this unit."""
_LEAST_PLATE = 0.02


def middles(size_wh: tuple[int, int]) -> Tensor:
    """Middle of each cell in pixels, [cells, 2], row by row."""
    across, down = size_wh[0] // STRIDE, size_wh[1] // STRIDE
    y, x = torch.meshgrid(torch.arange(down), torch.arange(across), indexing="ij")
    return ((torch.stack([x, y], -1) + 0.5) * STRIDE).reshape(-1, 2)


def _normalised(image: Tensor) -> Tensor:
    return image.permute(0, 3, 1, 2).float() / 255.0


def _cells(outputs: Tensor) -> Tensor:
    return outputs.flatten(2).transpose(1, 2)


def _only_peaks(heat: Tensor, width: int) -> Tensor:
    return heat * (functional.max_pool2d(heat, width, 1, width // 2) == heat).float()


def _rows_at(rows: Tensor, index: Tensor) -> Tensor:
    return torch.gather(rows, 1, index.unsqueeze(-1).expand(-1, -1, rows.shape[-1]))


class ServedPlates(nn.Module):
    """-> [N, 16, 17]: four corners, score, two-line probability, seven colours; unused rows all 0."""

    def __init__(self, network: Network) -> None:
        super().__init__()
        self.network = network
        self.middles: Tensor
        self.register_buffer("middles", middles(PLATE_SIZE_WH).reshape(1, -1, 1, 2))

    def forward(self, image: Tensor) -> Tensor:
        outputs = self.network(_normalised(image))
        score = _cells(_only_peaks(torch.sigmoid(outputs[:, :1]), 3))
        cells = _cells(outputs)
        corners = cells[..., 1:9].unflatten(-1, (4, 2)) * CORNER_UNIT_PX + self.middles
        lines, colours = torch.sigmoid(cells[..., 9:10]), torch.softmax(cells[..., 10:17], -1)
        rows = torch.cat([corners.flatten(2), score, lines, colours], -1)
        best = torch.topk(score.squeeze(-1), MOST_PLATES, 1).indices
        rows = _rows_at(rows, best)
        rows = rows * (rows[..., 8:9] > _LEAST_PLATE).float()
        return rows.reshape(-1, MOST_PLATES, rows.shape[-1])
