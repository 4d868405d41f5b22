"""Probabilities of places along a line of writing -> character slots, one row a character.

Best path decoding of connectionist temporal classification (Graves et al., 2006, 3.2.1), keeping of each run
of places the one that is surest to hold a character, with all its probabilities.
"""

from __future__ import annotations

from collections.abc import Iterator
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
    kept = [first + int(held[first:end].argmax()) for first, end in _runs(probabilities, held >= least)]
    rows = np.asarray(probabilities, np.float64)[kept].reshape(len(kept), probabilities.shape[1])
    rows = np.clip(rows, 0.0, 1.0)
    return Along(rows / np.maximum(rows.sum(axis=1, keepdims=True), 1e-9), np.array(kept, np.int64))


def _runs(probabilities: NDArray[np.floating], holds: NDArray[np.bool_]) -> Iterator[tuple[int, int]]:
    """First place and end of each run that may hold one character. Where some places of a run surely hold it,
    each unbroken row of them is one: doubled characters have but a likely blank between them."""
    best = probabilities[:, :-1].argmax(axis=1)
    surely = probabilities.argmax(axis=1) < probabilities.shape[1] - 1
    for first, end in _rows_of_same(np.where(holds, best, -1)):
        if not holds[first]:
            continue
        rows = [row for row in _rows_of_same(surely[first:end]) if surely[first + row[0]]]
        yield from ((first + one, first + other) for one, other in rows or [(0, end - first)])


def _rows_of_same(values: NDArray[np.generic]) -> list[tuple[int, int]]:
    """Beginning and end of each row of equal values."""
    if not len(values):
        return []
    changes = (np.flatnonzero(values[1:] != values[:-1]) + 1).tolist()
    return list(zip([0, *changes], [*changes, len(values)], strict=True))
