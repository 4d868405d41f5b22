"""The reader's training in miniature. Needs PyTorch: runs in the training environment, skipped elsewhere."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="PyTorch is not installed (make train-setup)")

from contracts.errors import Stop  # noqa: E402
from contracts.messages.common import ALPHABET  # noqa: E402
from triton_models.training.characters.batches import PlateMixture, make_batch  # noqa: E402
from triton_models.training.characters.config import CharacterTraining  # noqa: E402
from triton_models.training.characters.finish import (  # noqa: E402
    best_temperature,
    calibration_error,
    serve,
)
from triton_models.training.characters.network import CharacterNetwork, to_gray  # noqa: E402
from triton_models.training.characters.score import Tally, best_text, read_all  # noqa: E402
from triton_models.training.characters.trainer import Progress, Trainer  # noqa: E402
from triton_models.training.crops.plate_pictures import PlateCut, box_quad  # noqa: E402
from triton_models.training.export.one_core import one_core_session  # noqa: E402


def simple_plate(rng: np.random.Generator, step: int) -> PlateCut:
    """Four large characters of OpenCV's own typeface: learnt in seconds."""
    text = "".join(rng.choice(list("AC7"), 4))
    picture = np.full((80, 200, 3), 235, np.uint8)
    boxes = []
    for place, character in enumerate(text):
        x = 25 + 40 * place
        cv2.putText(picture, character, (x, 62), cv2.FONT_HERSHEY_SIMPLEX, 1.6, (10, 10, 10), 4)
        boxes.append((x, 28, x + 32, 62))
    quad = box_quad(np.array([10, 10, 190, 72], np.float32))
    return PlateCut(picture, (quad,), text, np.array(boxes, np.float32), "drawn", "", 1)


def small(steps: int = 30) -> CharacterTraining:
    return CharacterTraining(
        steps=steps, batch=16, warmup_steps=5, shares={"drawn": 1.0}, score_seconds=1e9,
        checkpoint_seconds=1e9,
    )  # fmt: skip


def trainer(folder: Path, steps: int = 30) -> Trainer:
    mixture = PlateMixture([], simple_plate, {"drawn": 1.0})
    return Trainer(small(steps), mixture, folder, torch.device("cpu"), begun_with={})


def test_the_loss_falls_and_what_is_exported_reads_as_pytorch_does(tmp_path: Path) -> None:
    one = trainer(tmp_path)
    seen: list[Progress] = []
    losses: list[float] = []

    def note(progress: Progress) -> None:
        seen.append(progress)
        losses.append(progress.loss)

    kept: list[Trainer] = []
    one.run(note, kept.append)
    assert len(losses) == 30
    assert losses[-1] < 0.7 * losses[0]
    assert kept == [one]
    rng = np.random.default_rng(3)
    held_out = [simple_plate(rng, 0) for _ in range(6)]
    served = serve(one.averaged, held_out, tmp_path / "1" / "model.onnx", held_out)
    assert served.exported.largest_difference < 1e-3
    assert served.tallies["all"].plates == 6
    session = one_core_session(tmp_path / "1" / "model.onnx")
    plates = np.zeros((3, 64, 192, 3), np.uint8)
    probabilities, places = session.run(["probabilities", "places"], {"image": plates})
    assert probabilities.shape == (3, 14, 37)
    assert probabilities.sum(-1) == pytest.approx(1.0, abs=1e-4)
    assert places.shape == (3, 14, 4)
    assert (places[..., :2] <= places[..., 2:]).all()


def test_a_resumed_run_takes_the_very_steps_of_one_that_was_never_stopped(tmp_path: Path) -> None:
    straight = trainer(tmp_path / "straight")
    for _ in range(6):
        straight.one_step()
    stopped = trainer(tmp_path / "stopped")
    for _ in range(3):
        stopped.one_step()
    stopped.save()
    resumed = trainer(tmp_path / "stopped")
    assert resumed.resume()
    for _ in range(3):
        resumed.one_step()
    assert resumed.progress.step == straight.progress.step
    assert resumed.progress.loss == pytest.approx(straight.progress.loss, abs=1e-5)
    for name, weight in straight.network.state_dict().items():
        assert torch.allclose(weight, resumed.network.state_dict()[name], atol=1e-5), name


def test_without_a_checkpoint_there_is_nothing_to_resume(tmp_path: Path) -> None:
    assert not trainer(tmp_path).resume()


def test_a_batch_follows_from_seed_and_step_alone() -> None:
    mixture = PlateMixture([], simple_plate, {"drawn": 1.0})
    one, same, other = (make_batch(mixture, 4, 1, step) for step in (5, 5, 6))
    assert torch.equal(one.gray, same.gray)
    assert torch.equal(one.targets, same.targets)
    assert not torch.equal(one.gray, other.gray)
    assert one.attention.sum(-1)[one.placed > 0] == pytest.approx(1.0, abs=1e-4)


def test_weather_changes_what_plates_look_like_and_not_what_they_say() -> None:
    mixture = PlateMixture([], simple_plate, {"drawn": 1.0})
    fine, bad = (make_batch(mixture, 1, 1, 5, weather=share) for share in (0.0, 1.0))
    assert torch.equal(fine.targets, bad.targets)
    assert not torch.equal(fine.gray, bad.gray)


def test_sources_that_are_not_there_are_left_out_and_none_at_all_is_refused() -> None:
    with pytest.raises(Stop, match="none of the sources that shares name has a plate: elsewhere"):
        PlateMixture([], None, {"elsewhere": 1.0})


def test_serving_and_training_see_the_same_gray() -> None:
    crop = np.random.default_rng(2).integers(0, 255, (1, 64, 192, 3), np.uint8)
    gray = to_gray(torch.from_numpy(crop))
    assert gray.shape == (1, 1, 64, 192)
    assert float(gray.mean()) == pytest.approx(0.0, abs=1e-4)


def test_a_sure_and_wrong_reader_gets_a_higher_temperature() -> None:
    logits = torch.zeros(40, 14, 37)
    logits[..., 3] = 8.0
    targets = torch.full((40, 14), 3)
    targets[::2] = 5
    assert best_temperature(logits, targets) > 1.5


def test_calibration_error_is_none_for_a_reader_that_is_always_right_and_sure() -> None:
    targets = np.full((4, 14), 36)
    targets[:, :5] = 7
    sure = np.eye(37, dtype=np.float32)[targets]
    assert calibration_error(sure, targets) == pytest.approx(0.0, abs=1e-6)
    assert calibration_error(np.roll(sure, 1, axis=-1), targets) == pytest.approx(1.0, abs=1e-6)


def test_text_is_the_likeliest_of_each_slot_without_blanks() -> None:
    slots = np.full((14, 37), 0.01, np.float32)
    slots[:, 36] = 0.5
    slots[0, ALPHABET.index("K")] = 0.9
    slots[2, ALPHABET.index("4")] = 0.9
    assert best_text(slots) == "K4"
    counted = Tally()
    for truth, read in (("MH12", "MH12"), ("MH12", "MH2"), ("A", "BCD")):
        counted.count(truth, read)
    assert (counted.right, counted.characters, counted.characters_right) == (1, 9, 7)


def test_reading_in_batches_is_reading_at_once() -> None:
    network = CharacterNetwork().eval()
    rng = np.random.default_rng(4)
    cuts = [simple_plate(rng, 0) for _ in range(5)]

    def read(plates: np.ndarray) -> np.ndarray:
        with torch.no_grad():
            logits: np.ndarray = network(to_gray(torch.from_numpy(plates))).logits.numpy()
            return logits

    assert np.allclose(read_all(cuts, read, batch=2), read_all(cuts, read, batch=64), atol=1e-4)
