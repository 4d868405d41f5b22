"""What both detectors minimise: the heat map's focal loss."""

from __future__ import annotations

from torch import Tensor

_CERTAIN = 0.999


def focal_loss(probability: Tensor, heat: Tensor, counts: Tensor) -> Tensor:
    """The loss of CornerNet (Law and Deng, 2018) with exponents 2 and 4, a peak. `counts` is 0 where
    nobody knows what is there."""
    probability = probability.clamp(1e-4, 1 - 1e-4)
    peaks = (heat >= _CERTAIN).float() * counts
    found = (1 - probability) ** 2 * probability.log() * peaks
    invented = (1 - heat) ** 4 * probability**2 * (1 - probability).log() * (1 - peaks) * counts
    return -(found + invented).sum() / peaks.sum().clamp(min=1.0)
