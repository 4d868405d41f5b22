"""The detectors' training in miniature. Needs PyTorch: runs in its environment, skipped elsewhere."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, cast

import cv2
import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="PyTorch is not installed (make train-setup)")

from triton_models.tensors import MOST_PLATES, PLATE_SIZE_WH  # noqa: E402
from triton_models.training.detectors.cells import Grid  # noqa: E402
from triton_models.training.detectors.config import DetectorTraining  # noqa: E402
from triton_models.training.detectors.feeder import Arrays  # noqa: E402
from triton_models.training.detectors.network import DetectorNetwork  # noqa: E402
from triton_models.training.detectors.pictures import load_pictures  # noqa: E402
from triton_models.training.detectors.served import CORNER_UNIT_PX, ServedPlates  # noqa: E402
from triton_models.training.detectors.trainer import Trainer  # noqa: E402
from triton_models.training.plates.examples import PlateExamples  # noqa: E402
from triton_models.training.plates.loss import plate_loss  # noqa: E402


def saying(outputs: Any) -> DetectorNetwork:
    """A network that always says the same."""

    def network(picture: Any) -> Any:
        return outputs.expand(len(picture), -1, -1, -1)

    return cast("DetectorNetwork", network)


def test_a_peak_becomes_a_row_with_its_corners() -> None:
    outputs = torch.zeros(1, 17, 40, 40)
    outputs[:, 0] = -9.0
    outputs[0, 0, 12, 20] = 4.0
    outputs[0, 0, 12, 21] = 3.0  # beside the peak: not a second plate
    wanted = torch.tensor([[100.0, 80], [220, 84], [218, 116], [102, 112]])
    middle = torch.tensor([(20 + 0.5) * 8, (12 + 0.5) * 8])
    outputs[0, 1:9, 12, 20] = ((wanted - middle) / CORNER_UNIT_PX).flatten()
    outputs[0, 9, 12, 20] = 5.0
    outputs[0, 12, 12, 20] = 6.0
    rows = ServedPlates(saying(outputs))(torch.zeros(2, 320, 320, 3, dtype=torch.uint8))
    assert rows.shape == (2, MOST_PLATES, 17)
    assert (rows[:, :, 8] > 0.5).sum(1).tolist() == [1, 1]
    assert rows[1, 0, :8].reshape(4, 2).numpy() == pytest.approx(wanted.numpy(), abs=1e-3)
    assert rows[0, 0, 9] > 0.99
    assert rows[0, 0, 10:].argmax() == 2


def one_plate(rng: np.random.Generator, _step: int) -> Arrays:
    """A white bar somewhere on grey, with the targets of `PlateExamples`."""
    grid = Grid.of(PLATE_SIZE_WH)
    x, y = rng.uniform(60, 200), rng.uniform(60, 240)
    corners = np.array([[x, y], [x + 80, y], [x + 80, y + 24], [x, y + 24]], np.float32)
    picture = np.full((320, 320, 3), 70, np.uint8)
    cv2.rectangle(picture, (round(x), round(y)), (round(x) + 80, round(y) + 24), (240, 240, 240), -1)
    heat = grid.around(corners.mean(0), (9.6, 3.8))
    cells = heat > 0.5
    offsets = np.zeros((8, 40, 40), np.float32)
    place = np.stack([grid.x[cells], grid.y[cells]], -1)
    offsets[:, cells] = ((corners[None] - place[:, None]) / CORNER_UNIT_PX).reshape(-1, 8).T
    known = cells.astype(np.float32)
    width = np.where(cells, 80 / CORNER_UNIT_PX, 1.0).astype(np.float32)
    colour = np.where(cells, 0, -1).astype(np.int64)
    return picture, heat, np.ones_like(heat), offsets, width, known, known * 0, known, colour


def test_a_picture_without_plates_shows_that_nothing_is_to_be_found(tmp_path: Path) -> None:
    picture = np.random.default_rng(1).integers(0, 255, (90, 160, 3)).astype(np.uint8)
    cv2.imwrite(str(tmp_path / "wall.jpg"), picture)
    note = {"image": "wall.jpg", "source": "here", "split": "train", "width": 160, "height": 90}
    (tmp_path / "annotations.jsonl").write_text(json.dumps({**note, "plates_complete": True}))
    pictures, _ = load_pictures(tmp_path, "train", ["here"])
    config = DetectorTraining(steps=1, drawn=0.0, streets=0.0, sources={"here": 1.0})
    examples = PlateExamples(pictures, config)
    rng = np.random.default_rng(2)
    views = [examples.example(rng) for _ in range(8)]
    assert all(heat.max() == 0 and counts.min() == 1 for _, heat, counts, *_ in views)
    # Some whole and letterboxed, with grey above and below; some so near that only the picture is seen.
    bands = [float(view[0][:20].std()) for view in views]
    assert min(bands) < 5 < max(bands)


def test_a_drawn_plate_that_is_set_into_a_picture_is_to_be_found_there(tmp_path: Path) -> None:
    picture = np.full((240, 320, 3), 90, np.uint8)
    cv2.imwrite(str(tmp_path / "wall.jpg"), picture)
    note = {"image": "wall.jpg", "source": "here", "split": "train", "width": 320, "height": 240}
    (tmp_path / "annotations.jsonl").write_text(json.dumps({**note, "plates_complete": True}))
    pictures, _ = load_pictures(tmp_path, "train", ["here"])
    config = DetectorTraining(
        steps=1, drawn=1.0, foreign=0.5, decorated=1.0, streets=0.0, sources={"here": 1.0}
    )
    examples = PlateExamples(pictures, config)
    rng = np.random.default_rng(3)
    views = [examples.example(rng) for _ in range(12)]
    # A view whose plate is cut off or tiny asks for nothing there; most ask for one plate.
    assert sum(heat.max() > 0.8 for _, heat, *_ in views) >= 7


def trainer(folder: Path, steps: int) -> Trainer:
    config = DetectorTraining(steps=steps, batch=4, warmup_steps=4, sources={"here": 1.0}, bf16=False)
    return Trainer(
        lambda: DetectorNetwork(heats=1, others=16), config, folder, torch.device("cpu"),
        begun_with={}, example=one_plate, loss=plate_loss,
    )  # fmt: skip


def test_the_losses_fall(tmp_path: Path) -> None:
    one = trainer(tmp_path, 24)
    losses: list[float] = []
    one.run(lambda progress: losses.append(sum((progress.losses or {}).values())), lambda: None)
    assert len(losses) == 24
    assert losses[-1] < 0.9 * losses[0]


def test_a_resumed_run_ends_where_one_that_was_never_stopped_does(tmp_path: Path) -> None:
    whole = trainer(tmp_path / "whole", 6)
    whole.run(lambda _: None, lambda: None)
    half = trainer(tmp_path / "half", 6)

    def stop(progress: object) -> None:
        if half.progress.step == 3:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        half.run(stop, lambda: None)
    half.save()
    rest = trainer(tmp_path / "half", 6)
    assert rest.resume()
    assert rest.progress.step == 3
    rest.run(lambda _: None, lambda: None)
    for name, value in whole.network.state_dict().items():
        assert torch.allclose(value, rest.network.state_dict()[name], atol=1e-5), name
