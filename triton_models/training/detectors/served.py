"""Trained detectors as they are served: uint8 NHWC in, rows as `triton_models.tensors` has them out.

Peaks of the heat map, the best of them, and for vehicles the suppression of overlapping boxes, all in
the graph, with fixed shapes.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional

from triton_models.tensors import MOST_PLATES, MOST_VEHICLES, PLATE_SIZE_WH, VEHICLE_SIZE_WH
from triton_models.training.detectors.network import STRIDE, Network

CORNER_UNIT_PX = 32.0
"""Corners are learned as distances from their cell's middle in this unit."""
SIDE_UNIT_PX = 32.0
"""Sides of a vehicle's box are learned as the logarithm of their distance in this unit."""
_LOG_LIMIT = 4.0
_LEAST_PLATE = 0.02
_LEAST_VEHICLE = 0.03
_OVERLAP = 0.55


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


class ServedVehicles(nn.Module):
    """-> [N, 32, 6]: box, score, class; best first, unused rows all 0."""

    def __init__(self, network: Network, classes: int) -> None:
        super().__init__()
        self.network = network
        self.classes = classes
        self.middles: Tensor
        self.limits: Tensor
        self.before: Tensor
        self.register_buffer("middles", middles(VEHICLE_SIZE_WH).unsqueeze(0))
        self.register_buffer(
            "limits", torch.tensor([*VEHICLE_SIZE_WH, *VEHICLE_SIZE_WH], dtype=torch.float32)
        )
        # before[i, j] is 1 where row j stands before row i.
        self.register_buffer("before", torch.ones(MOST_VEHICLES, MOST_VEHICLES).tril(-1).unsqueeze(0))

    def forward(self, image: Tensor) -> Tensor:
        outputs = self.network(_normalised(image))
        heat, kind = torch.sigmoid(outputs[:, : self.classes]).max(1, keepdim=True)
        score = _cells(_only_peaks(heat, 5))
        sides = torch.exp(_cells(outputs)[..., self.classes :].clamp(-_LOG_LIMIT, _LOG_LIMIT)) * SIDE_UNIT_PX
        boxes = torch.cat([self.middles - sides[..., :2], self.middles + sides[..., 2:]], -1)
        boxes = torch.minimum(boxes.clamp(min=0), self.limits)
        rows = torch.cat([boxes, score, _cells(kind.float())], -1)
        rows = _rows_at(rows, torch.topk(score.squeeze(-1), MOST_VEHICLES, 1).indices)
        kept = (_overlaps(rows[..., :4]) * self.before).amax(2) < _OVERLAP
        rows = rows * (kept & (rows[..., 4] > _LEAST_VEHICLE)).float().unsqueeze(-1)
        rows = _rows_at(rows, torch.topk(rows[..., 4], MOST_VEHICLES, 1).indices)
        return rows.reshape(-1, MOST_VEHICLES, rows.shape[-1])


def _overlaps(boxes: Tensor) -> Tensor:
    """Intersection over union of every box with every other, [N, K, K]."""
    one, other = boxes.unsqueeze(2), boxes.unsqueeze(1)
    inner = (torch.minimum(one[..., 2:], other[..., 2:]) - torch.maximum(one[..., :2], other[..., :2])).clamp(
        min=0
    )
    shared = inner[..., 0] * inner[..., 1]
    area = (boxes[..., 2] - boxes[..., 0]) * (boxes[..., 3] - boxes[..., 1])
    return shared / (area.unsqueeze(2) + area.unsqueeze(1) - shared + 1e-6)
