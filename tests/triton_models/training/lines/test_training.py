"""The line reader's training in miniature.

Needs PyTorch: runs in the training environment, skipped elsewhere."""

from __future__ import annotations

from pathlib import Path

import msgspec
import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="PyTorch is not installed (make train-setup)")

from contracts.errors import Stop  # noqa: E402
from contracts.messages.common import ALPHABET  # noqa: E402
from tests.triton_models.training.characters.test_training import simple_plate  # noqa: E402
from triton_models.training.characters.batches import PlateMixture  # noqa: E402
from triton_models.training.crops.plate_pictures import PlateCut  # noqa: E402
from triton_models.training.detectors.trainer import Progress, Trainer  # noqa: E402
from triton_models.training.export.one_core import one_core_session  # noqa: E402
from triton_models.training.lines.config import LineTraining, read_config  # noqa: E402
from triton_models.training.lines.examples import LineExamples, as_input, training_line  # noqa: E402
from triton_models.training.lines.finish import best_temperature, serve  # noqa: E402
from triton_models.training.lines.judging import judge, written_in  # noqa: E402
from triton_models.training.lines.loss import line_loss  # noqa: E402
from triton_models.training.lines.network import LineNetwork  # noqa: E402
from triton_models.training.lines.pretrained import FILE, from_package  # noqa: E402

package = pytest.mark.skipif(not FILE.exists(), reason="the package with the weights is not installed")


def trainer(folder: Path, steps: int) -> Trainer:
    config = LineTraining(steps=steps, batch=8, warmup_steps=5, checkpoint_seconds=1e9, peak_rate=2e-3)
    return trained_by(config, folder)


def trained_by(config: LineTraining, folder: Path) -> Trainer:
    examples = LineExamples(PlateMixture([], simple_plate, {"drawn": 1.0}), reshape=0.0)
    return Trainer(
        LineNetwork,
        config,
        folder,
        torch.device("cpu"),
        begun_with={},
        example=examples.example,
        loss=line_loss,
    )


def test_drawn_plates_are_those_of_the_step(tmp_path: Path) -> None:
    asked: list[int] = []

    def drawn(rng: np.random.Generator, step: int) -> PlateCut:
        asked.append(step)
        return simple_plate(rng, step)

    examples = LineExamples(PlateMixture([], drawn, {"drawn": 1.0}), reshape=0.0)
    config = LineTraining(steps=2, batch=2, checkpoint_seconds=1e9)
    one = Trainer(
        LineNetwork, config, tmp_path, torch.device("cpu"),
        begun_with={}, example=examples.example, loss=line_loss,
    )  # fmt: skip
    one.run(lambda _: None, lambda: None)
    assert asked[:4] == [0, 0, 1, 1]


def test_the_loss_falls_and_what_is_exported_reads_as_pytorch_does(tmp_path: Path) -> None:
    one = trainer(tmp_path, steps=25)
    losses: list[float] = []

    def note(progress: Progress) -> None:
        losses.append((progress.losses or {})["line"])

    one.run(note, lambda: None)
    assert losses[-1] < losses[0]
    rng = np.random.default_rng(3)
    plates = [simple_plate(rng, 0) for _ in range(4)]
    cut = [(plate, training_line(plate, rng, 0.0)[0]) for plate in plates]
    lines = [(plate, as_input(line)[None]) for plate, line in cut if line is not None]
    served = serve(one.averaged(), lines, tmp_path / "1" / "model.onnx", plates)
    assert served.exported.largest_difference < 1e-3
    assert served.tallies["all"].plates == 4
    (probabilities,) = one_core_session(tmp_path / "1" / "model.onnx").run(
        ["probabilities"], {"image": np.zeros((3, 48, 256, 3), np.uint8)}
    )
    assert probabilities.shape == (3, 32, 37)
    assert probabilities.sum(-1) == pytest.approx(1.0, abs=1e-4)


def test_a_resumed_run_goes_on_with_the_weights_of_the_one_that_was_stopped(tmp_path: Path) -> None:
    first = trainer(tmp_path, steps=2)
    first.run(lambda _: None, lambda: None)
    second = trainer(tmp_path, steps=2)
    assert second.resume()
    assert second.progress.step == 2
    before, after = first.network.state_dict(), second.network.state_dict()
    assert all(torch.equal(value, after[name]) for name, value in before.items())


def test_the_same_generator_gives_the_same_line() -> None:
    lines = [
        training_line(simple_plate(np.random.default_rng(5), 0), np.random.default_rng(6), 0.5)
        for _ in range(2)
    ]
    assert lines[0][1] == lines[1][1]
    assert (np.asarray(lines[0][0]) == np.asarray(lines[1][0])).all()


def test_weather_changes_what_a_line_looks_like_and_not_what_it_says() -> None:
    mixture = PlateMixture([], simple_plate, {"drawn": 1.0})
    fine, bad = (
        LineExamples(mixture, weather=share).example(np.random.default_rng(6), 0) for share in (0.0, 1.0)
    )
    assert np.array_equal(fine[1], bad[1])
    assert not np.array_equal(fine[0], bad[0])


def test_whole_plates_are_judged_by_their_lines_one_after_another() -> None:
    plate = simple_plate(np.random.default_rng(1), 0)
    rows = np.zeros((2, 32, 37), np.float32)
    rows[..., -1] = 1.0
    for number, character in enumerate(plate.text):
        rows[number // 2, 3 * (number % 2)] = np.eye(37)[ALPHABET.index(character)]
    found = judge([(plate, np.zeros((2, 48, 256, 3), np.uint8))], lambda _: rows)
    assert found["all"].right == found["2 lines"].right == 1
    assert written_in(rows[0]) == plate.text[:2]


@package
def test_the_packages_weights_read_a_line_before_any_training() -> None:
    network = from_package(LineNetwork()).eval()
    rng = np.random.default_rng(1)
    plates = [simple_plate(rng, 0) for _ in range(8)]
    read = 0
    for plate in plates:
        line, _ = training_line(plate, np.random.default_rng(2), 0.0)
        assert line is not None
        picture = torch.from_numpy(as_input(line)).permute(2, 0, 1)[None].float() / 255
        with torch.no_grad():
            read += written_in(network(picture).softmax(-1)[0].numpy()) == plate.text
    assert read >= 5


def test_a_package_that_is_missing_or_another_one_is_told(tmp_path: Path) -> None:
    with pytest.raises(Stop, match="make train-setup"):
        from_package(LineNetwork(), tmp_path / "PP-OCRv6_rec_small.onnx")
    (tmp_path / "other.onnx").write_bytes(b"other")
    with pytest.raises(Stop, match="not the file that was tried"):
        from_package(LineNetwork(), tmp_path / "other.onnx")


def test_without_a_plate_of_one_line_nothing_says_how_sure_it_may_be() -> None:
    plate = simple_plate(np.random.default_rng(1), 0)
    two_lines = [(plate, np.zeros((2, 48, 256, 3), np.uint8))]
    assert best_temperature(LineNetwork(), two_lines) == 1.0


def test_settings_that_nobody_knows_are_refused(tmp_path: Path) -> None:
    (tmp_path / "lines.yml").write_text("peak_rat: 0.1\n")
    with pytest.raises(Stop, match="peak_rat"):
        read_config(tmp_path / "lines.yml", minutes=None)
    assert read_config(None, minutes=3.0).minutes == 3.0


def test_no_time_at_all_keeps_the_weights_as_they_are(tmp_path: Path) -> None:
    none = trained_by(msgspec.structs.replace(read_config(None, minutes=0.0), batch=2), tmp_path)
    before = {name: value.clone() for name, value in none.averages.items()}
    none.run(lambda _: None, lambda: None)
    assert none.progress.step == 0
    assert all(torch.equal(value, before[name]) for name, value in none.averages.items())
