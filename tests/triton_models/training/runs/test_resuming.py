"""What a training may go on from. Needs PyTorch: runs in the training environment, skipped elsewhere."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec
import pytest

torch = pytest.importorskip("torch", reason="PyTorch is not installed (make train-setup)")

import triton_models  # noqa: E402
from contracts.errors import Stop  # noqa: E402
from tests.triton_models.training.characters.test_training import simple_plate  # noqa: E402
from tests.triton_models.training.detectors.test_training import one_plate  # noqa: E402
from triton_models.training.characters.batches import PlateMixture  # noqa: E402
from triton_models.training.characters.config import CharacterTraining  # noqa: E402
from triton_models.training.characters.trainer import Trainer as CharacterTrainer  # noqa: E402
from triton_models.training.detectors.config import DetectorTraining  # noqa: E402
from triton_models.training.detectors.network import DetectorNetwork  # noqa: E402
from triton_models.training.detectors.trainer import Trainer  # noqa: E402
from triton_models.training.plates.loss import plate_loss  # noqa: E402
from triton_models.training.runs.request import TrainingRequest  # noqa: E402
from triton_models.training.runs.resuming import MAY_CHANGE, begun_with  # noqa: E402
from triton_models.training.runs.starting import read_start  # noqa: E402

REPOSITORY = Path(triton_models.__file__).with_name("repository")
CPU = torch.device("cpu")


def detector(
    folder: Path, *, others: int = 16, asked: dict[str, Any] | None = None, **settings: Any
) -> Trainer:
    config = DetectorTraining(**{"sources": {"here": 1.0}, **settings})
    request = TrainingRequest(pictures=folder, work=folder, output=folder, **(asked or {}))
    return Trainer(
        lambda: DetectorNetwork(heats=1, others=others), config, folder, CPU,
        begun_with=begun_with(config, request), example=one_plate, loss=plate_loss,
    )  # fmt: skip


def reader(folder: Path, **settings: Any) -> CharacterTrainer:
    config = CharacterTraining(**settings)
    request = TrainingRequest(pictures=folder, work=folder, output=folder)
    mixture = PlateMixture([], simple_plate, {"drawn": 1.0})
    return CharacterTrainer(config, mixture, folder, CPU, begun_with=begun_with(config, request))


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"seed": 2}, "seed was 1 when it was begun and is 2 now"),
        ({"sources": {"here": 1.0, "there": 2.0}}, r"sources was \{'here': 1.0\} .* 'there'"),
        ({"peak_rate": 0.5}, "peak_rate was 0.002 .* is 0.5 now"),
        ({"asked": {"without": ("there",)}}, r"without was \[\] .* is \['there'\] now"),
        ({"others": 15}, r"weights of another network: output.weight is 17 x 64 x 1 x 1 there and 16 x"),
    ],
)
def test_a_checkpoint_of_other_settings_is_refused_and_the_setting_named(
    tmp_path: Path, changed: dict[str, Any], told: str
) -> None:
    detector(tmp_path).save()
    with pytest.raises(Stop, match=rf"checkpoint\.pt: {told}"):
        detector(tmp_path, **changed).resume()


def test_the_readers_too(tmp_path: Path) -> None:
    reader(tmp_path).save()
    with pytest.raises(Stop, match=r"relettered was 0.5 when it was begun and is 0.6 now"):
        reader(tmp_path, relettered=0.6).resume()
    assert reader(tmp_path, minutes=5.0, score_seconds=9.0).resume()


@pytest.mark.parametrize("name", ["annotations.jsonl", "teacher.jsonl"])
def test_other_labels_are_another_training(tmp_path: Path, name: str) -> None:
    detector(tmp_path).save()
    (tmp_path / name).write_text("{}\n")
    with pytest.raises(Stop, match=r"labels was .* when it was begun"):
        detector(tmp_path).resume()


def test_how_long_and_where_may_change(tmp_path: Path) -> None:
    detector(tmp_path).save()
    changed: dict[str, Any] = {
        "minutes": 5.0,
        "steps": 9,
        "threads": 2,
        "device": "cpu",
        "checkpoint_seconds": 7.0,
    }
    assert detector(tmp_path, **changed).resume()
    assert MAY_CHANGE - {"score_seconds"} == set(changed)
    assert set(changed) <= set(msgspec.to_builtins(DetectorTraining(sources={})))


def test_a_checkpoint_that_says_nothing_of_its_settings_or_is_damaged_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "checkpoint.pt"
    torch.save({"network": {}}, path)
    with pytest.raises(Stop, match="does not say with which settings"):
        detector(tmp_path).resume()
    detector(tmp_path).save()
    path.write_bytes(path.read_bytes()[:3000])
    for trainer in (detector(tmp_path), reader(tmp_path)):
        with pytest.raises(Stop, match=r"checkpoint\.pt: no checkpoint to go on from"):
            trainer.resume()


def test_the_shipped_weights_begin_a_training_whatever_its_settings(tmp_path: Path) -> None:
    plates = detector(tmp_path, seed=5, peak_rate=0.01)
    plates.start_from(read_start(REPOSITORY / "plate" / "start.pt"))
    assert plates.progress.earlier_steps > 0
    characters = reader(tmp_path, seed=5)
    characters.start_from(read_start(REPOSITORY / "characters" / "start.pt"))
    assert characters.progress.earlier_steps > 0
    with pytest.raises(Stop, match=r"characters/start\.pt: weights of another network"):
        plates.start_from(read_start(REPOSITORY / "characters" / "start.pt"))
