"""The trained vehicle detector as it is served: uint8 NHWC in, rows as `triton_models.tensors` has them out.

The surest cells become boxes, and of boxes on one vehicle the surest stays, all in the graph, with fixed
shapes.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

from triton_models.tensors import MOST_VEHICLES, VEHICLE_SIZE_WH
from triton_models.training.detectors.network import Network
from triton_models.training.vehicles.network import boxes_of, cells

_CANDIDATES = 160
_LEAST_SCORE = 0.03
_OVERLAP = 0.6
_ROUNDS = 3


class ServedVehicles(nn.Module):
    """-> [N, 32, 6]: box, score, class; best first, unused rows all 0."""

    def __init__(self, network: Network, classes: int) -> None:
        super().__init__()
        self.network = network
        self.classes = classes
        self.places: Tensor
        self.limits: Tensor
        self.before: Tensor
        self.register_buffer("places", cells(VEHICLE_SIZE_WH))
        self.register_buffer(
            "limits", torch.tensor([*VEHICLE_SIZE_WH, *VEHICLE_SIZE_WH], dtype=torch.float32)
        )
        # before[i, j] is 1 where row j stands before row i.
        self.register_buffer("before", torch.ones(_CANDIDATES, _CANDIDATES).tril(-1).unsqueeze(0))

    def forward(self, image: Tensor) -> Tensor:
        outputs = self.network(image.permute(0, 3, 1, 2).float() / 255.0)
        score, kind = outputs[..., : self.classes].max(2, keepdim=True)
        best = torch.topk(score.squeeze(-1), _CANDIDATES, 1).indices
        places = self.places[best]
        boxes = boxes_of(_rows_at(outputs[..., self.classes :], best), places)
        boxes = torch.minimum(boxes.clamp(min=0), self.limits)
        rows = torch.cat([boxes, torch.sigmoid(_rows_at(score, best)), _rows_at(kind.float(), best)], -1)
        kept = _kept(_overlaps(boxes) * self.before) * (rows[..., 4] > _LEAST_SCORE).float()
        rows = rows * kept.unsqueeze(-1)
        rows = _rows_at(rows, torch.topk(rows[..., 4], MOST_VEHICLES, 1).indices)
        return rows.reshape(-1, MOST_VEHICLES, rows.shape[-1])


def _rows_at(rows: Tensor, index: Tensor) -> Tensor:
    return torch.gather(rows, 1, index.unsqueeze(-1).expand(-1, -1, rows.shape[-1]))


def _kept(earlier: Tensor) -> Tensor:
    """1 where no box that stays stands before and overlaps too much; so many rounds decide nearly all
    (Zheng et al., "Enhancing Geometric Factors", 2020)."""
    kept = torch.ones_like(earlier[:, 0])
    for _ in range(_ROUNDS):
        kept = ((earlier * kept.unsqueeze(1)).amax(2) < _OVERLAP).float()
    return kept


def _overlaps(boxes: Tensor) -> Tensor:
    """Intersection over union of every box with every other, [N, K, K]."""
    one, other = boxes.unsqueeze(2), boxes.unsqueeze(1)
    inner = (torch.minimum(one[..., 2:], other[..., 2:]) - torch.maximum(one[..., :2], other[..., :2])).clamp(
        min=0
    )
    shared = inner[..., 0] * inner[..., 1]
    area = (boxes[..., 2] - boxes[..., 0]) * (boxes[..., 3] - boxes[..., 1])
    return shared / (area.unsqueeze(2) + area.unsqueeze(1) - shared + 1e-6)
