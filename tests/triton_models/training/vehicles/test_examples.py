"""What the vehicle detector is shown: labels that count, rare kinds, plates alone."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

import cv2
import msgspec
import numpy as np
import pytest

pytest.importorskip("torch", reason="PyTorch is not installed (make train-setup)")

from contracts.errors import Stop
from contracts.messages.common import VEHICLE_CLASSES
from triton_models.tensors import VEHICLE_SIZE_WH
from triton_models.training.detectors.config import DetectorTraining
from triton_models.training.detectors.pictures import load_pictures
from triton_models.training.vehicles.examples import VehicleExamples
from triton_models.training.vehicles.loss import IGNORED, NOTHING

CAR, RICKSHAW, TRUCK = (VEHICLE_CLASSES.index(kind) for kind in ("car", "auto-rickshaw", "truck"))
CONFIG = DetectorTraining(steps=1, drawn=0.0, streets=0.0, sources={"here": 1.0})


def examples_of(
    folder: Path, *pictures: list[dict[str, object]], labelled: list[str], config: DetectorTraining = CONFIG
) -> VehicleExamples:
    """Of pictures of 160 x 90 with these vehicles, whose source labels those kinds."""
    lines = []
    for number, vehicles in enumerate(pictures):
        pixels = np.random.default_rng(number).integers(0, 255, (90, 160, 3)).astype(np.uint8)
        assert cv2.imwrite(str(folder / f"{number}.jpg"), pixels)
        lines.append(json.dumps({
            "image": f"{number}.jpg", "source": "here", "split": "train", "width": 160, "height": 90,
            "vehicles": vehicles, "vehicle_classes": labelled, "vehicles_complete": True,
        }))  # fmt: skip
    (folder / "annotations.jsonl").write_text("\n".join(lines))
    found, _ = load_pictures(folder, "train", ["here"])
    return VehicleExamples(found, config)


@pytest.mark.parametrize(("kind", "counted"), [("car", {CAR, RICKSHAW}), ("rickshaw", {RICKSHAW})])
def test_where_cars_are_labelled_what_is_not_labelled_is_no_rickshaw(
    tmp_path: Path, kind: str, counted: set[int]
) -> None:
    vehicles: list[dict[str, object]] = [
        {"class": kind, "box": [40, 20, 120, 80]},
        {"class": kind, "box": [0, 0, 4, 4]},
    ]
    examples = examples_of(tmp_path, vehicles, labelled=[kind])
    shown, boxes, counts = examples.example(np.random.default_rng(3))
    assert shown.shape == (VEHICLE_SIZE_WH[1], VEHICLE_SIZE_WH[0], 3)
    assert set(np.flatnonzero(counts)) == counted
    # The large one is asked for, the one of a few pixels is not, and more there are none.
    assert boxes[0, 4] == (CAR if kind == "car" else RICKSHAW)
    assert set(boxes[1:, 4]) <= {IGNORED, NOTHING}


@pytest.mark.parametrize(("by_kind", "least", "most"), [(0.0, 0, 15), (1.0, 35, 65)])
def test_a_rare_kind_is_shown_as_often_as_the_others_where_that_is_asked_for(
    tmp_path: Path, by_kind: float, least: int, most: int
) -> None:
    """One truck among nineteen cars, in a picture with a car that is looked at for the truck."""
    cars: list[list[dict[str, object]]] = [[{"class": "car", "box": [40, 20, 120, 80]}]] * 18
    both: list[dict[str, object]] = [
        {"class": "car", "box": [0, 40, 20, 60]},
        {"class": "truck", "box": [60, 10, 150, 85]},
    ]
    config = msgspec.structs.replace(CONFIG, by_kind=by_kind)
    examples = examples_of(tmp_path, *cars, both, labelled=["car", "truck"], config=config)
    rng = np.random.default_rng(5)
    largest = Counter(int(examples.example(rng)[1][0, 4]) for _ in range(100))
    assert least <= largest[TRUCK] <= most


def test_around_a_plate_alone_there_is_no_vehicle_of_any_kind(tmp_path: Path) -> None:
    config = msgspec.structs.replace(CONFIG, bare=1.0)
    car: list[dict[str, object]] = [{"class": "car", "box": [40, 20, 120, 80]}]
    examples = examples_of(tmp_path, car, labelled=["car"], config=config)
    rng = np.random.default_rng(3)
    spreads = []
    for _ in range(8):
        shown, boxes, counts = examples.example(rng)
        assert shown.shape == (VEHICLE_SIZE_WH[1], VEHICLE_SIZE_WH[0], 3)
        assert set(boxes[:, 4]) == {NOTHING}
        assert counts.all()
        spreads.append(int(np.ptp(shown.astype(np.int32).sum(2))))
    assert max(spreads) > 150, "a plate, not a wall alone"


def test_pictures_without_a_vehicle_are_refused(tmp_path: Path) -> None:
    with pytest.raises(Stop, match="here: no whole picture to learn from has a labelled vehicle"):
        examples_of(tmp_path, [], [], labelled=["car"])
