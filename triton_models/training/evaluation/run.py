"""An evaluation from end to end: labelled pictures and a way to read one in, counts per class out.

How a picture is read is the caller's: the same cascade that reads pictures for people. A picture that is
missing or does not open is named, skipped and counted, and the rest goes on.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from contracts.errors import SetAside
from triton_models.training.evaluation.outcomes import Outcome
from triton_models.training.evaluation.plates import FoundPlate, SourceCounts, count_picture, pairs
from triton_models.training.evaluation.report import ALONE, EVERYTHING, IN_WHOLE, WIDE
from triton_models.training.labels.annotations import Annotation, Box, LabelledPlate, Skipped, as_read
from triton_models.training.labels.visible import visible

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class PictureRead:
    """`size_wh`: of the pixels; None: as the labels say."""

    plates: Sequence[FoundPlate]
    dark: bool = False
    size_wh: tuple[int, int] | None = None


ReadPicture = Callable[[Path], Awaitable[PictureRead]]
"""Raises `SetAside` for a file that is no readable picture."""

SMALL_WIDTH_PX = 60
ALONE_SHARE = 0.5
"""A plate of at least this share of its picture's width is a picture of a plate alone."""
DARK = "night"


@dataclass
class Evaluation:
    counts: dict[str, SourceCounts] = field(default_factory=lambda: {EVERYTHING: SourceCounts()})
    skipped: list[Skipped] = field(default_factory=list)
    outcomes: list[Outcome] = field(default_factory=list)
    looked_at: list[Annotation] = field(default_factory=list)
    """Pictures that were read, with those of their labels that lie in them."""

    def count(
        self, note: Annotation, finds: Sequence[FoundPlate], milliseconds: float, *, dark: bool = False
    ) -> None:
        """`dark`: by its pixels the picture was taken at night; it counts as a class of its own."""
        names = (EVERYTHING, note.source, DARK) if dark else (EVERYTHING, note.source)
        counts = [self.counts.setdefault(name, SourceCounts()) for name in names]
        count_picture(counts, note.plates, finds, note.plates_complete, milliseconds)
        self._count_classes(note, finds)
        self.outcomes += [
            Outcome(note.image, note.source, label.box, label.text, find)
            for label, find in pairs(note.plates, finds)[0]
            if label.text is not None
        ]

    def _count_classes(self, note: Annotation, finds: Sequence[FoundPlate]) -> None:
        """The same plates again by what they are; times and finds beside labels stay with the sources."""
        of = [(label, classes(label, note.width)) for label in note.plates]
        for name in {name for _, names in of for name in names}:
            of_class = [label if name in names else LabelledPlate(box=label.box) for label, names in of]
            count_picture([self.counts.setdefault(name, SourceCounts())], of_class, finds, False, None)


def classes(label: LabelledPlate, picture_width: int) -> set[str]:
    """By lines, by width, and by how much of its picture the plate is."""
    lines = {1: "one line", 2: "two lines"}.get(label.lines or 0)
    width = "small" if width_of(label.box) < SMALL_WIDTH_PX else WIDE
    names = {name for name in (lines, width) if name}
    if width_of(label.box) >= ALONE_SHARE * picture_width:
        return names | {ALONE}
    return names | {f"{IN_WHOLE}, {name}" for name in names}


def width_of(box: Box) -> float:
    return box[2] - box[0]


async def evaluate(
    folder: Path, pictures: Sequence[Annotation], read: ReadPicture, step: Callable[[], None]
) -> Evaluation:
    found = Evaluation()
    for note in pictures:
        began = time.perf_counter()
        try:
            seen = await read(folder / note.image)
        except SetAside as error:
            logger.warning("%s: %s: skipped", note.image, error)
            found.skipped.append(Skipped(note.image, str(error)))
        else:
            milliseconds = 1e3 * (time.perf_counter() - began)
            labelled = visible(as_read(note), seen.size_wh or (note.width, note.height), found.skipped)
            found.looked_at.append(labelled)
            found.count(labelled, seen.plates, milliseconds, dark=seen.dark)
        step()
    return found
