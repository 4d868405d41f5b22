"""The colour of a plate that was read: from the pixels around its characters, and the detector's word."""

from __future__ import annotations

from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from processors.cascade.decoding import used_slots
from processors.cascade.merging import FoundPlate
from processors.cascade.second_reader import Read
from processors.cascade.settings import CascadeSettings
from processors.ports import Image
from triton_models.colours import (
    GROUND_COLOURS,
    LIGHT_LETTERED,
    Seen,
    ground_colours,
    has_light_characters,
)

Light = tuple[float, float, float]
"""The mean red, green and blue of a picture."""
UNTOLD = Seen("other", 0.0)
"""Counts for nothing beside other frames of the vehicle."""
_LIGHT_LETTERED = [colour in LIGHT_LETTERED for colour in GROUND_COLOURS]


def mean_colour(canvas: Image, scale: float, size_wh: tuple[int, int]) -> Light:
    """Of a letterboxed picture, without what is filled beside it."""
    width, height = (max(1, round(side * scale)) for side in size_wh)
    red, green, blue, _ = cv2.mean(canvas[:height, :width])
    return red, green, blue


class Ground(NamedTuple):
    """`seen` is told; `is_dark`, rather one of `LIGHT_LETTERED` than not, is also known where nothing is."""

    seen: Seen
    is_dark: bool


def ground_seen(
    plate: FoundPlate, framed: Image, read: Read, light: Light, settings: CascadeSettings
) -> Ground:
    """`framed`: the reader's input, in whose pixels the read's places are."""
    places = _written(read, settings)
    seen = Seen(plate.colour, plate.colour_confidence)
    if not len(places):
        return Ground(seen, is_dark=False)
    shares = ground_colours(framed, places, seen, light)
    best = int(shares.argmax())
    sure = float(shares[best])
    told = Seen(GROUND_COLOURS[best], round(sure, 4)) if sure >= settings.least_colour else UNTOLD
    return Ground(told, is_dark=float(shares[_LIGHT_LETTERED].sum()) > 0.5)


def is_light_on_dark(framed: Image, read: Read, settings: CascadeSettings) -> bool:
    """Whether what is read on a dark ground is lighter than the ground."""
    places = _written(read, settings)
    return len(places) > 0 and has_light_characters(framed, places)


def _written(read: Read, settings: CascadeSettings) -> NDArray[np.float32]:
    """Where its characters stand."""
    probabilities, places = read
    return places[used_slots(probabilities, settings)]
