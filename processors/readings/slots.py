"""Characters seen on a plate -> a matrix of probabilities, one row a slot, in reading order."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from contracts.messages.common import ALPHABET, Xyxy

BLANK = len(ALPHABET)
CLASSES = BLANK + 1
_INDEX = {character: index for index, character in enumerate(ALPHABET)}
# A class that a sighting left out was improbable, not impossible: a later frame may still bring it up.
_LEFT_OUT = 2e-5

Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Slots:
    """`probabilities` [slots, 37] sums to 1 in each row, blank last; `boxes` [slots, 4] xyxy in the frame."""

    probabilities: Floats
    boxes: Floats
    lines: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.probabilities)

    @property
    def text(self) -> str:
        """The most probable character of each slot, blanks dropped."""
        return "".join(ALPHABET[best] for best in self.probabilities.argmax(axis=1) if best != BLANK)

    @property
    def certainty(self) -> Floats:
        """Probability of the most probable class of each slot."""
        best: Floats = self.probabilities.max(axis=1)
        return best


class Character(Protocol):
    """A character as a sighting or an event has it."""

    @property
    def xyxy(self) -> Xyxy: ...
    @property
    def line(self) -> int: ...
    @property
    def probabilities(self) -> Mapping[str, float]: ...


def slots_of(characters: Sequence[Character]) -> Slots:
    """The slots of a plate. What a slot's probabilities lack to 1 goes to "no character here"."""
    count = len(characters)
    probabilities = np.full((count, CLASSES), _LEFT_OUT)
    for row, seen in zip(probabilities, characters, strict=True):
        for character, probability in seen.probabilities.items():
            if character in _INDEX:
                row[_INDEX[character]] = max(probability, _LEFT_OUT)
        row[BLANK] = max(1.0 - row[:BLANK].sum(), _LEFT_OUT)
    probabilities /= probabilities.sum(axis=1, keepdims=True)
    boxes = np.array([seen.xyxy for seen in characters], dtype=np.float64).reshape(count, 4)
    return Slots(probabilities, boxes, np.array([seen.line for seen in characters], dtype=np.int64))


def tempered(slots: Slots, temperature: float) -> Slots:
    """The same slots, surer (temperature under 1) or less sure (over 1)."""
    if temperature == 1.0 or len(slots) == 0:
        return slots
    powers = np.power(slots.probabilities, 1.0 / temperature)
    return Slots(powers / powers.sum(axis=1, keepdims=True), slots.boxes, slots.lines)
