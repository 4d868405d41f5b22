"""What the line reader minimises."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional

from triton_models.training.lines.examples import BLANK


def line_loss(logits: Tensor, targets: tuple[Tensor, ...]) -> dict[str, Tensor]:
    """Connectionist temporal classification (Graves et al., 2006). `logits` [N, places, 37]; `targets` are
    classes [N, 14] and their number [N]."""
    classes, lengths = targets
    places = torch.full((len(logits),), logits.shape[1], device=logits.device)
    along = logits.log_softmax(-1).transpose(0, 1)
    loss = functional.ctc_loss(along, classes, places, lengths, blank=BLANK, zero_infinity=True)
    return {"line": loss}
