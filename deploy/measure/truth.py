"""Finals against what truly passed: pure matching by camera, time and text."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from scipy.optimize import linear_sum_assignment

TIME_SLACK_SEC = 1.5
"""A final may begin or end this much before or after the plate counts as legible."""
FOREIGN_DISTANCE = 5
"""Texts that differ in so many characters are two vehicles, whatever the time says."""


@dataclass(frozen=True, kw_only=True)
class TruePassage:
    """A vehicle that passed a camera with its plate legible from `first_sec` to `last_sec`."""

    camera: str
    epoch: str
    text: str
    vehicle: str
    first_sec: float
    last_sec: float


@dataclass(frozen=True, kw_only=True)
class FoundFinal:
    """A final event, its times in the same seconds as the truth's."""

    event_id: str
    camera: str
    epoch: str
    text: str | None
    first_sec: float
    last_sec: float


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """`found` and `exact` are of `passed`; `double` are finals beyond the first for one passage,
    `optional` those of vehicles that had not yet passed or whose plate is never legible, `strangers` those
    of none."""

    passed: int
    found: int
    exact: int
    double: int
    optional: int
    strangers: tuple[FoundFinal, ...]
    missed: tuple[TruePassage, ...]
    misread: tuple[tuple[TruePassage, FoundFinal], ...]

    @property
    def invented(self) -> int:
        return len(self.strangers)

    @property
    def found_share(self) -> float:
        return self.found / self.passed if self.passed else 0.0

    @property
    def exact_share(self) -> float:
        return self.exact / self.passed if self.passed else 0.0


def compare(
    truth: Sequence[TruePassage], finals: Sequence[FoundFinal], *, may_come: Sequence[TruePassage] = ()
) -> Verdict:
    """Match every passage with at most one final of its camera, epoch and time, nearest text first.

    Of those that `may_come` there can be a final, and need not.
    """
    pairs = _matched(truth, finals)
    left = set(range(len(finals))) - {final for _, final in pairs}
    double = {index for index in left if any(_may_be(passage, finals[index]) for passage in truth)}
    optional = {
        index for index in left - double if any(_may_be(passage, finals[index]) for passage in may_come)
    }
    taken = {passage for passage, _ in pairs}
    misread = [(truth[a], finals[b]) for a, b in pairs if truth[a].text != finals[b].text]
    return Verdict(
        passed=len(truth),
        found=len(pairs),
        exact=len(pairs) - len(misread),
        double=len(double),
        optional=len(optional),
        strangers=tuple(finals[index] for index in sorted(left - double - optional)),
        missed=tuple(passage for index, passage in enumerate(truth) if index not in taken),
        misread=tuple(misread),
    )


def distance(one: str, other: str) -> int:
    """Levenshtein distance of two texts."""
    row = list(range(len(other) + 1))
    for i, left in enumerate(one, start=1):
        previous, row[0] = row[0], i
        for j, right in enumerate(other, start=1):
            previous, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, previous + (left != right))
    return row[-1]


def _matched(truth: Sequence[TruePassage], finals: Sequence[FoundFinal]) -> list[tuple[int, int]]:
    if not truth or not finals:
        return []
    far = 1000.0
    cost = np.full((len(truth), len(finals)), far)
    for a, passage in enumerate(truth):
        for b, final in enumerate(finals):
            if _may_be(passage, final):
                cost[a, b] = distance(passage.text, final.text or "")
    rows, columns = linear_sum_assignment(cost)
    return [(int(a), int(b)) for a, b in zip(rows, columns, strict=True) if cost[a, b] < far]


def _may_be(passage: TruePassage, final: FoundFinal) -> bool:
    if (passage.camera, passage.epoch) != (final.camera, final.epoch):
        return False
    if final.first_sec > passage.last_sec + TIME_SLACK_SEC:
        return False
    if final.last_sec < passage.first_sec - TIME_SLACK_SEC:
        return False
    return distance(passage.text, final.text or "") < FOREIGN_DISTANCE


def in_window(truth: Iterable[TruePassage], *, until_sec: float) -> list[TruePassage]:
    """The passages that were over before a film was stopped."""
    return [passage for passage in truth if passage.last_sec <= until_sec]
