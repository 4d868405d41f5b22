"""What the vehicle detector minimises, over the labels of `VehicleExamples`.

Which cells learn a vehicle follows from what they say already: those that overlap it best and are surest
of its class (Feng et al., "TOOD: Task-aligned One-stage Object Detection", 2021).
"""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor
from torch.nn import functional

from contracts.messages.common import VEHICLE_CLASSES
from triton_models.tensors import VEHICLE_SIZE_WH
from triton_models.training.vehicles.network import BINS, boxes_of, cells

IGNORED, NOTHING = -1.0, -2.0
"""Instead of a class: what is in the box is neither right nor wrong; the row is empty."""
_CLASSES = len(VEHICLE_CLASSES)
_CELLS_EACH = 10
_OVERLAP_POWER = 6
_BOXES, _DISTANCES = 2.0, 0.25


class _Wanted(NamedTuple):
    """`quality` [N, A, C] that each cell's scores should have, `counts` [N, A, C] where it matters,
    `box` [N, A, 4] and its `weight` [N, A] (0 where a cell learns no vehicle)."""

    quality: Tensor
    counts: Tensor
    box: Tensor
    weight: Tensor


def vehicle_loss(outputs: Tensor, targets: tuple[Tensor, ...]) -> dict[str, Tensor]:
    """`targets`: boxes with their classes [N, M, 5], and which classes count [N, C]."""
    labels, kinds = targets
    labels = labels[:, : max(1, int((labels[..., 4] > NOTHING).sum(1).max()))]
    places = cells(VEHICLE_SIZE_WH).to(outputs.device)
    logits, sides = outputs[..., :_CLASSES], outputs[..., _CLASSES:]
    found = boxes_of(sides, places)
    with torch.no_grad():
        wanted = _wanted(logits.sigmoid(), found, labels, kinds, places)
    total = wanted.weight.sum().clamp(min=1.0)
    missed = (wanted.quality - logits.sigmoid()).abs() ** 2 * wanted.counts
    scores = functional.binary_cross_entropy_with_logits(logits, wanted.quality, reduction="none") * missed
    learned = wanted.weight > 0
    weight = wanted.weight[learned]
    boxes = (1 - _generalised_overlap(found[learned], wanted.box[learned])) * weight
    distances = _distance_loss(
        sides[learned], wanted.box[learned], places.expand(len(outputs), -1, 3)[learned]
    )
    return {
        "scores": scores.sum() / total,
        "boxes": _BOXES * boxes.sum() / total,
        "distances": _DISTANCES * (distances * weight).sum() / total,
    }


def _wanted(scores: Tensor, found: Tensor, labels: Tensor, kinds: Tensor, places: Tensor) -> _Wanted:
    boxes, kind = labels[..., :4], labels[..., 4]
    inside = _inside(places, boxes)
    is_vehicle = (kind >= 0).unsqueeze(-1)
    overlap = _overlap(boxes.unsqueeze(2), found.unsqueeze(1))
    of_class = scores.gather(2, kind.clamp(min=0).long().unsqueeze(1).expand(-1, scores.shape[1], -1))
    # The last summand lets a vehicle that nobody overlaps yet be learned all the same.
    aligned = (of_class.transpose(1, 2) * overlap**_OVERLAP_POWER + 1e-8) * (inside & is_vehicle)
    least = aligned.topk(_CELLS_EACH, 2).values[..., -1:]
    chosen = (aligned >= least) & (aligned > 0)
    mine = (overlap + 1e-6) * chosen
    chosen &= mine >= mine.amax(1, keepdim=True)
    aligned, mine = aligned * chosen, mine * chosen
    share = aligned / aligned.amax(2, keepdim=True).clamp(min=1e-12) * mine.amax(2, keepdim=True)
    weight, label = share.max(1)
    box = boxes.gather(1, label.unsqueeze(-1).expand(-1, -1, 4))
    cell_kind = kind.gather(1, label).clamp(min=0).long()
    quality = functional.one_hot(cell_kind, _CLASSES) * weight.unsqueeze(-1)
    return _Wanted(quality, _counts(kind, inside, weight > 0, kinds), box, weight)


def _counts(kind: Tensor, inside: Tensor, learned: Tensor, kinds: Tensor) -> Tensor:
    """1 where a class's score is right or wrong, [N, A, C]."""
    unsure = (inside & (kind == IGNORED).unsqueeze(-1)).any(1)
    counts = kinds.unsqueeze(1) * (~unsure).unsqueeze(-1)
    # A vehicle that is one thing is no other, whether or not its source labels those.
    return torch.where(learned.unsqueeze(-1), torch.ones_like(counts), counts)


def _inside(places: Tensor, boxes: Tensor) -> Tensor:
    """Whether a cell's middle lies in a box, [N, M, A]."""
    x, y = places[:, 0], places[:, 1]
    x0, y0, x1, y1 = (boxes[..., side, None] for side in range(4))
    return (x > x0) & (x < x1) & (y > y0) & (y < y1)


def _area(boxes: Tensor) -> Tensor:
    return (boxes[..., 2] - boxes[..., 0]).clamp(min=0) * (boxes[..., 3] - boxes[..., 1]).clamp(min=0)


def _shared(one: Tensor, other: Tensor) -> Tensor:
    both = torch.cat(
        [torch.maximum(one[..., :2], other[..., :2]), torch.minimum(one[..., 2:], other[..., 2:])], -1
    )
    return _area(both)


def _overlap(one: Tensor, other: Tensor) -> Tensor:
    shared = _shared(one, other)
    return shared / (_area(one) + _area(other) - shared).clamp(min=1e-3)


def _generalised_overlap(one: Tensor, other: Tensor) -> Tensor:
    """Rezatofighi et al., 2019, of boxes [K, 4]."""
    shared = _shared(one, other)
    union = (_area(one) + _area(other) - shared).clamp(min=1e-3)
    around = _area(
        torch.cat([torch.minimum(one[:, :2], other[:, :2]), torch.maximum(one[:, 2:], other[:, 2:])], -1)
    ).clamp(min=1e-3)
    return shared / union - (around - union) / around


def _distance_loss(sides: Tensor, boxes: Tensor, places: Tensor) -> Tensor:
    """Cross entropy to the two distances beside the true one (Li et al., 2020), a cell."""
    true = torch.cat([places[:, :2] - boxes[:, :2], boxes[:, 2:] - places[:, :2]], 1) / places[:, 2:]
    true = true.clamp(0, BINS - 1.01).reshape(-1)
    below = true.long()
    logits = sides.reshape(-1, BINS)
    nearer = functional.cross_entropy(logits, below, reduction="none") * (below + 1 - true)
    farther = functional.cross_entropy(logits, below + 1, reduction="none") * (true - below)
    return (nearer + farther).reshape(-1, 4).mean(1)
