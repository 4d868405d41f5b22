"""Pictures -> fingerprints that survive scaling and compression, and pairs of pictures that look the same.

The fingerprint is the difference hash (Krawetz, "Kind of Like That", 2013) at 16 x 16: for each place,
whether the picture grows brighter to the right.
"""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

_SIDE = 16
MOST_DIFFERENT_BITS = 20
"""Of 256. Re-compressed and re-scaled copies differ by under ten, other pictures by about a hundred."""
_ROWS_AT_ONCE = 256

Fingerprint = NDArray[np.uint8]
"""[32], eight bits each."""


def fingerprint(pixels: NDArray[np.uint8]) -> Fingerprint:
    """Of an RGB picture."""
    gray = cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY)
    small = cv2.resize(gray, (_SIDE + 1, _SIDE), interpolation=cv2.INTER_AREA).astype(np.int16)
    return np.packbits(small[:, 1:] > small[:, :-1])


def twins(
    fingerprints: Sequence[Fingerprint], splits: Sequence[str], most: int = MOST_DIFFERENT_BITS
) -> list[tuple[int, int, int]]:
    """Pairs of different splits that look the same, and in how many bits they differ, likest first."""
    if not fingerprints:
        return []
    bits = np.stack(fingerprints)
    of_split = np.unique(np.array(splits), return_inverse=True)[1]
    found: list[tuple[int, int, int]] = []
    for start in range(0, len(bits), _ROWS_AT_ONCE):
        rows = bits[start : start + _ROWS_AT_ONCE]
        differing = np.bitwise_count(rows[:, None] ^ bits[None]).sum(-1, dtype=np.int64)
        apart = of_split[start : start + len(rows), None] != of_split[None]
        later = np.arange(len(bits))[None] > np.arange(start, start + len(rows))[:, None]
        for row, column in zip(*np.nonzero((differing <= most) & apart & later), strict=True):
            found.append((start + int(row), int(column), int(differing[row, column])))
    return sorted(found, key=lambda pair: pair[2])
