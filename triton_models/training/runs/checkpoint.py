"""Checkpoints on disk: written beside and renamed, so that what is there is always whole."""

from __future__ import annotations

import pickle
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch

from contracts.errors import Stop


def write_whole(path: Path, kept: Mapping[str, Any]) -> None:
    """The checkpoint under its name, or the one before it.

    Raises:
        Stop: it cannot be written, most often because the disk is full.
    """
    beside = path.with_suffix(".part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        torch.save(dict(kept), beside)
        beside.replace(path)
    # PyTorch's writer says a full disk by a RuntimeError of its own.
    except (OSError, RuntimeError) as error:
        beside.unlink(missing_ok=True)
        before = "the one before it is whole" if path.exists() else "there is none before it"
        why = str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
        raise Stop(f"{path}: this checkpoint cannot be written ({why}); {before}") from error


def read_whole(path: Path) -> dict[str, Any]:
    """What `write_whole` wrote, on the processor, whatever device it came from.

    Raises:
        Stop: it is damaged or none of ours.
    """
    try:
        kept = torch.load(path, map_location="cpu", weights_only=True)
    except (OSError, EOFError, pickle.UnpicklingError, RuntimeError, ValueError) as error:
        raise Stop(f"{path}: no checkpoint to go on from ({type(error).__name__})") from error
    if not isinstance(kept, dict):
        raise Stop(f"{path}: no checkpoint to go on from ({type(kept).__name__})")
    return kept
