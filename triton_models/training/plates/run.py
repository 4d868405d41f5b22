"""`platestream train plates`: labelled pictures and drawn plates -> the plate detector."""

from __future__ import annotations

from pathlib import Path

from triton_models.tensors import PLATE
from triton_models.training.detectors.judging import judge_plates
from triton_models.training.detectors.network import DetectorNetwork
from triton_models.training.detectors.served import ServedPlates
from triton_models.training.detectors.session import Detector, train_detector
from triton_models.training.plates.examples import PlateExamples
from triton_models.training.plates.loss import plate_loss
from triton_models.training.runs.request import TrainingRequest

_LIMITS = """## Limits

- Plates under about 16 pixels wide in its input are not found: it is given each vehicle larger as well.
- Corners are learned from a teacher's, from boxes and from drawn plates; on strongly tilted two-line plates
  they are the least exact.
- The colour is learned from drawn plates and, of real ones, from those whose colour is plain to see. Two in a
  hundred of them are neither white nor yellow: it tells these two apart and names no other. Of a plate that
  is read, the pixels around its characters decide, with its word (`triton_models/colours.py`).
- Painted writing on trucks and shop signs is at times taken for a plate: the reader and the votes of many
  frames decide after it.
"""

DETECTOR = Detector(
    tensors=PLATE,
    default_config=Path(__file__).with_name("plates.yml"),
    # One heat map; four corners, two lines or one, seven colours.
    network=lambda: DetectorNetwork(heats=1, others=8 + 1 + 7),
    examples=lambda pictures, config: PlateExamples(pictures, config).example,
    loss=plate_loss,
    served=ServedPlates,
    judge=judge_plates,
    purpose="Finds plates with their corners, number of lines and colour in a picture of 320 x 320.",
    limits=_LIMITS,
    # 8 bits in these too cost 0.3 points of the plates whose corners are good enough to read them by.
    keep_float=lambda convolutions: convolutions[:1] + convolutions[-3:],
)


def train(request: TrainingRequest) -> None:
    train_detector(DETECTOR, request)
