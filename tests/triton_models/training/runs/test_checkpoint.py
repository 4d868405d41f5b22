"""Checkpoints where there is no room. Needs PyTorch: runs in the training environment, skipped elsewhere."""

from __future__ import annotations

import resource
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import pytest

torch = pytest.importorskip("torch", reason="PyTorch is not installed (make train-setup)")

from contracts.errors import Stop  # noqa: E402
from tests.triton_models.training.runs.test_resuming import detector, reader  # noqa: E402
from triton_models.training.runs.checkpoint import write_whole  # noqa: E402
from triton_models.training.runs.curve import add_to_curve  # noqa: E402
from triton_models.training.runs.starting import Spent  # noqa: E402


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


@pytest.mark.parametrize("begun", [detector, reader], ids=["detector", "reader"])
def test_a_training_that_a_full_disk_stops_goes_on_from_its_last_checkpoint(
    tmp_path: Path, begun: Callable[..., Any]
) -> None:
    one = begun(tmp_path, steps=3, batch=2, checkpoint_seconds=0.0)
    with ExitStack() as full:

        def filled(progress: Spent) -> None:
            if progress.step == 2:
                full.enter_context(room_for(20_000))

        with pytest.raises(Stop, match=r"checkpoint\.pt: this checkpoint cannot be written .* is whole"):
            one.run(filled, lambda *_: None)
    rest = begun(tmp_path, steps=3, batch=2)
    assert rest.resume()
    assert rest.progress.step == 1
    rest.run(lambda _: None, lambda *_: None)
    assert rest.progress.step == 3


def test_a_full_disk_ends_the_curve_with_one_sentence(tmp_path: Path) -> None:
    curve = tmp_path / "curve.jsonl"
    add_to_curve(curve, seconds=60.0, step=5, judged={"loss": 1.0})
    size = curve.stat().st_size
    with room_for(size), pytest.raises(Stop, match=r"curve\.jsonl: the curve cannot be written .* --resume"):
        add_to_curve(curve, seconds=120.0, step=9, judged={"loss": 0.5})
    assert curve.stat().st_size == size
