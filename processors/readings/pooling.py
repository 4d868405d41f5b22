"""Two opinions of one plate's characters -> one, character by character."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from processors.readings.alignment import Pairs, aligned
from processors.readings.slots import BLANK, CLASSES, Floats, Slots

_SMALLEST = 5e-3
"""An opinion that is sure and wrong is bounded: none says less than this of any class."""


def logs(probabilities: Floats) -> Floats:
    bounded: Floats = np.log((probabilities + _SMALLEST) / (1.0 + CLASSES * _SMALLEST))
    return bounded


NOTHING = logs(np.eye(CLASSES)[BLANK])
"""What who saw no character says of one."""


def pooled(ours: Slots, others: Slots, *, share: float, sharpness: float) -> tuple[Slots, Pairs]:
    """Both as one row of slots with boxes of whoever has the slot, ours first, and what was put together.

    A logarithmic pool (Genest and Zidek, "Combining Probability Distributions", 1986): `share` is the others'
    weight, `sharpness` the power of the whole: 1 for opinions that are one, 2 for independent ones.
    """
    pairs, _ = aligned(ours, others)
    mine, theirs = logs(ours.probabilities), logs(others.probabilities)
    sums = np.array(
        [
            (1.0 - share) * (mine[one] if one is not None else NOTHING)
            + share * (theirs[other] if other is not None else NOTHING)
            for one, other in pairs
        ]
    ).reshape(len(pairs), CLASSES)
    powers = np.exp(sharpness * (sums - sums.max(axis=1, keepdims=True, initial=-np.inf)))
    # Whoever has the slot says where it is: ours, and the others' behind them.
    whose = [one if one is not None else len(ours) + (other or 0) for one, other in pairs]
    slots = Slots(
        powers / powers.sum(axis=1, keepdims=True),
        np.concatenate((ours.boxes, others.boxes))[whose],
        np.concatenate((ours.lines, others.lines))[whose],
    )
    return slots, pairs


def mean_of(opinions: Sequence[Slots]) -> Slots | None:
    """Opinions that are hardly independent, each of the same weight, as one; None of none."""
    mean: Slots | None = None
    for number, opinion in enumerate(opinions):
        mean = opinion if mean is None else pooled(mean, opinion, share=1 / (number + 1), sharpness=1.0)[0]
    return mean
