"""What the vehicle detector minimises, over the targets of `VehicleExamples`."""

from __future__ import annotations

import torch
from torch import Tensor

from contracts.messages.common import VEHICLE_CLASSES
from triton_models.training.detectors.losses import focal_loss
from triton_models.training.detectors.served import SIDE_UNIT_PX

_BOXES = 1.5
_CLASSES = len(VEHICLE_CLASSES)


def vehicle_loss(outputs: Tensor, targets: tuple[Tensor, ...]) -> dict[str, Tensor]:
    """Heat a class, and the generalised overlap of boxes (Rezatofighi et al., 2019)."""
    heat, counts, sides, weight = targets
    found = torch.exp(outputs[:, _CLASSES:].clamp(-4, 4)) * SIDE_UNIT_PX
    boxes = ((1 - _generalised_overlap(found, sides)) * weight).sum() / weight.sum().clamp(min=1.0)
    return {"heat": focal_loss(outputs[:, :_CLASSES].sigmoid(), heat, counts), "boxes": _BOXES * boxes}


def _generalised_overlap(one: Tensor, other: Tensor) -> Tensor:
    """Of boxes given by the distances of one point to their left, top, right and bottom, [N, 4, H, W]."""
    least, most = torch.minimum(one, other), torch.maximum(one, other)
    shared = (least[:, 0] + least[:, 2]) * (least[:, 1] + least[:, 3])
    around = (most[:, 0] + most[:, 2]) * (most[:, 1] + most[:, 3])
    areas = sum((each[:, 0] + each[:, 2]) * (each[:, 1] + each[:, 3]) for each in (one, other))
    union = (areas - shared).clamp(min=1e-3)
    return shared / union - (around - union) / around.clamp(min=1e-3)
