"""Where a training computes: on a GPU where there is one, else on the processor.

Chosen once, by the settings. What chance decides (first weights, batches) is drawn on the processor, so a
seed means the same everywhere; a GPU may still sum in another order, and the last digits are its own.
"""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import AbstractContextManager, nullcontext

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from contracts.errors import Stop

AUTO = "auto"


def chosen_device(wanted: str) -> torch.device:
    """`wanted`: `auto`, `cpu`, `cuda`, or one of several GPUs such as `cuda:1`.

    Raises:
        Stop: there is no such device, or not on this machine.
    """
    if wanted == AUTO:
        return torch.device("cuda" if torch.cuda.is_available() else "cpu")
    try:
        device = torch.device(wanted)
    except RuntimeError as error:
        raise Stop(f"device {wanted}: not known; give auto, cpu or cuda") from error
    if device.type not in ("cpu", "cuda"):
        raise Stop(f"device {wanted}: not one that trainings were made for; give auto, cpu or cuda")
    if device.type == "cuda" and (device.index or 0) >= _gpus():
        raise Stop(f"device {wanted}: PyTorch finds {_gpus()} GPUs here; `device: cpu` trains without one")
    return device


def _gpus() -> int:
    return torch.cuda.device_count() if torch.cuda.is_available() else 0


def named(device: torch.device, threads: int) -> str:
    """For a card."""
    if device.type == "cuda":
        return f"one {torch.cuda.get_device_name(device)}"
    return "one core" if threads == 1 else f"{threads} cores"


def by_seed(seed: int, threads: int) -> None:
    """Before a network is made: its first weights follow from the seed."""
    torch.manual_seed(seed)
    torch.set_num_threads(threads)
    torch.backends.cudnn.deterministic = True


def moved(tensors: Iterable[Tensor], device: torch.device) -> tuple[Tensor, ...]:
    return tuple(tensor.to(device) for tensor in tensors)


def half_precision(device: torch.device, *, wanted: bool) -> AbstractContextManager[object]:
    """Products in bfloat16 within it."""
    return torch.autocast(device.type, torch.bfloat16) if wanted else nullcontext()


def answered(module: nn.Module, pictures: NDArray[np.uint8]) -> NDArray[np.float32]:
    """What a module of one output says of pictures, computed where its weights are."""
    device = next(module.parameters()).device
    with torch.no_grad():
        answer: NDArray[np.float32] = module(torch.from_numpy(pictures).to(device)).cpu().numpy()
    return answer
