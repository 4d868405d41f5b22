"""For tests of the last look at all frames: a reader that reads one text, and plates that leave it open."""

from __future__ import annotations

from datetime import UTC, datetime

import msgspec
import numpy as np
from numpy.typing import NDArray

from contracts.errors import PlatestreamError
from contracts.messages.common import ALPHABET, ModelUsed
from contracts.messages.sighting import PlateSeen
from processors.cascade.pictures import decode_jpeg, encode_jpeg
from processors.passages.camera import CameraPassages
from processors.passages.events.drafts import Draft
from processors.passages.settings import PassageSettings
from tests.processors.passages.builders import a_plate, a_sighting
from tests.processors.passages.test_fusion import a_plate as drawn
from tests.processors.passages.test_fusion import seen_badly

BOX = (100.0, 200.0, 200.0, 224.0)


class OneReading:
    """`Inference` that reads every plate as the same text. `line`: what the second reader says of every line;
    nothing where it is not told."""

    def __init__(self, text: str, line: str = "") -> None:
        self.text, self.line = text, line
        self.asked = self.lines_asked = 0
        self.shown: list[NDArray[np.uint8]] = []

    @property
    def models(self) -> tuple[ModelUsed, ...]:
        return ()

    async def infer(self, model: str, images: NDArray[np.uint8]) -> dict[str, NDArray[np.float32]]:
        self.shown.extend(images)
        if model == "lines":
            return self._lines(len(images))
        assert model == "characters"
        assert images.shape[1:] == (64, 192, 3)
        self.asked += len(images)
        probabilities = np.full((len(images), 14, 37), 1e-4, np.float32)
        probabilities[:, :, 36] = 1.0
        for slot, character in enumerate(self.text):
            probabilities[:, slot] = 1e-4
            probabilities[:, slot, ALPHABET.index(character)] = 0.95
        places = np.tile(np.arange(14, dtype=np.float32)[:, None] * 13, (len(images), 1, 4))
        places[..., 1], places[..., 3] = 10, 50
        places[..., 2] += 12
        return {"probabilities": probabilities, "places": places}

    def _lines(self, count: int) -> dict[str, NDArray[np.float32]]:
        self.lines_asked += count
        probabilities = np.zeros((count, 32, 37), np.float32)
        probabilities[..., 36] = 1.0
        for number, character in enumerate(self.line):
            probabilities[:, 2 * number + 1] = np.eye(37)[ALPHABET.index(character)]
        return {"probabilities": probabilities}


class Failing(OneReading):
    """One that fails so often with the same error, then reads."""

    def __init__(self, error: PlatestreamError, times: int) -> None:
        super().__init__("Q90043")
        self.error, self.times = error, times

    async def infer(self, model: str, images: NDArray[np.uint8]) -> dict[str, NDArray[np.float32]]:
        if self.times:
            self.times -= 1
            raise self.error
        return await super().infer(model, images)


def doubtful_plate(number: int) -> PlateSeen:
    """Q and G in turn, on a picture that shows the plate badly."""
    other = {0: ("G" if number % 2 else "Q", 0.5)}
    picture = seen_badly(drawn(), np.random.default_rng(number))
    plate = a_plate(BOX, "Q90043", mistaken=other)
    return msgspec.structs.replace(plate, crop=encode_jpeg(picture, 85))


def on_green(plate: PlateSeen, *, white: bool = True) -> PlateSeen:
    """The same on green, with white characters or black ones."""
    ink = 1.0 - decode_jpeg(plate.crop).min(axis=2, keepdims=True).astype(np.float32) / 255
    green, of_ink = np.array([30.0, 150.0, 65.0]), np.array([225.0] * 3 if white else [10.0] * 3)
    shown = green + np.clip(1.2 * ink - 0.1, 0, 1) * (of_ink - green)
    crop = encode_jpeg(np.clip(shown, 0, 255).astype(np.uint8), 85)
    return msgspec.structs.replace(plate, crop=crop, colour="green")


def is_negative(shown: NDArray[np.uint8]) -> bool:
    """Green has more green than red, its negative more red."""
    red, green, _ = shown[:, : shown.shape[1] // 3].reshape(-1, 3).mean(axis=0)
    return bool(red > green)


def final_of(plates: list[PlateSeen]) -> Draft:
    camera = CameraPassages(PassageSettings(), settled_below=0, now=lambda: datetime(2026, 3, 1, tzinfo=UTC))
    for number, plate in enumerate(plates):
        camera.take(a_sighting(number, [plate]), number)
    [draft] = [each for each in camera.give_all() if each.event.state == "final"]
    return draft
