"""Plates as streets show them, from many hands: with what shops add, of other countries, and in layouts that
no rule knows: series split over two lines, numbers far apart, and small words such as TAXI or (TEMP) in
between, which are no part of the number."""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np

from contracts.messages.common import VEHICLE_CLASSES
from triton_models.rendering.decoration import decorated
from triton_models.rendering.foreign import foreign_plate
from triton_models.rendering.numbers import Registration, random_registration
from triton_models.rendering.plates import RenderedPlate, draw_plate
from triton_models.rendering.styles import random_style
from triton_models.training.crops.plate_pictures import Rgb

_BETWEEN = ("(TEMP)", "TEMP", "(TC)", "T/R")
_BETWEEN_LINES = ("TAXI", "POLICE", "PRIVATE", "GOODS", "SCHOOL", "ON DUTY")
_SPLIT_SHARE, _OPENED_SHARE = 0.2, 0.2
_WORD_SHARE = 0.35
_AT_WIDEST_SHARE = 0.85
_WIDEST = 2.4
"""Room put between two characters, in heights of a character."""


def street_plate(
    rng: np.random.Generator, *, lines: int, height_px: int, foreign: float, decorations: float
) -> RenderedPlate:
    """Any plate as some vehicle bears it.

    `foreign`: the share of other countries' plates. `decorations`: how likely each thing is that shops add.
    """
    if rng.random() < foreign:
        return foreign_plate(rng, height_px=height_px)
    vehicle = VEHICLE_CLASSES[int(rng.integers(len(VEHICLE_CLASSES)))]
    if lines == 2 and rng.random() < _SPLIT_SHARE:
        return split_plate(rng, vehicle=vehicle, height_px=height_px)
    plate = _shop_plate(rng, vehicle=vehicle, height_px=height_px, lines=lines, decorations=decorations)
    return opened(plate, rng) if len(plate.characters) > 1 and rng.random() < _OPENED_SHARE else plate


def _shop_plate(
    rng: np.random.Generator, *, vehicle: str, height_px: int, lines: int, decorations: float
) -> RenderedPlate:
    registration = random_registration(rng, vehicle=vehicle)
    style = random_style(rng, vehicle=vehicle, series=registration.series, lines=lines)
    return draw_plate(registration, decorated(style, rng, decorations), rng, height_px)


def split_plate(rng: np.random.Generator, *, vehicle: str, height_px: int) -> RenderedPlate:
    """Two lines, of which the second begins with a part of the series: UP14B over D7780."""
    registration = random_registration(rng, "standard", vehicle=vehicle)
    if len(registration.parts) == 4 and len(registration.parts[2]) > 1:
        state, office, series, number = registration.parts
        registration = Registration((state, office, series[:1], series[1:] + number), "standard")
    style = random_style(rng, vehicle=vehicle, series="standard", lines=2)
    return draw_plate(registration, replace(style, split_series=True), rng, height_px)


def opened(plate: RenderedPlate, rng: np.random.Generator) -> RenderedPlate:
    """The plate with more room between its lines or, on one line, before some character; at times with a
    word there. A plate whose lines touch stays as it is."""
    tall = float(np.mean([box[3] - box[1] for _, box, _ in plate.characters]))
    word = bool(rng.random() < _WORD_SHARE)
    if plate.lines == 2:
        above = max(box[3] for _, box, line in plate.characters if line == 0)
        below = min(box[1] for _, box, line in plate.characters if line == 1)
        axis, room = 1, tall * float(rng.uniform(0.5, 0.9) if word else rng.uniform(0.1, 0.6))
    else:
        gaps = [
            right[0] - left[2]
            for (_, left, _), (_, right, _) in zip(plate.characters, plate.characters[1:], strict=False)
        ]
        at = 1 + (int(np.argmax(gaps)) if rng.random() < _AT_WIDEST_SHARE else int(rng.integers(len(gaps))))
        above, below = plate.characters[at - 1][1][2], plate.characters[at][1][0]
        axis, room = 0, tall * float(rng.uniform(1.0 if word else 0.4, _WIDEST))
    middle = round((above + below) / 2)
    if below - above < 1 or not 1 < middle < plate.image.shape[1 - axis] - 1:
        return plate
    return _with_room(plate, middle, round(room), axis, rng, word=word)


def _with_room(
    plate: RenderedPlate, at: int, room: int, axis: int, rng: np.random.Generator, *, word: bool
) -> RenderedPlate:
    """`axis` 0 is across, 1 is down; `at` and `room` in pixels of the plate."""
    strip = np.take(plate.image, [at], axis=1 - axis)
    band = np.repeat(strip, room, axis=1 - axis)
    if word and room > 8:
        words = _BETWEEN_LINES if axis else _BETWEEN
        band = _worded(band, words[int(rng.integers(len(words)))], plate.image, rng)
    first, second = np.split(plate.image, [at], axis=1 - axis)
    shift = np.array([room, 0, room, 0] if axis == 0 else [0, room, 0, room], np.float64)
    characters = []
    for character, box, line in plate.characters:
        x0, y0, x1, y1 = np.asarray(box) + (shift if box[axis] >= at else 0.0)
        characters.append((character, (float(x0), float(y0), float(x1), float(y1)), line))
    image = np.concatenate([first, band, second], axis=1 - axis)
    return replace(plate, image=np.ascontiguousarray(image), characters=tuple(characters))


def _worded(band: Rgb, word: str, plate: Rgb, rng: np.random.Generator) -> Rgb:
    """A word as large as the band lets it be, in the plate's darkest or lightest colour."""
    height, width = band.shape[:2]
    pixels = plate.reshape(-1, 3)
    light = pixels.sum(1).astype(np.int64)
    ground = int(np.median(light))
    ink = pixels[light.argmin() if ground > light.mean() or ground > 380 else light.argmax()]
    face = (cv2.FONT_HERSHEY_SIMPLEX, cv2.FONT_HERSHEY_DUPLEX)[int(rng.integers(2))]
    (across, down), _ = cv2.getTextSize(word, face, 1.0, 2)
    scale = min(0.9 * width / across, float(rng.uniform(0.4, 0.75)) * height / down)
    thick = max(1, round(2.2 * scale))
    place = (round((width - across * scale) / 2), round((height + down * scale) / 2))
    written = cv2.putText(
        np.ascontiguousarray(band), word, place, face, scale, [int(each) for each in ink], thick, cv2.LINE_AA
    )
    return np.asarray(written, np.uint8)
