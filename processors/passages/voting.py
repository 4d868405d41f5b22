"""Reads of one plate over frames -> one row of slots, and which read shows it best.

Each read's slots are aligned to those of the clearest read and their log probabilities added up by
weight (a geometric mean sharpened by the number of reads): characters vote, strings do not.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from processors.passages.observations import PlateRead
from processors.readings.alignment import Pairs, aligned
from processors.readings.pooling import NOTHING, logs, pooled
from processors.readings.slots import CLASSES, Floats, Slots

# Frames of one passage share their faults, so that n reads count as n to this power.
_INDEPENDENCE = 0.3
_NO_VEHICLE = 0.5


@dataclass(frozen=True, eq=False)
class Vote:
    """`slots` after voting, with boxes in the frame of `best`, the read that shows the result best."""

    slots: Slots
    best: PlateRead


def vote(reads: Sequence[PlateRead]) -> Vote:
    """The vote of at least one read."""
    ordered = sorted(reads, key=lambda read: -read.clarity)
    ballot = _Ballot(ordered[0])
    for read in ordered[1:]:
        ballot.add(read)
    return _shown(ballot.result(sharpened_by=len(reads) ** _INDEPENDENCE), ordered)


def with_look(voted: Vote, look: Slots, *, sharpness: float = 2.0) -> Vote:
    """The vote with one more look at the frames, which weighs as much as the vote."""
    slots, _ = pooled(voted.slots, look, share=0.5, sharpness=sharpness)
    ways, _ = aligned(slots, voted.best.slots)
    boxes = _boxes(len(slots), voted.best.slots, ways)
    return Vote(Slots(slots.probabilities, boxes, slots.lines), voted.best)


class _Ballot:
    """Weighted sums of log probabilities, one row a slot."""

    def __init__(self, read: PlateRead) -> None:
        self._weight = read.weight
        self._sums = read.weight * logs(read.slots.probabilities)
        self._lines = read.slots.lines

    def add(self, read: PlateRead) -> None:
        """One more read. A slot that one side lacks gets that side's vote for "no character"."""
        pairs, _ = aligned(self.result(), read.slots)
        votes = logs(read.slots.probabilities)
        self._sums = np.array(
            [
                (self._sums[old] if old is not None else self._weight * NOTHING)
                + read.weight * (votes[new] if new is not None else NOTHING)
                for old, new in pairs
            ]
        ).reshape(len(pairs), CLASSES)
        self._lines = np.array(
            [self._lines[old] if old is not None else read.slots.lines[new] for old, new in pairs],
            dtype=np.int64,
        )
        self._weight += read.weight

    def result(self, *, sharpened_by: float = 1.0) -> Slots:
        """Probabilities of the slots as voted so far, without boxes."""
        logs = self._sums / self._weight * sharpened_by
        powers = np.exp(logs - logs.max(axis=1, keepdims=True, initial=-np.inf))
        probabilities = powers / powers.sum(axis=1, keepdims=True)
        return Slots(probabilities, np.zeros((len(logs), 4)), self._lines)


def _shown(voted: Slots, reads: Sequence[PlateRead]) -> Vote:
    """The read that agrees most with the vote, by its weight; its boxes stand for the voted slots.

    One that shows the vehicle too is preferred: it is the evidence.
    """
    ways = [aligned(voted, read.slots) for read in reads]
    scores = [
        np.log(read.weight) - cost - _NO_VEHICLE * (read.vehicle is None)
        for read, (_, cost) in zip(reads, ways, strict=True)
    ]
    best = int(np.argmax(scores))
    boxes = _boxes(len(voted), reads[best].slots, ways[best][0])
    return Vote(Slots(voted.probabilities, boxes, voted.lines), reads[best])


def _boxes(count: int, slots: Slots, pairs: Pairs) -> Floats:
    """Boxes of the aligned slots; one that the read lacks stands beside its nearest neighbour."""
    boxes = np.zeros((count, 4))
    known = {left: slots.boxes[right] for left, right in pairs if left is not None and right is not None}
    for index in range(count):
        if index in known:
            boxes[index] = known[index]
        elif known:
            nearest = min(known, key=lambda other: abs(other - index))
            width = known[nearest][2] - known[nearest][0]
            boxes[index] = known[nearest] + np.array([1, 0, 1, 0]) * width * (index - nearest)
    return boxes
