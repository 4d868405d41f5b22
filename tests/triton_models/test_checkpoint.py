"""Checkpoints where there is no room. Needs PyTorch: runs in the training environment, skipped elsewhere."""

from __future__ import annotations

import resource
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

torch = pytest.importorskip("torch", reason="PyTorch is not installed (make train-setup)")

from contracts.errors import Stop  # noqa: E402
from triton_models.training.checkpoint import write_whole  # noqa: E402
from triton_models.training.curve import add_to_curve  # noqa: E402


@contextmanager
def room_for(size_bytes: int) -> Iterator[None]:
    """No file may grow beyond this meanwhile: the system itself refuses, as a full disk would."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size_bytes, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def test_a_full_disk_stops_with_one_sentence_and_the_last_checkpoint_is_whole(tmp_path: Path) -> None:
    path = tmp_path / "work" / "checkpoint.pt"
    write_whole(path, {"step": 1, "weights": torch.zeros(10)})
    with room_for(20_000), pytest.raises(Stop, match=r"checkpoint\.pt: this checkpoint cannot .* is whole"):
        write_whole(path, {"step": 2, "weights": torch.zeros(100_000)})
    assert torch.load(path, weights_only=True)["step"] == 1
    assert [file.name for file in path.parent.iterdir()] == ["checkpoint.pt"]


def test_without_one_before_that_is_said(tmp_path: Path) -> None:
    with room_for(5_000), pytest.raises(Stop, match="there is none before it"):
        write_whole(tmp_path / "checkpoint.pt", {"weights": torch.zeros(100_000)})
    assert not list(tmp_path.iterdir())


def test_a_full_disk_ends_the_curve_with_one_sentence(tmp_path: Path) -> None:
    curve = tmp_path / "curve.jsonl"
    add_to_curve(curve, seconds=60.0, step=5, judged={"loss": 1.0})
    size = curve.stat().st_size
    with room_for(size), pytest.raises(Stop, match=r"curve\.jsonl: the curve cannot be written .* --resume"):
        add_to_curve(curve, seconds=120.0, step=9, judged={"loss": 0.5})
    assert curve.stat().st_size == size
