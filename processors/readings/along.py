"""Probabilities of places along a line of writing -> character slots, one row a character.

Best path decoding of connectionist temporal classification (Graves et al., 2006, 3.2.1), keeping of each run
of places the one that is surest to hold a character, with all its probabilities.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

_LEAST = 0.1
"""A run of places that hold a character with less than this is none: further runs only cost alignment."""


@dataclass(frozen=True, slots=True)
class Along:
    """`probabilities` [characters, 37], blank last; `places` which of the line's places each stands at."""

    probabilities: Floats
    places: NDArray[np.int64]


def characters_along(probabilities: NDArray[np.floating], *, least: float = _LEAST) -> Along:
    """The characters of one line [places, 37]."""
    held = 1.0 - probabilities[:, -1]
    best = probabilities[:, :-1].argmax(axis=1)
    kept: list[int] = []
    place = 0
    while place < len(probabilities):
        end = place + 1
        if held[place] >= least:
            while end < len(probabilities) and held[end] >= least and best[end] == best[place]:
                end += 1
            kept.append(place + int(held[place:end].argmax()))
        place = end
    rows = np.asarray(probabilities, np.float64)[kept].reshape(len(kept), probabilities.shape[1])
    rows = np.clip(rows, 0.0, 1.0)
    return Along(rows / np.maximum(rows.sum(axis=1, keepdims=True), 1e-9), np.array(kept, np.int64))
