"""The colour of a plate's ground: pixels in, probabilities out.

The ground is what lies around and between the characters, so it is looked for where they are known to
stand. Whether they are lighter or darker than it says most: of India's plates white and yellow ones have dark
characters, green, black, blue and red ones nearly always light ones. The light in which the whole picture
stands speaks against a colour that the plate may have of it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import cv2
import numpy as np
from cv2.typing import MatLike
from numpy.typing import NDArray

from contracts.messages.common import PLATE_COLOURS, PlateColour
from triton_models.tensors import CHARACTERS_SIZE_WH, PLATE_MARGINS

GROUND_COLOURS: tuple[PlateColour, ...] = PLATE_COLOURS[:6]
"""Those that a plate's ground has. What cannot be told is `other`."""
LIGHT_LETTERED: frozenset[PlateColour] = frozenset({"green", "black", "blue", "red"})
"""Those on which characters are mostly lighter than the ground (Central Motor Vehicles Rules 1989, rule 50,
and the notifications that changed it): but hired electric vehicles have black ones on green."""
_SIZE_WH = (CHARACTERS_SIZE_WH[0] // 2, CHARACTERS_SIZE_WH[1] // 2)
"""Half of the reader's input is enough, and takes a third of the time."""
_LEFT, _TOP = (
    round(side * room / (1 + 2 * room)) for side, room in zip(_SIZE_WH, PLATE_MARGINS, strict=True)
)
_RIGHT, _BOTTOM = _SIZE_WH[0] - _LEFT, _SIZE_WH[1] - _TOP
"""Where the plate itself lies; beyond are its margins."""
_RIM = 2
_FEWEST_PIXELS = 20
_LEAST_SPAN = 8.0
_CLEAR = 16.0
"""Grey levels from a character's darkest to its lightest; with fewer, what is measured is mostly noise."""
_LIT_SHARE = 0.7
_DARK = 6.0
"""Added to what is divided by: in the dark a hue is noise."""
_SUREST = 0.98

_WEIGHTS = np.array(
    (
        # white, yellow, green, black, blue, red
        (-6.75, -1.95, 0.87, 3.34, 1.18, 3.32),  # lighter than beside
        (5.24, 0.46, -1.76, -2.66, 0.84, -2.12),  # fill
        (-5.56, -3.53, 1.21, 5.18, 1.33, 1.38),  # lighter than above and below
        (-0.06, -0.45, 7.54, -0.33, -2.21, -4.48),  # green
        (5.40, 1.46, -6.85, -1.23, -4.81, 6.03),  # red
        (4.89, -3.70, -4.56, 1.46, 4.64, -2.72),  # blue
        (1.47, 3.41, -3.51, 4.43, -4.21, -1.59),  # yellow
        (2.38, 1.23, 1.02, -6.52, 1.47, 0.42),  # bright
        (-0.96, 0.53, 0.25, 0.13, 0.49, -0.44),  # opinion
        (0.99, -5.03, 0.06, -1.03, 6.86, -1.86),  # yellow light
        (3.51, -2.90, 3.47, -1.50, 0.97, -3.56),  # red light
        (0.04, -0.79, -0.64, 4.49, -0.04, -3.07),  # always
    )
)  # fmt: skip
"""Of each measure for each colour: a logistic regression, squares of its weights at 0.005, on 1,913 drawn
plates of all kinds that were set into pictures of the split `train` in six lights, counting 0.3 each, and on
1,374 plates read in every third picture of that split. Of those the detector told the colour, a person that
of 17 black and red ones: the detector knows no such plates."""

Floats = NDArray[np.float64]
Ints = NDArray[np.int32]


class Seen(NamedTuple):
    """What a detector says of the colour, and how sure it is of it."""

    colour: PlateColour
    confidence: float


def ground_colours(plate: MatLike, places: NDArray[np.float32], seen: Seen, light: Sequence[float]) -> Floats:
    """The probability of each of `GROUND_COLOURS`.

    `plate` is the reader's input, uint8 RGB, `places` [n, 4] the boxes of the characters in it, of at least
    one. `light`: the mean colour of the whole picture.
    """
    small = cv2.resize(plate, _SIZE_WH, interpolation=cv2.INTER_AREA)
    boxes = _boxes(places)
    strokes, lit, contrast = _strokes(cv2.cvtColor(small, cv2.COLOR_RGB2GRAY), boxes)
    measures = (*strokes, *_tint(_ground(small, boxes), lit), _opinion(seen), *_cast(light), 1.0)
    logits = np.array(measures) @ _WEIGHTS * min(1.0, contrast / _CLEAR) ** 2
    weights = np.exp(logits - logits.max())
    shares: Floats = weights / weights.sum()
    return shares


def has_light_characters(plate: MatLike, places: NDArray[np.float32]) -> bool:
    """Whether the characters in a reader's input are lighter than what is around them. `places` as above, of
    at least one. Told of a plate whose ground is known to be dark: on others light and shadow mislead it."""
    small = cv2.resize(plate, _SIZE_WH, interpolation=cv2.INTER_AREA)
    (beside, _, beyond), _, _ = _strokes(cv2.cvtColor(small, cv2.COLOR_RGB2GRAY), _boxes(places))
    return beside + beyond > 0


def as_negative(pictures: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """uint8 pictures, light for dark and dark for light."""
    negative: NDArray[np.uint8] = 255 - pictures
    return negative


def _boxes(places: NDArray[np.float32]) -> Ints:
    """Columns x0, y0, x1, y1 at half the size, not empty, with room for a rim within the picture."""
    x0, y0, x1, y1 = (places * 0.5 + 0.5).astype(np.int32).T
    width, height = _SIZE_WH
    x0, y0 = np.clip(x0, 1, width - 4), np.clip(y0, _RIM, height - 6)
    x1, y1 = np.maximum(np.minimum(x1, width - 1), x0 + 2), np.maximum(np.minimum(y1, height - _RIM), y0 + 3)
    return np.array([x0, y0, x1, y1], np.int32)


def _strokes(gray: MatLike, boxes: Ints) -> tuple[tuple[float, float, float], float, float]:
    """By how much characters are lighter than what is beside them, where the mean of their boxes lies between
    the darkest and the lightest in them, by how much they are lighter than what is above and below; how light
    the lightest is, and by how much than the darkest."""
    x0, y0, x1, y1 = boxes
    sides = (
        (x0, x0 - 1, x1, x0, x0),
        (y0, y0, y0, y0 - _RIM, y1),
        (x1, x0, x1 + 1, x1, x1),
        (y1, y1, y1, y0, y1 + _RIM),
    )
    inside, left, right, above, below = _means(cv2.integral(gray), *(np.array(side) for side in sides))
    # Past the plate's edge it is darker, or lighter, whatever the characters are.
    above = np.where(y0 >= _TOP + _RIM, above, below)
    below = np.where(y1 <= _BOTTOM - _RIM, below, above)
    beyond = np.where((y0 < _TOP + _RIM) & (y1 > _BOTTOM - _RIM), inside, (above + below) / 2)
    ends = [cv2.minMaxLoc(gray[top:bottom, left:right])[:2] for left, top, right, bottom in boxes.T.tolist()]
    darkest, lightest = np.array(ends).T
    span = np.maximum(lightest - darkest, _LEAST_SPAN)
    fill = _middle((inside - darkest) / span) - 0.5
    lit = float(np.sort(lightest)[int(len(lightest) * _LIT_SHARE)])
    beside = _middle((inside - (left + right) / 2) / span)
    return (beside, fill, _middle((inside - beyond) / span)), lit, _middle(lightest - darkest)


def _means(sums: MatLike, x0: Ints, y0: Ints, x1: Ints, y1: Ints) -> Floats:
    total = sums[y1, x1] - sums[y0, x1] - sums[y1, x0] + sums[y0, x0]
    means: Floats = total / ((x1 - x0) * (y1 - y0))
    return means


def _middle(values: Floats) -> float:
    """The median, of few values faster than NumPy's."""
    return float(np.sort(values)[len(values) // 2])


def _ground(small: MatLike, boxes: Ints) -> tuple[float, float, float]:
    """The middle red, green and blue around and between the characters."""
    mask = np.zeros(small.shape[:2], np.uint8)
    corners = boxes.T.tolist()
    for left, top, right, bottom in corners:
        mask[top - _RIM : bottom + _RIM, max(0, left - _RIM) : right + _RIM] = 1
    for left, top, right, bottom in corners:
        mask[top:bottom, left:right] = 0
    mask[:_TOP] = mask[_BOTTOM:] = 0
    mask[:, :_LEFT] = mask[:, _RIGHT:] = 0
    if cv2.countNonZero(mask) < _FEWEST_PIXELS:
        mask[_TOP:_BOTTOM, _LEFT:_RIGHT] = 1
    red, green, blue = (
        _middle_level(cv2.calcHist([small], [part], mask, [256], [0, 256])) for part in range(3)
    )
    return red, green, blue


def _middle_level(counts: MatLike) -> float:
    upto = counts.ravel().cumsum()
    return float(upto.searchsorted(upto[-1] / 2))


def _tint(ground: tuple[float, float, float], lit: float) -> tuple[float, float, float, float, float]:
    """How green, red, blue and yellow it is, and how light beside the lightest of the characters' boxes."""
    red, green, blue = ground
    strongest = max(ground) + _DARK
    return (
        (green - max(red, blue)) / strongest,
        (red - max(green, blue)) / strongest,
        (blue - max(red, green)) / strongest,
        (min(red, green) - blue) / strongest,
        (0.3 * red + 0.59 * green + 0.11 * blue) / (lit + _DARK),
    )


def _opinion(seen: Seen) -> float:
    """The detector's, above 0 for yellow, below for white: others it does not know (its card says so)."""
    if seen.colour not in ("white", "yellow"):
        return 0.0
    sure = min(max(seen.confidence, 1.0 - _SUREST), _SUREST)
    odds = float(np.log(sure / (1.0 - sure)))
    return odds if seen.colour == "yellow" else -odds


def _cast(light: Sequence[float]) -> tuple[float, float]:
    """How yellow the whole picture is, by street lamps, and how red, by tail lights."""
    red, green, blue = light
    strongest = max(light)
    return (red + green - 2 * blue) / (2 * strongest + 10), (red - green) / (strongest + 5)
