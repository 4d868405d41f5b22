"""The vehicle detector: its rows, what its cells learn, its first weights. Needs PyTorch, else skipped."""

from __future__ import annotations

from pathlib import Path
from typing import Any, cast

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="PyTorch is not installed (make train-setup)")

from contracts.errors import Stop  # noqa: E402
from contracts.messages.common import VEHICLE_CLASSES  # noqa: E402
from triton_models.tensors import MOST_VEHICLES, VEHICLE_SIZE_WH  # noqa: E402
from triton_models.training.detectors.config import DetectorTraining  # noqa: E402
from triton_models.training.detectors.feeder import Arrays  # noqa: E402
from triton_models.training.detectors.trainer import Trainer  # noqa: E402
from triton_models.training.vehicles.loss import IGNORED, NOTHING, vehicle_loss  # noqa: E402
from triton_models.training.vehicles.network import (  # noqa: E402
    BINS,
    STRIDES,
    VehicleNetwork,
    boxes_of,
    cells,
)
from triton_models.training.vehicles.pretrained import WEIGHTS_FOLDER, from_package  # noqa: E402
from triton_models.training.vehicles.served import ServedVehicles  # noqa: E402

CLASSES = len(VEHICLE_CLASSES)
CAR, RICKSHAW, BUS, TRUCK = (VEHICLE_CLASSES.index(kind) for kind in ("car", "auto-rickshaw", "bus", "truck"))
PLACES = cells(VEHICLE_SIZE_WH)

package = pytest.mark.skipif(
    not WEIGHTS_FOLDER.exists(), reason="the weights to begin with are not installed (make train-setup)"
)


def nothing() -> Any:
    outputs = torch.zeros(1, len(PLACES), CLASSES + 4 * BINS)
    outputs[..., :CLASSES] = -9.0
    return outputs


def say(
    outputs: Any, box: tuple[float, ...], kind: int, sure: float, *, at: tuple[float, float], stride: int
) -> int:
    """The cell of `stride` that holds `at` says the box; returns its row."""
    wanted = torch.tensor([*(int(value // stride) * stride + stride / 2 for value in at), float(stride)])
    row = int((wanted == PLACES).all(1).nonzero()[0, 0])
    outputs[0, row, kind] = sure
    sides = (
        torch.tensor([wanted[0] - box[0], wanted[1] - box[1], box[2] - wanted[0], box[3] - wanted[1]])
        / stride
    )
    for side, distance in enumerate(sides.tolist()):
        below = int(distance)
        bins = outputs[0, row, CLASSES + side * BINS : CLASSES + (side + 1) * BINS]
        bins[:] = -30.0
        bins[below] = float(np.log(max(1 + below - distance, 1e-9)))
        bins[below + 1] = float(np.log(max(distance - below, 1e-9)))
    return row


def rows_of(outputs: Any) -> Any:
    network = cast("VehicleNetwork", lambda picture: outputs.expand(len(picture), -1, -1))
    blank = torch.zeros(2, VEHICLE_SIZE_WH[1], VEHICLE_SIZE_WH[0], 3, dtype=torch.uint8)
    rows = ServedVehicles(network, CLASSES)(blank)
    assert rows.shape == (2, MOST_VEHICLES, 6)
    assert torch.equal(rows[0], rows[1])
    return rows[0][rows[0, :, 4] > 0]


def test_cells_lie_row_by_row_and_know_their_size() -> None:
    assert [int((PLACES[:, 2] == stride).sum()) for stride in STRIDES] == [32 * 56, 16 * 28, 8 * 14]
    assert PLACES[1].tolist() == [12.0, 4.0, 8.0]
    assert PLACES[-1].tolist() == [432.0, 240.0, 32.0]


def test_of_two_boxes_on_one_vehicle_the_surer_is_kept() -> None:
    outputs = nothing()
    box, other = (60.0, 60.0, 220.0, 200.0), (300.0, 120.0, 420.0, 220.0)
    say(outputs, box, CAR, 4.0, at=(140, 130), stride=32)
    say(outputs, box, TRUCK, 2.0, at=(140, 130), stride=16)
    say(outputs, other, BUS, 3.0, at=(360, 170), stride=16)
    rows = rows_of(outputs)
    assert rows[:, 5].tolist() == [CAR, BUS]
    assert rows[0, :4].numpy() == pytest.approx(box, abs=0.05)
    assert rows[1, :4].numpy() == pytest.approx(other, abs=0.05)


def test_a_box_hides_no_other_once_it_is_dropped_itself() -> None:
    # Each overlaps the next by more than is allowed, the first and the third do not.
    outputs = nothing()
    for number, sure in enumerate((4.0, 3.0, 2.0)):
        left = 100.0 + 20 * number
        say(outputs, (left, 100.0, left + 100, 180.0), CAR, sure, at=(left + 50, 140), stride=16)
    assert rows_of(outputs)[:, 0].numpy() == pytest.approx([100.0, 140.0], abs=0.05)


def targets(*labels: tuple[float, ...], kinds: tuple[int, ...] = tuple(range(CLASSES))) -> tuple[Any, Any]:
    boxes = torch.full((1, 8, 5), NOTHING)
    for number, label in enumerate(labels):
        boxes[0, number] = torch.tensor(label)
    counts = torch.zeros(1, CLASSES)
    counts[0, list(kinds)] = 1.0
    return boxes, counts


def score_loss(outputs: Any, wanted: tuple[Any, Any]) -> float:
    return float(vehicle_loss(outputs, wanted)["scores"])


def test_a_right_answer_costs_less_than_a_wrong_place_or_class() -> None:
    box = (60.0, 60.0, 220.0, 200.0)
    wanted = targets((*box, CAR))
    losses = {}
    for name, kind, at in (("right", CAR, (140, 130)), ("class", BUS, (140, 130)), ("place", CAR, (400, 40))):
        outputs = nothing()
        say(outputs, box, CAR, -9.0, at=(140, 130), stride=32)
        row = say(
            outputs, box if name != "place" else (360.0, 10.0, 440.0, 70.0), kind, 5.0, at=at, stride=32
        )
        assert name == "place" or boxes_of(outputs[0, row, CLASSES:], PLACES[row]).numpy() == pytest.approx(
            box, abs=0.05
        )
        losses[name] = score_loss(outputs, wanted)
    assert losses["right"] < 0.5 * min(losses["class"], losses["place"])


def test_what_nobody_labelled_or_is_unsure_of_costs_nothing() -> None:
    elsewhere = (360.0, 10.0, 440.0, 70.0)
    car = (60.0, 60.0, 220.0, 200.0, CAR)
    silent, loud = nothing(), nothing()
    say(loud, elsewhere, BUS, 5.0, at=(400, 40), stride=16)
    assert score_loss(loud, targets(car)) > 1.2 * score_loss(silent, targets(car))
    for wanted in (targets(car, (*elsewhere, IGNORED)), targets(car, kinds=(CAR,))):
        assert score_loss(loud, wanted) == pytest.approx(score_loss(silent, wanted), rel=1e-3)


def test_a_vehicle_that_is_labelled_is_nothing_else_whatever_its_source_labels() -> None:
    box = (60.0, 60.0, 220.0, 200.0)
    silent, loud = nothing(), nothing()
    for outputs, sure in ((silent, -9.0), (loud, 5.0)):
        say(outputs, box, RICKSHAW, sure, at=(140, 130), stride=32)
    wanted = targets((*box, CAR), kinds=(CAR,))
    assert score_loss(loud, wanted) > 1.1 * score_loss(silent, wanted)


def one_bright_box(rng: np.random.Generator, _step: int) -> Arrays:
    x, y = rng.uniform(40, 300), rng.uniform(30, 150)
    picture = np.full((VEHICLE_SIZE_WH[1], VEHICLE_SIZE_WH[0], 3), 70, np.uint8)
    picture[int(y) : int(y) + 70, int(x) : int(x) + 100] = 230
    boxes = np.full((8, 5), NOTHING, np.float32)
    boxes[0] = (x, y, x + 100, y + 70, CAR)
    return picture, boxes, np.ones(CLASSES, np.float32)


def test_the_losses_fall_and_the_first_stages_stay_as_they_came(tmp_path: Path) -> None:
    config = DetectorTraining(
        steps=12, batch=2, warmup_steps=2, peak_rate=2e-3, sources={"here": 1.0}, bf16=False
    )
    one = Trainer(
        lambda: VehicleNetwork(CLASSES), config, tmp_path, torch.device("cpu"),
        begun_with={}, example=one_bright_box, loss=vehicle_loss,
    )  # fmt: skip
    before = {name: value.clone() for name, value in one.network.state_dict().items()}
    losses: list[float] = []
    one.run(lambda progress: losses.append(sum((progress.losses or {}).values())), lambda: None)
    assert losses[-1] < losses[0]
    changed = {name.split(".weight")[0].split(".bias")[0] for name, value in one.network.state_dict().items()
               if not torch.equal(value, before[name])}  # fmt: skip
    assert not any(name.startswith(("stem", "stages.0", "stages.1")) for name in changed)
    assert any(name.startswith("stages.2") for name in changed)
    assert any(name.startswith("heads.2") for name in changed)


@package
def test_the_packages_weights_know_a_car_from_an_empty_road() -> None:
    network = from_package(VehicleNetwork(CLASSES)).eval()
    with torch.no_grad():
        scores = network(torch.full((1, 3, 64, 96), 0.45))[..., :CLASSES].sigmoid()
    assert scores.shape == (1, 8 * 12 + 4 * 6 + 2 * 3, CLASSES)
    assert float(scores.max()) < 0.3


def test_weights_that_are_missing_or_others_are_refused_in_one_line(tmp_path: Path) -> None:
    with pytest.raises(Stop, match="make train-setup"):
        from_package(VehicleNetwork(CLASSES), tmp_path)
    (tmp_path / "nanodet.json").write_text("{}")
    with pytest.raises(Stop, match="not the file that was tried"):
        from_package(VehicleNetwork(CLASSES), tmp_path)
