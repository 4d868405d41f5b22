"""What the plate detector minimises, over the targets of `PlateExamples`."""

from __future__ import annotations

from torch import Tensor
from torch.nn import functional

from triton_models.training.detectors.losses import focal_loss

_CORNERS, _LINES, _COLOUR = 6.0, 0.3, 1.0


def plate_loss(outputs: Tensor, targets: tuple[Tensor, ...]) -> dict[str, Tensor]:
    """Heat, corners relative to the plate's width, lines and colour where they are known."""
    heat, counts, corners, width, weight, lines, lines_known, colour = targets
    missed = (outputs[:, 1:9] - corners) / width.unsqueeze(1)
    corner = functional.smooth_l1_loss(missed, missed.detach() * 0, reduction="none", beta=0.02).sum(1)
    line = functional.binary_cross_entropy_with_logits(outputs[:, 9], lines, reduction="none")
    return {
        "heat": focal_loss(outputs[:, 0].sigmoid(), heat, counts),
        "corners": _CORNERS * (corner * weight).sum() / weight.sum().clamp(min=1.0),
        "lines": _LINES * (line * lines_known).sum() / lines_known.sum().clamp(min=1.0),
        "colour": _COLOUR * _colour_loss(outputs[:, 10:17], colour),
    }


def _colour_loss(logits: Tensor, colour: Tensor) -> Tensor:
    known = (colour >= 0).float()
    loss = functional.cross_entropy(logits, colour.clamp(min=0), reduction="none")
    return (loss * known).sum() / known.sum().clamp(min=1.0)
