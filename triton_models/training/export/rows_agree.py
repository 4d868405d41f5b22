"""Whether two outputs of a detector say the same: as they stand, or row for row where it chooses its rows.

Where of two boxes that overlap by just so much one is dropped, the last digit of a number decides: a row is
missing, and all behind it stand one place further up.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from triton_models.geometry import iou

Floats = NDArray[np.float32]

MOST_ALONE = 0.1
"""Of the rows of both outputs together, at most: those that the other output does not have."""
_SAME_OBJECT = 0.8
"""Least overlap: of two boxes that share less, one may stand for the other where a digit decides."""
_RIM_PX = 1.0
"""Boxes that were cut off at an edge of the picture may have no area; with a rim they overlap themselves."""


@dataclass(frozen=True)
class Agreement:
    """`difference`: the largest of two values that belong together; NaN where one of the outputs holds no
    number. `rows` of both outputs together, and how many of them are `alone`."""

    difference: float
    rows: int = 0
    alone: int = 0

    def broken(self, tolerance: float) -> str:
        """What is wrong with the file that served; empty where the outputs are the same."""
        if not self.difference <= tolerance:
            return (
                f"differs from the trained network by {self.difference:.4g}, at most {tolerance:g} is allowed"
            )
        if self.alone > MOST_ALONE * self.rows:
            return (
                f"has other rows than the trained network: {self.alone} of {self.rows} are only in one of"
                f" them, at most {MOST_ALONE:.0%} may be"
            )
        return ""


Compare = Callable[[Floats, Floats], Agreement]
"""What a network says of some pictures [N, ...], and what its file says of them."""


def all_values(said: Floats, served: Floats) -> Agreement:
    return Agreement(float(np.abs(said - served).max()))


def vehicle_rows(said: Floats, served: Floats) -> Agreement:
    """Of [N, rows, 6], box, score and class, those with a score: matched one to one within each picture."""
    if not (np.isfinite(said).all() and np.isfinite(served).all()):
        return Agreement(float("nan"))
    difference, rows, alone = 0.0, 0, 0
    for one, other in zip(said, served, strict=True):
        left, right = one[one[:, 4] > 0], other[other[:, 4] > 0]
        partners = _partners(left, right)
        difference = max([difference, *(float(np.abs(left[a] - right[b]).max()) for a, b in partners)])
        rows += len(left) + len(right)
        alone += len(left) + len(right) - 2 * len(partners)
    return Agreement(difference, rows, alone)


def _partners(left: Floats, right: Floats) -> list[tuple[int, int]]:
    """Rows of one class whose boxes overlap, those first that differ least."""
    rim = np.array([-_RIM_PX, -_RIM_PX, _RIM_PX, _RIM_PX], np.float32)
    candidates: list[tuple[float, int, int]] = []
    for a, row in enumerate(left):
        near = (iou(row[:4] + rim, right[:, :4] + rim) > _SAME_OBJECT) & (right[:, 5] == row[5])
        candidates += [(float(np.abs(row - right[b]).max()), a, b) for b in np.flatnonzero(near).tolist()]
    partners: dict[int, int] = {}
    for _, a, b in sorted(candidates):
        if a not in partners and b not in partners.values():
            partners[a] = b
    return list(partners.items())
