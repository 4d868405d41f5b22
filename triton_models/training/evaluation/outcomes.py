"""What became of every labelled plate: calibration, confused characters, the worst failures."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from triton_models.training.evaluation.plates import FoundPlate
from triton_models.training.labels.annotations import Box

BINS = 10
LEAST_PRECISION = 0.98
"""What the accept threshold is to keep."""
MISSED = "–"


@dataclass(frozen=True)
class Outcome:
    """`found` is None where no plate was found."""

    picture: str
    source: str
    box: Box
    text: str
    found: FoundPlate | None

    @property
    def right(self) -> bool:
        return self.found is not None and self.found.text == self.text


def reliability(outcomes: Iterable[Outcome]) -> list[dict[str, float]]:
    """Bins of equal width over the confidence of the found plates: how many, how sure, how often right."""
    sums = [[0.0, 0.0, 0.0] for _ in range(BINS)]
    for outcome in outcomes:
        if outcome.found is not None:
            counted = sums[min(int(outcome.found.confidence * BINS), BINS - 1)]
            counted[0] += 1
            counted[1] += outcome.found.confidence
            counted[2] += outcome.right
    return [
        {"reads": int(count), "confidence": round(sure / count, 4), "right": round(right / count, 4)}
        for count, sure, right in sums
        if count
    ]


def calibration_error(bins: Sequence[dict[str, float]]) -> float | None:
    """Expected calibration error (Naeini et al., 2015)."""
    reads = sum(each["reads"] for each in bins)
    if not reads:
        return None
    apart = sum(each["reads"] * abs(each["confidence"] - each["right"]) for each in bins)
    return round(apart / reads, 4)


def threshold_for(outcomes: Iterable[Outcome], precision: float = LEAST_PRECISION) -> dict[str, float] | None:
    """The lowest confidence from which on reads are right this often, and the share of all labelled plates
    that it accepts; None where even the surest are not."""
    everything = list(outcomes)
    reads = sorted(
        ((each.found.confidence, each.right) for each in everything if each.found is not None), reverse=True
    )
    best: dict[str, float] | None = None
    right = 0
    for number, (confidence, is_right) in enumerate(reads, 1):
        right += is_right
        last_of_its_confidence = number == len(reads) or reads[number][0] < confidence
        if last_of_its_confidence and right / number >= precision:
            best = {"confidence": round(confidence, 4), "accepts": round(number / len(everything), 4)}
    return best


def confusions(outcomes: Iterable[Outcome]) -> Counter[tuple[str, str]]:
    """True and read characters of the found plates by the cheapest alignment; the right ones count too."""
    counted: Counter[tuple[str, str]] = Counter()
    for outcome in outcomes:
        if outcome.found is not None:
            counted.update(aligned(outcome.text, outcome.found.text))
    return counted


def aligned(true: str, read: str) -> list[tuple[str, str]]:
    """Pairs of characters with the fewest changes (Levenshtein); one that lacks its other half stands
    beside MISSED."""
    costs = [list(range(len(read) + 1))]
    for row, character in enumerate(true, 1):
        above = costs[-1]
        line = [row]
        for column, other in enumerate(read, 1):
            line.append(min(above[column] + 1, line[-1] + 1, above[column - 1] + (character != other)))
        costs.append(line)
    pairs: list[tuple[str, str]] = []
    row, column = len(true), len(read)
    while row or column:
        here = costs[row][column]
        if row and column and here == costs[row - 1][column - 1] + (true[row - 1] != read[column - 1]):
            row, column = row - 1, column - 1
            pairs.append((true[row], read[column]))
        elif row and here == costs[row - 1][column] + 1:
            row -= 1
            pairs.append((true[row], MISSED))
        else:
            column -= 1
            pairs.append((MISSED, read[column]))
    return pairs[::-1]


def worst(outcomes: Iterable[Outcome], count: int) -> list[Outcome]:
    """Accepted and wrong first, then what was read wrong with most confidence, then what was not found."""

    def badness(outcome: Outcome) -> tuple[bool, float]:
        if outcome.found is None:
            return False, -1.0
        return outcome.found.accepted, outcome.found.confidence

    return sorted((each for each in outcomes if not each.right), key=badness, reverse=True)[:count]


def outcome_figures(outcomes: Sequence[Outcome]) -> dict[str, Any]:
    bins = reliability(outcomes)
    mistakes = [(pair, count) for pair, count in confusions(outcomes).most_common() if pair[0] != pair[1]]
    return {
        "calibration_error": calibration_error(bins),
        "reliability": bins,
        "threshold_for_98": threshold_for(outcomes),
        "confusions": [{"true": true, "read": read, "times": times} for (true, read), times in mistakes],
        "failures": [
            {
                "picture": each.picture,
                "text": each.text,
                "read": None if each.found is None else each.found.text,
                "confidence": None if each.found is None else round(each.found.confidence, 4),
                "accepted": each.found is not None and each.found.accepted,
            }
            for each in worst(outcomes, len(outcomes))
        ],
    }
