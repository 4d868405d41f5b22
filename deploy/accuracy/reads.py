"""Others' detectors and readers as cascades, on the pictures and by the counting of ours.

Every reader is put behind every detector and has two rows: as it reads, where all that it says counts as
accepted, and by the rules of Indian numbers, where what fits them does.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from contracts.errors import Rejected
from deploy.accuracy.peers import OURS
from deploy.reading.pictures import open_picture
from triton_models.geometry import box_corners
from triton_models.training.evaluation.indian_rules import by_indian_rules
from triton_models.training.evaluation.peers import (
    Boxes,
    Detector,
    Floats,
    Reader,
    Rgb,
    plate_detectors,
    plate_readers,
)
from triton_models.training.evaluation.plates import FoundPlate, SourceCounts, count_picture
from triton_models.training.evaluation.report import EVERYTHING
from triton_models.training.labels.annotations import Annotation

_LEAST_PLATE = 0.25
"""HyperLPR3 asks as much, of the objectness alone: a little less strict than this is of the whole score."""


async def reads_beside_ours(
    pictures: Path, notes: Sequence[Annotation], ours: Mapping[str, SourceCounts], peers: Path | None
) -> dict[str, dict[str, Any]]:
    """A row a cascade; none without a detector and a reader in `peers`.

    `notes` are the pictures on which `ours` were counted.
    """
    return await asyncio.to_thread(_measured, pictures, notes, ours, peers)


def _measured(
    pictures: Path, notes: Sequence[Annotation], ours: Mapping[str, SourceCounts], peers: Path | None
) -> dict[str, dict[str, Any]]:
    cascades = Cascades(plate_detectors(peers), plate_readers(peers))
    for note in notes if cascades.counts else ():
        try:
            picture = open_picture(pictures / note.image)
        except Rejected:
            continue  # named by the run from end to end
        cascades.add(note, picture)
    return cascades.rows_beside(ours)


class Cascades:
    """Each detector looks at a picture once, each reader once at each plate that it found."""

    def __init__(self, detectors: Mapping[str, Detector], readers: Mapping[str, Reader]) -> None:
        self._detectors = detectors
        self._readers = readers
        self.counts: dict[str, dict[str, SourceCounts]] = {
            row: {} for detector in detectors for reader in readers for row in _rows(detector, reader)
        }

    def add(self, note: Annotation, picture: Rgb) -> None:
        for detector, detect in self._detectors.items():
            found = _sure(detect(picture))
            for reader, read in self._readers.items():
                texts = [read(picture, corners) for corners in _corners(found)]
                numbers = [by_indian_rules(text) for text in texts]
                kept = [number or text for number, text in zip(numbers, texts, strict=True)]
                as_read, by_rules = _rows(detector, reader)
                self._count(as_read, note, _finds(found, texts, texts))
                self._count(by_rules, note, _finds(found, kept, numbers))

    def _count(self, row: str, note: Annotation, finds: Sequence[FoundPlate]) -> None:
        counts = [self.counts[row].setdefault(name, SourceCounts()) for name in (EVERYTHING, note.source)]
        count_picture(counts, note.plates, finds, note.plates_complete, None)

    def rows_beside(self, ours: Mapping[str, SourceCounts]) -> dict[str, dict[str, Any]]:
        """Ours first, then the others; of everything and of each source that was looked at."""
        names = list(dict.fromkeys(name for counts in self.counts.values() for name in counts))
        all_rows = {OURS: ours, **self.counts} if names else {}
        return {row: _figures(counts, names) for row, counts in all_rows.items()}


def _rows(detector: str, reader: str) -> tuple[str, str]:
    """Names of what a cascade reads by itself and of what rules make of it."""
    return f"{detector} + {reader}", f"{detector} + {reader} + Indian rules"


def _figures(counts: Mapping[str, SourceCounts], names: Iterable[str]) -> dict[str, Any]:
    figures: dict[str, Any] = {}
    for name in names:
        figures[name] = counts[name].exact_rate.figures()
        figures[f"{name}: accepted, right"] = counts[name].precision.figures()
    return figures


def _finds(found: Boxes, texts: Iterable[str], accepted: Iterable[str | None]) -> list[FoundPlate]:
    """An empty text, or none, is nothing that was accepted."""
    finds = []
    for box, score, text, number in zip(found.xyxy, found.scores, texts, accepted, strict=True):
        x0, y0, x1, y1 = (float(value) for value in box)
        finds.append(FoundPlate((x0, y0, x1, y1), text, float(score), accepted=bool(number)))
    return finds


def _sure(found: Boxes) -> Boxes:
    sure = found.scores >= _LEAST_PLATE
    return Boxes(found.xyxy[sure], found.scores[sure], None if found.corners is None else found.corners[sure])


def _corners(found: Boxes) -> Floats:
    return box_corners(found.xyxy.astype(np.float32)) if found.corners is None else found.corners
