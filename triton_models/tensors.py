"""The tensors of the models: what goes in and what comes out. Training, serving and clients agree here.

All pictures are uint8 RGB, batch first; normalising and decoding happen inside the graph.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

SizeWh = tuple[int, int]

VEHICLE_SIZE_WH: SizeWh = (448, 256)
PLATE_SIZE_WH: SizeWh = (320, 320)
CHARACTERS_SIZE_WH: SizeWh = (192, 64)
LINE_SIZE_WH: SizeWh = (256, 48)
PAD_VALUE = 114
"""Grey that fills a letterboxed picture to the right and below."""
PLATE_MARGINS = (0.07, 0.14)
"""Room around a plate's corners in the reader's input, as shares of its width and height, on each side."""

MOST_VEHICLES = 32
MOST_PLATES = 16
SLOTS = 14
"""Most characters of a plate; unused slots are blank."""
CLASSES = 37
"""0-9, A-Z, blank last."""
LINE_PLACES = 32
"""Places across a line of writing, each of which holds a character or none."""


@dataclass(frozen=True, slots=True)
class Tensor:
    """`shape` without the batch."""

    name: str
    dtype: Literal["UINT8", "FP32"]
    shape: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class ModelTensors:
    """`most`: pictures a request; `max_batch_size` of the model's `config.pbtxt`."""

    model: str
    input: Tensor
    outputs: tuple[Tensor, ...]
    most: int


def _picture(size_wh: SizeWh) -> Tensor:
    return Tensor("image", "UINT8", (size_wh[1], size_wh[0], 3))


VEHICLE = ModelTensors(
    "vehicle",
    _picture(VEHICLE_SIZE_WH),
    # x0, y0, x1, y1 in input pixels, score, class index; sorted by score, unused rows score 0.
    (Tensor("detections", "FP32", (MOST_VEHICLES, 6)),),
    most=16,
)
PLATE = ModelTensors(
    "plate",
    _picture(PLATE_SIZE_WH),
    # Four corners x, y from top-left clockwise in input pixels, score, two-line probability, colours.
    (Tensor("plates", "FP32", (MOST_PLATES, 17)),),
    most=32,
)
CHARACTERS = ModelTensors(
    "characters",
    _picture(CHARACTERS_SIZE_WH),
    # Slots in reading order, line by line; places are x0, y0, x1, y1 in input pixels.
    (Tensor("probabilities", "FP32", (SLOTS, CLASSES)), Tensor("places", "FP32", (SLOTS, 4))),
    most=64,
)
LINES = ModelTensors(
    "lines",
    _picture(LINE_SIZE_WH),
    # From left to right; a character that several places hold in a row is one.
    (Tensor("probabilities", "FP32", (LINE_PLACES, CLASSES)),),
    most=32,
)

MODELS: dict[str, ModelTensors] = {tensors.model: tensors for tensors in (VEHICLE, PLATE, CHARACTERS, LINES)}
