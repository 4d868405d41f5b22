"""Plates -> single lines of writing for the line reader: cut as they are served, and seen as badly as streets
show them. The same generator gives the same line."""

from __future__ import annotations

import cv2
import numpy as np
from cv2.typing import MatLike
from numpy.typing import NDArray

from contracts.messages.common import ALPHABET
from triton_models.geometry import rectifying
from triton_models.lines import ROOM, cut_line, line_box, line_corners, lines_of, padded
from triton_models.tensors import CHARACTERS_SIZE_WH, CLASSES, SLOTS
from triton_models.training.characters.batches import PlateMixture
from triton_models.training.crops.plate_pictures import (
    Floats,
    PlateCut,
    jittered,
    mapped_boxes,
    seen_badly,
    shaken_gray,
)
from triton_models.training.crops.reshaped import reshaped
from triton_models.training.crops.weather import weathered

BLANK = CLASSES - 1
_SHAKEN_CORNERS = 0.02
_SHAKEN_PLACES = 0.05
"""Of a character's size: the reader whose places say where a line lies is not exact."""

Example = tuple[NDArray[np.uint8], NDArray[np.int64], NDArray[np.int64]]
"""The line [48, 256, 3], its classes [14] with blanks behind them, and how many there are."""


class LineExamples:
    """`example(rng, step)`: one line of a plate of the mixture. Plates without places are passed over."""

    def __init__(self, mixture: PlateMixture, *, reshape: float = 0.0, weather: float = 0.0) -> None:
        self._mixture = mixture
        self._reshape, self._weather = reshape, weather

    def example(self, rng: np.random.Generator, step: int) -> Example:
        line, text = None, ""
        while line is None:
            line, text = training_line(
                self._mixture.plate(rng, step), rng, reshape=self._reshape, weather=self._weather
            )
        targets = np.full(SLOTS, BLANK, np.int64)
        targets[: len(text)] = [ALPHABET.index(character) for character in text]
        return as_input(line), targets, np.array(len(text), np.int64)


def as_input(gray: MatLike) -> NDArray[np.uint8]:
    return np.asarray(cv2.cvtColor(padded(gray), cv2.COLOR_GRAY2RGB), np.uint8)


def training_line(
    cut: PlateCut, rng: np.random.Generator, reshape: float = 0.0, weather: float = 0.0
) -> tuple[MatLike | None, str]:
    """One augmented gray line of a plate and what it says; None where no places of characters are known."""
    if cut.boxes is None:
        return None, ""
    quad = jittered(cut.framings[int(rng.integers(len(cut.framings)))], rng)
    homography = rectifying(quad, CHARACTERS_SIZE_WH)
    places = mapped_boxes(cut.boxes, homography) * np.array(CHARACTERS_SIZE_WH * 2, np.float32)
    lines = lines_of(places)
    part = lines[int(rng.integers(len(lines)))]
    corners = line_corners(_box(places[part], rng), homography)
    tall = float(np.linalg.norm(corners[3] - corners[0]))
    corners = corners + rng.normal(0.0, _SHAKEN_CORNERS * max(tall, 1.0), (4, 2)).astype(np.float32)
    line = cut_line(shaken_gray(cut.picture, rng), corners)
    if rng.random() < reshape:
        line, _ = reshaped(line, None, rng)
    if rng.random() < weather:
        line = weathered(line, rng)
    return seen_badly(line, tall, rng), cut.text[part]


def _box(places: Floats, rng: np.random.Generator) -> Floats:
    size = np.tile(np.median(places[:, 2:] - places[:, :2], axis=0), 2)
    shaken = places + rng.normal(0.0, _SHAKEN_PLACES, places.shape) * size
    room = (ROOM[0] * float(rng.uniform(0.4, 1.5)), ROOM[1] + float(rng.uniform(-0.12, 0.2)))
    return line_box(shaken.astype(np.float32), room)
