"""Real plates with other numbers on them: characters of a photographed plate change places or are borrowed
from another plate of its kind, so that a reader cannot learn which number a kind of plate bears.

Two thirds of the motorcycle plates that are labelled to the character begin with the same district; a
reader that only ever saw those reads unclear districts as that one.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import cv2
import numpy as np
from numpy.typing import NDArray

from triton_models.training.crops.plate_pictures import Floats, PlateCut, Rgb

_ROOM = 0.07
"""Around a character's box, of its size: boxes are drawn by hand."""
_LEAST_HEIGHT_PX = 10.0
_WIDEST, _TALLEST = 1.35, 1.7
"""How much wider, or taller, one of two exchanged characters may be."""
_EACH, _OF_ANOTHER = 0.4, 0.4
_MOST_TILTED = 0.1
"""Slope of a line of characters, six degrees: upright boxes on steeper ones hold parts of neighbours."""


@dataclass(frozen=True)
class Letter:
    """One character of a real plate and what is around it."""

    character: str
    picture: Rgb
    size_wh: tuple[float, float]
    """Of its box, in pixels of the cut-out."""


class Lettercase:
    """The characters of real plates, by source. `relettered` never changes the cut-out it is given."""

    def __init__(self, plates: Sequence[PlateCut]) -> None:
        self._of_source: dict[str, list[Letter]] = {}
        for cut in plates:
            self._of_source.setdefault(cut.source, []).extend(letters(cut))

    def relettered(self, cut: PlateCut, rng: np.random.Generator) -> PlateCut:
        """The plate with some of its characters exchanged; itself where no character has a box."""
        own = letters(cut)
        if not own or cut.boxes is None:
            return cut
        picture, text = cut.picture.copy(), list(cut.text)
        for place, (character, box) in enumerate(zip(cut.text, cut.boxes, strict=True)):
            if rng.random() >= _EACH:
                continue
            others = self._of_source.get(cut.source, own) if rng.random() < _OF_ANOTHER else own
            letter = _fitting(others, character, box, rng)
            if letter is not None:
                _set(picture, box, letter)
                text[place] = letter.character
        return replace(cut, picture=picture, text="".join(text))


def letters(cut: PlateCut) -> list[Letter]:
    """The characters of a cut-out that are large enough and lie wholly within it; none of a tilted one."""
    found: list[Letter] = []
    if cut.boxes is None or _slope(cut.boxes) > _MOST_TILTED:
        return found
    for character, box in zip(cut.text, cut.boxes, strict=True):
        x0, y0, x1, y1 = _roomy(box)
        width, height = float(box[2] - box[0]), float(box[3] - box[1])
        inside = x0 >= 0 and y0 >= 0 and x1 <= cut.picture.shape[1] and y1 <= cut.picture.shape[0]
        if inside and height >= _LEAST_HEIGHT_PX and width >= 3:
            found.append(Letter(character, cut.picture[y0:y1, x0:x1], (width, height)))
    return found


def _slope(boxes: Floats) -> float:
    """Of the steps from a character to the next on its line, the middle one."""
    middles = (boxes[:, :2] + boxes[:, 2:]) / 2
    steps = np.diff(middles, axis=0)
    forward = steps[steps[:, 0] > np.abs(steps[:, 1])]
    return float(np.median(np.abs(forward[:, 1] / forward[:, 0]))) if len(forward) else 0.0


def _roomy(box: Floats) -> tuple[int, int, int, int]:
    across, down = _ROOM * (box[2] - box[0]), _ROOM * (box[3] - box[1])
    return round(float(box[0] - across)), round(float(box[1] - down)), round(float(box[2] + across)), round(
        float(box[3] + down)
    )  # fmt: skip


def _fitting(
    others: Sequence[Letter], character: str, box: Floats, rng: np.random.Generator
) -> Letter | None:
    """A digit for a digit, a letter for a letter, of about the same size; None after a few tries."""
    width, height = float(box[2] - box[0]), float(box[3] - box[1])
    for _ in range(8):
        letter = others[int(rng.integers(len(others)))]
        wider, taller = letter.size_wh[0] / max(width, 1.0), letter.size_wh[1] / max(height, 1.0)
        alike = letter.character.isdigit() == character.isdigit()
        shape = max(wider / taller, taller / wider)  # of another shape, a character would be distorted
        if alike and shape < _WIDEST and max(taller, 1 / taller) < _TALLEST:
            return letter
    return None


def _set(picture: Rgb, box: Floats, letter: Letter) -> None:
    """Into the place of another, in that one's light, with soft edges."""
    x0, y0, x1, y1 = _roomy(box)
    x0, y0, x1, y1 = max(x0, 0), max(y0, 0), min(x1, picture.shape[1]), min(y1, picture.shape[0])
    if x1 - x0 < 4 or y1 - y0 < 4:
        return
    there = picture[y0:y1, x0:x1].astype(np.float32)
    new = cv2.resize(letter.picture, (x1 - x0, y1 - y0), interpolation=cv2.INTER_AREA).astype(np.float32)
    mean, spread = there.mean((0, 1)), there.std((0, 1))
    lit = (new - new.mean((0, 1))) * (spread + 2.0) / (new.std((0, 1)) + 2.0) + mean
    cover = _soft(x1 - x0, y1 - y0)[..., np.newaxis]
    picture[y0:y1, x0:x1] = np.clip(there * (1 - cover) + lit * cover, 0, 255).astype(np.uint8)


def _soft(width: int, height: int) -> NDArray[np.float32]:
    """1 over the character, falling to 0 at the rim."""
    across = np.minimum(np.arange(width) + 0.5, np.arange(width)[::-1] + 0.5) / max(_ROOM * width, 1.0)
    down = np.minimum(np.arange(height) + 0.5, np.arange(height)[::-1] + 0.5) / max(_ROOM * height, 1.0)
    return np.minimum(np.clip(across, 0, 1)[None], np.clip(down, 0, 1)[:, None]).astype(np.float32)
