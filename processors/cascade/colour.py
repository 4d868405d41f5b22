"""The colour of a plate that was read: from the pixels around its characters, and the detector's word."""

from __future__ import annotations

import cv2

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


def mean_colour(canvas: Image, scale: float, size_wh: tuple[int, int]) -> Light:
    """Of a letterboxed picture, without what is filled beside it."""
    width, height = (max(1, round(side * scale)) for side in size_wh)
    red, green, blue, _ = cv2.mean(canvas[:height, :width])
    return red, green, blue


def colour_seen(
    plate: FoundPlate, framed: Image, read: Read, light: Light, settings: CascadeSettings
) -> Seen:
    """`framed`: the reader's input, in whose pixels the read's places are."""
    probabilities, places = read
    used = used_slots(probabilities, settings)
    seen = Seen(plate.colour, plate.colour_confidence)
    if not len(used):
        return seen
    shares = ground_colours(framed, places[used], seen, light)
    best = int(shares.argmax())
    sure = float(shares[best])
    return Seen(GROUND_COLOURS[best], round(sure, 4)) if sure >= settings.least_colour else UNTOLD


def is_light_lettered(seen: Seen, framed: Image, read: Read, settings: CascadeSettings) -> bool:
    """Whether a plate of this colour is to be read by its negative: it has light characters."""
    probabilities, places = read
    if not settings.light_as_negative or seen.colour not in LIGHT_LETTERED:
        return False
    used = used_slots(probabilities, settings)
    return len(used) > 0 and has_light_characters(framed, places[used])
