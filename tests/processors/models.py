"""Models whose answers a test writes down: what they see is told in pixels of the picture."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from contracts.errors import TryAgain
from contracts.messages.common import ALPHABET, ModelUsed, Xyxy
from processors.ports import Tensors
from triton_models.tensors import (
    CLASSES,
    LINE_PLACES,
    MOST_PLATES,
    MOST_VEHICLES,
    SLOTS,
    VEHICLE_SIZE_WH,
)

_HEIGHT = 384

Quad = tuple[tuple[float, float], tuple[float, float], tuple[float, float], tuple[float, float]]


def a_quad(x0: float, y0: float, x1: float, y1: float) -> Quad:
    return ((x0, y0), (x1, y0), (x1, y1), (x0, y1))


@dataclass
class WrittenModels:
    """Corners are in the input of their model, boxes in a picture of 640 x 384 that fills its input's height.

    `plates`: (quad, score) of each look of a frame's first request, `zooms`: of its second. `texts`: what is
    read, one a plate, with the same certainty for every character, in the further framings of the first plate
    with those of `certainties` where they are told. `lines`: what the second reader says of
    each line, for sure; nothing where it is not told.
    """

    vehicles: Sequence[tuple[Xyxy, float, int]] = ()
    plates: Sequence[Sequence[tuple[Quad, float]]] = ()
    zooms: Sequence[Sequence[tuple[Quad, float]]] = ()
    texts: Sequence[str] = ()
    lines: Sequence[str] = ()
    certainty: float = 0.99
    certainties: Sequence[float] = ()
    two_lines: float = 0.0
    away: int = 0
    asked: list[tuple[str, tuple[int, ...]]] = field(default_factory=list)

    @property
    def models(self) -> tuple[ModelUsed, ...]:
        return (ModelUsed(name="plate", version="0", sha256="0" * 64),)

    async def infer(self, model: str, images: NDArray[np.uint8]) -> Tensors:
        if self.away:
            self.away -= 1
            raise TryAgain("triton", "away")
        self.asked.append((model, images.shape))
        answers = {
            "vehicle": self._vehicles,
            "plate": self._plates,
            "characters": self._characters,
            "lines": self._lines,
        }
        return answers[model](len(images))

    def _vehicles(self, count: int) -> Tensors:
        rows = np.zeros((count, MOST_VEHICLES, 6), np.float32)
        for number, (xyxy, score, kind) in enumerate(self.vehicles):
            box = (side * VEHICLE_SIZE_WH[1] / _HEIGHT for side in xyxy)
            rows[0, number] = (*box, score, kind)
        return {"detections": rows}

    def _plates(self, count: int) -> Tensors:
        rows = np.zeros((count, MOST_PLATES, 17), np.float32)
        again = sum(model == "plate" for model, _ in self.asked) > 1
        for look, plates in enumerate((self.zooms if again else self.plates)[:count]):
            for number, (quad, score) in enumerate(plates):
                rows[look, number, :8] = np.ravel(quad)
                rows[look, number, 8:11] = (score, self.two_lines, 0.9)
        return {"plates": rows}

    def _characters(self, count: int) -> Tensors:
        probabilities = np.zeros((count, SLOTS, CLASSES), np.float32)
        places = np.zeros((count, SLOTS, 4), np.float32)
        again = sum(model == "characters" for model, _ in self.asked) > 1
        for plate in range(count):
            text = self.texts[plate % len(self.texts)]
            certainty = self.certainties[plate] if again and self.certainties else self.certainty
            probabilities[plate, :, -1] = 1.0
            for slot, character in enumerate(text):
                probabilities[plate, slot] = (1 - certainty) / (CLASSES - 1)
                probabilities[plate, slot, ALPHABET.index(character)] = certainty
                places[plate, slot] = (10 + 12 * slot, 16, 20 + 12 * slot, 48)
        return {"probabilities": probabilities, "places": places}

    def _lines(self, count: int) -> Tensors:
        probabilities = np.zeros((count, LINE_PLACES, CLASSES), np.float32)
        probabilities[..., -1] = 1.0
        for line, text in enumerate(self.lines[:count]):
            for number, character in enumerate(text):
                probabilities[line, 1 + 2 * number] = np.eye(CLASSES)[ALPHABET.index(character)]
        return {"probabilities": probabilities}
