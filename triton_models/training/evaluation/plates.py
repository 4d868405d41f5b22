"""Found plates held against labelled ones: pairs, and counts a source, with nothing read from disk.

A label and a find belong together by where they are. A find beside every label is a false one only
where the source says that it labelled every plate.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from triton_models.training.evaluation.intervals import Rate
from triton_models.training.labels.annotations import Box, LabelledPlate

_LEAST_OVERLAP = 0.25
"""Loose on purpose: labels of tilted plates are upright boxes, and some are drawn wide."""


@dataclass(frozen=True)
class FoundPlate:
    box: Box
    text: str
    confidence: float
    accepted: bool


@dataclass
class SourceCounts:
    """What became of the plates of one source."""

    pictures: int = 0
    labelled: int = 0
    found: int = 0
    exact: int = 0
    accepted: int = 0
    accepted_right: int = 0
    not_labelled: int = 0
    milliseconds: list[float] = field(default_factory=list)
    texts: dict[str, bool] = field(default_factory=dict)
    """Each distinct labelled text, and whether it was read exactly at least once."""

    @property
    def exact_rate(self) -> Rate:
        return Rate(self.exact, self.labelled)

    @property
    def recall(self) -> Rate:
        return Rate(self.found, self.labelled)

    @property
    def precision(self) -> Rate:
        """Of the accepted reads that could be judged."""
        return Rate(self.accepted_right, self.accepted)

    @property
    def distinct(self) -> Rate:
        return Rate(sum(self.texts.values()), len(self.texts))


def overlap(one: Box, other: Box) -> float:
    """Intersection over union."""
    width = min(one[2], other[2]) - max(one[0], other[0])
    height = min(one[3], other[3]) - max(one[1], other[1])
    if width <= 0 or height <= 0:
        return 0.0
    areas = sum((box[2] - box[0]) * (box[3] - box[1]) for box in (one, other))
    return width * height / (areas - width * height)


def pairs(
    labels: Sequence[LabelledPlate], finds: Sequence[FoundPlate]
) -> tuple[list[tuple[LabelledPlate, FoundPlate | None]], list[FoundPlate]]:
    """Each label with the find that overlaps it most, each find used once; then the finds left over."""
    candidates = sorted(
        (
            (overlap(label.box, find.box), -row, -column)
            for row, label in enumerate(labels)
            for column, find in enumerate(finds)
        ),
        reverse=True,
    )
    of_label: dict[int, int] = {}
    used: set[int] = set()
    for shared, minus_row, minus_column in candidates:
        row, column = -minus_row, -minus_column
        if shared >= _LEAST_OVERLAP and row not in of_label and column not in used:
            of_label[row] = column
            used.add(column)
    matched = [(label, finds[of_label[row]] if row in of_label else None) for row, label in enumerate(labels)]
    return matched, [find for column, find in enumerate(finds) if column not in used]


def count_picture(
    counts: Iterable[SourceCounts],
    labels: Sequence[LabelledPlate],
    finds: Sequence[FoundPlate],
    complete: bool,
    milliseconds: float | None,
) -> None:
    """Adds one picture to each of `counts` (its source's, everything's)."""
    matched, rest = pairs(labels, finds)
    for count in counts:
        count.pictures += 1
        if milliseconds is not None:
            count.milliseconds.append(milliseconds)
        for label, find in matched:
            if label.text is not None:
                _count_plate(count, label.text, find)
        count.not_labelled += len(rest)
        if complete:
            count.accepted += sum(find.accepted for find in rest)


def _count_plate(count: SourceCounts, text: str, find: FoundPlate | None) -> None:
    right = find is not None and find.text == text
    count.labelled += 1
    count.found += find is not None
    count.exact += right
    count.texts[text] = count.texts.get(text, False) or right
    if find is not None and find.accepted:
        count.accepted += 1
        count.accepted_right += right
