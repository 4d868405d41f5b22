"""`platestream train vehicles`: labelled pictures -> the vehicle detector."""

from __future__ import annotations

import re
from pathlib import Path

from contracts.messages.common import VEHICLE_CLASSES
from triton_models.tensors import VEHICLE, VEHICLE_SIZE_WH
from triton_models.training.detectors.judging import judge_vehicles
from triton_models.training.detectors.session import Detector, train_detector
from triton_models.training.export.rows_agree import vehicle_rows
from triton_models.training.runs.request import TrainingRequest
from triton_models.training.vehicles.examples import VehicleExamples
from triton_models.training.vehicles.loss import vehicle_loss
from triton_models.training.vehicles.network import VehicleNetwork
from triton_models.training.vehicles.pretrained import WEIGHTS_FROM, from_package
from triton_models.training.vehicles.served import ServedVehicles

_CLASSES = len(VEHICLE_CLASSES)
_SAYS = re.compile(r"heads\.\d\.1/")
"""The last convolution of each head."""
_SIZE = " x ".join(str(side) for side in VEHICLE_SIZE_WH)
_LIMITS = """## Limits

- Most of its labels are other models': where those are blind, so is this one.
- Trucks and buses of India are taken for auto-rickshaws at times, small ones more often.
- Vehicles that hide one another are at times found as one; the class of a motorcycle or a bus is the least
  sure, of which it saw the fewest.
- A vehicle that it does not find costs no plate: plates are looked for in the whole frame too.
"""

DETECTOR = Detector(
    tensors=VEHICLE,
    default_config=Path(__file__).with_name("vehicles.yml"),
    network=lambda: VehicleNetwork(_CLASSES),
    first_weights=lambda: from_package(VehicleNetwork(_CLASSES)),
    examples=lambda pictures, config: VehicleExamples(pictures, config).example,
    loss=vehicle_loss,
    served=lambda network: ServedVehicles(network, _CLASSES),
    judge=judge_vehicles,
    purpose=f"Finds vehicles ({', '.join(VEHICLE_CLASSES)}) in a picture of {_SIZE}.",
    limits=_LIMITS,
    weights_from=WEIGHTS_FROM,
    compare=vehicle_rows,
    keep_float=lambda convolutions: [name for name in convolutions if _SAYS.search(name)],
    percentile=99.9999,
)


def train(request: TrainingRequest) -> None:
    train_detector(DETECTOR, request)
