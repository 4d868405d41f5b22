"""A network that is trained as it will be served: what goes into its convolutions in 8 bits.

Jacob et al., "Quantization and Training of Neural Networks for Efficient Integer-Arithmetic-Only Inference",
2018: rounded on the way in, passed as it is on the way back. Weights get a scale a channel when they are
exported and lose little by that, so they are left as they are.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

_STEPS = 255
_SLOWLY = 0.02
"""How much a batch tells of the range."""


def round_inputs(network: nn.Module) -> None:
    """From now on, wherever `network` is trained, its convolutions get their inputs in 8 bits; not the first
    one, which gets a picture, nor the last, which stays in 32. In use it computes as ever."""
    convolutions = [module for module in network.modules() if isinstance(module, nn.Conv2d)]
    for convolution in convolutions[1:-1]:
        convolution.register_forward_pre_hook(_Rounded())


class _Rounded:
    """The inputs of one convolution."""

    def __init__(self) -> None:
        self._range: tuple[Tensor, Tensor] | None = None

    def __call__(self, module: nn.Module, inputs: tuple[Tensor]) -> tuple[Tensor] | None:
        if not module.training:
            return None
        values = inputs[0]
        least, most = self._seen(values.detach())
        step = ((most - least) / _STEPS).clamp_min(1e-8).to(values.dtype)
        with torch.no_grad():
            rounded = ((values - least) / step).round_().clamp_(0, _STEPS).mul_(step).add_(least)
        return (values + (rounded - values).detach(),)

    def _seen(self, values: Tensor) -> tuple[Tensor, Tensor]:
        """The range, which always holds 0: what lies around a picture is to stay exact."""
        ends = torch.aminmax(values)
        least, most = ends.min.float().clamp_max(0.0), ends.max.float().clamp_min(0.0)
        if self._range is not None:
            least, most = self._range[0].lerp(least, _SLOWLY), self._range[1].lerp(most, _SLOWLY)
        self._range = (least, most)
        return self._range
