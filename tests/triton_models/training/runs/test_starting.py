"""What a training begins with. Needs PyTorch: runs in the training environment, skipped elsewhere."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="PyTorch is not installed (make train-setup)")

from contracts.errors import Stop  # noqa: E402
from triton_models.training.__main__ import train  # noqa: E402
from triton_models.training.characters.network import CharacterNetwork  # noqa: E402
from triton_models.training.characters.plates import LabelledPlates  # noqa: E402
from triton_models.training.characters.run import learned_from  # noqa: E402
from triton_models.training.crops.plate_pictures import PlateCut  # noqa: E402
from triton_models.training.labels.annotations import Skipped  # noqa: E402
from triton_models.training.labels.suspects import Suspect, write_suspects  # noqa: E402
from triton_models.training.runs.request import TrainingRequest  # noqa: E402
from triton_models.training.runs.starting import mean_of, read_start, write_start  # noqa: E402


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


def test_several_checkpoints_are_begun_with_as_the_mean_of_their_weights(tmp_path: Path) -> None:
    starts = []
    for number, steps in ((1.0, 10), (3.0, 40)):
        path = tmp_path / f"{steps}.pt"
        weights = {"scale": torch.full((2,), number), "seen": torch.tensor(steps)}
        write_start(path, weights, steps=steps, seconds=6.0 * steps)
        starts.append(read_start(path))
    mean = mean_of(starts)
    assert mean.weights["scale"].tolist() == [2.0, 2.0]
    assert (mean.weights["seen"].item(), mean.steps, mean.seconds) == (40, 40, 240.0)
    assert mean.whose == f"{tmp_path}/10.pt, {tmp_path}/40.pt"


def test_checkpoints_of_different_networks_have_no_mean(tmp_path: Path) -> None:
    write_start(tmp_path / "one.pt", {"scale": torch.zeros(2)}, steps=2, seconds=1.0)
    write_start(tmp_path / "other.pt", {"scale": torch.zeros(3)}, steps=1, seconds=1.0)
    with pytest.raises(Stop, match=r"other\.pt: .* scale is 3 there and 2 in .*one\.pt"):
        mean_of([read_start(tmp_path / "one.pt"), read_start(tmp_path / "other.pt")])


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
    skipped = [Skipped("d.jpg", "damaged")]
    assert learned_from(LabelledPlates(cuts, skipped), request) == LabelledPlates(cuts[2:], skipped)


@pytest.mark.parametrize("model", ["plates", "vehicles"])
def test_labels_to_leave_out_are_refused_where_no_texts_are_learned(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], model: str
) -> None:
    with pytest.raises(SystemExit, match="2"):
        train(model, pictures=tmp_path, work=tmp_path, output=tmp_path, leave_out=tmp_path / "wrong.jsonl")
    assert f"{model} learn no texts" in capsys.readouterr().err
