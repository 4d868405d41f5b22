"""A plate in doubt, read line by line by a second reader, and both readers' opinions as one.

The second reader knows writing of every kind, not plates alone: what the first one mistakes, it mostly reads,
and the other way round. It takes several times as long, so only plates in doubt are shown to it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from processors.cascade.decoding import used_slots
from processors.cascade.settings import CascadeSettings
from processors.ports import Image
from processors.readings.along import characters_along
from processors.readings.pooling import pooled
from processors.readings.slots import BLANK, Slots
from triton_models.colours import as_negative
from triton_models.geometry import Homography
from triton_models.lines import cut_line, line_box, line_corners, line_of_each, lines_of, padded
from triton_models.tensors import LINE_PLACES, LINE_SIZE_WH

Floats = NDArray[np.float32]
Read = tuple[Floats, Floats]
"""Probabilities [characters, 37] and places [characters, 4] in the first reader's input."""

_FEWEST = 3
"""Characters of which the first reader must be fairly sure to say where the lines are."""
_PLACE_PX = LINE_SIZE_WH[0] / LINE_PLACES


@dataclass(frozen=True, slots=True)
class Line:
    """`box` in the first reader's input, `used_px` how much of the second one's input shows it."""

    box: Floats
    used_px: int
    input: Image


def lines_in(picture: Image, homography: Homography, read: Read, *, negative: bool = False) -> list[Line]:
    """The lines of a plate, as the second reader takes them; none where the first one found too little."""
    probabilities, places = read
    written = places[probabilities.argmax(axis=1) != BLANK]
    if len(written) < _FEWEST:
        return []
    return [_line(picture, line_box(written[part]), homography, negative) for part in lines_of(written)]


def _line(picture: Image, box: Floats, homography: Homography, negative: bool) -> Line:
    line = np.asarray(cut_line(picture, line_corners(box, homography)), np.uint8)
    line = as_negative(line) if negative else line
    return Line(box, line.shape[1], np.asarray(padded(line), np.uint8))


def with_lines(read: Read, lines: Sequence[Line], seen: Sequence[Floats], settings: CascadeSettings) -> Read:
    """The read as both readers see it. `seen` [places, 37] of each line."""
    probabilities, places = read
    kept = used_slots(probabilities, settings)
    boxes = places[kept].astype(np.float64)
    first = Slots(probabilities[kept].astype(np.float64), boxes, line_of_each(places[kept]))
    second = slots_of_lines(lines, seen)
    if len(second) == 0:
        return read
    both, _ = pooled(first, second, share=settings.second_share, sharpness=settings.second_sharpness)
    return both.probabilities.astype(np.float32), both.boxes.astype(np.float32)


def slots_of_lines(lines: Sequence[Line], seen: Sequence[Floats]) -> Slots:
    """The characters of a plate's lines one after another, with boxes in the first reader's input."""
    along = [characters_along(probabilities) for probabilities in seen]
    return Slots(
        np.concatenate([each.probabilities for each in along]),
        np.concatenate([_boxes(line, each.places) for line, each in zip(lines, along, strict=True)]),
        np.repeat(np.arange(len(along)), [len(each.places) for each in along]),
    )


def _boxes(line: Line, places: NDArray[np.int64]) -> NDArray[np.float64]:
    """A place's box: as wide as two places, as high as the line."""
    x0, y0, x1, y1 = (float(side) for side in line.box)
    a_place = (x1 - x0) * _PLACE_PX / line.used_px
    middles = x0 + (places + 0.5) * a_place
    sides = (middles - a_place, np.full_like(middles, y0), middles + a_place, np.full_like(middles, y1))
    return np.stack(sides, axis=1)
