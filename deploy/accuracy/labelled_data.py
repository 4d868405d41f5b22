"""A folder of labelled pictures -> what it holds, what is wrong with it, a contact sheet, suspect labels."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from contracts.errors import Rejected
from deploy.reading.pictures import open_picture
from processors.adapters.onnx import OnnxInference
from triton_models.tensors import CHARACTERS
from triton_models.training.characters.plates import read_plates
from triton_models.training.characters.score import served_crops
from triton_models.training.evaluation.choice import spread
from triton_models.training.labels.annotations import Annotation, Annotations, read_annotations
from triton_models.training.labels.checks import KINDS, TWIN, Finding, check_labels, check_pictures
from triton_models.training.labels.contact_sheet import Pixels, contact_sheet
from triton_models.training.labels.fingerprints import Fingerprint, fingerprint, twins
from triton_models.training.labels.suspects import SPLITS, Suspect, suspects

SCHEMA = 1
_ON_SHEET = 8
_BATCH = 64


@dataclass
class DataReport:
    folder: Path
    notes: Annotations
    findings: list[Finding]
    sheet: Pixels
    suspects: list[Suspect] = field(default_factory=list)

    def figures(self) -> dict[str, Any]:
        """What goes into data.json."""
        return {
            "schema": SCHEMA,
            "pictures": str(self.folder),
            "sources": _by_source(self.notes.pictures),
            "damaged_lines": [asdict(line) for line in self.notes.skipped],
            "found": {kind: sum(each.kind == kind for each in self.findings) for kind in KINDS},
            "findings": [asdict(each) for each in self.findings],
            "suspect_labels": len(self.suspects),
        }


def looked_through(folder: Path, begin: Callable[[int], Callable[[], None]]) -> DataReport:
    """Opens every picture once. `begin` is told how many and gives what is called after each.

    Raises:
        Stop: the folder has no annotations.
    """
    notes = read_annotations(folder)
    on_sheet = {note.image for shown in _chosen(notes.pictures).values() for note in shown}
    marks: list[tuple[Annotation, Fingerprint]] = []
    tiles: dict[str, Pixels] = {}
    step = begin(len(notes.pictures))

    def seen(note: Annotation, pixels: Pixels | None) -> None:
        if pixels is not None:
            marks.append((note, fingerprint(pixels)))
            if note.image in on_sheet:
                tiles[note.image] = pixels
        step()

    findings = [finding for note in notes.pictures for finding in check_labels(note)]
    findings += check_pictures(folder, notes.pictures, _opened, seen)
    findings += _twins(marks)
    rows = [
        (source, [(note, tiles[note.image]) for note in shown if note.image in tiles])
        for source, shown in sorted(_chosen(notes.pictures).items())
    ]
    return DataReport(folder, notes, findings, contact_sheet(rows))


async def suspect_labels(folder: Path, repository: Path) -> list[Suspect]:
    """What the shipped reader says of the labels of `train` and `val`."""
    inference = OnnxInference(repository)
    found: list[Suspect] = []
    try:
        for split in SPLITS:
            plates = read_plates(folder, split).plates
            for start in range(0, len(plates), _BATCH):
                some = plates[start : start + _BATCH]
                answer = await inference.infer(CHARACTERS.model, served_crops(some))
                found += suspects(some, np.asarray(answer["probabilities"], np.float32))
    finally:
        await inference.close()
    return sorted(found, key=lambda each: -each.probability)


def _opened(path: Path) -> Pixels:
    try:
        return open_picture(path)
    except Rejected as error:
        raise ValueError(error.why) from error


def _twins(marks: list[tuple[Annotation, Fingerprint]]) -> list[Finding]:
    pairs = twins([mark for _, mark in marks], [note.split for note, _ in marks])
    return [
        Finding(marks[one][0].image, TWIN, f"{marks[other][0].image} ({marks[other][0].split}), {bits} bits")
        for one, other, bits in pairs
    ]


def _chosen(notes: list[Annotation]) -> dict[str, list[Annotation]]:
    sources: dict[str, list[Annotation]] = {}
    for note in notes:
        sources.setdefault(note.source, []).append(note)
    return {source: spread(listed, _ON_SHEET, lambda note: note.image) for source, listed in sources.items()}


def _by_source(notes: list[Annotation]) -> dict[str, dict[str, Any]]:
    figures: dict[str, dict[str, Any]] = {}
    for source in sorted({note.source for note in notes}):
        listed = [note for note in notes if note.source == source]
        plates = [plate for note in listed for plate in note.plates]
        figures[source] = {
            "pictures": dict(sorted(Counter(note.split for note in listed).items())),
            "plates": len(plates),
            "with_text": sum(plate.text is not None for plate in plates),
            "two_lines": sum(plate.lines == 2 for plate in plates),
            "vehicles": sum(len(note.vehicles) for note in listed),
        }
    return figures


def write_sheet(path: Path, sheet: Pixels) -> None:
    """As its name ends, else as JPEG.

    Raises:
        OSError: it cannot be written.
    """
    kind = path.suffix if cv2.haveImageWriter(path.name) else ".jpg"
    path.write_bytes(cv2.imencode(kind, sheet[..., ::-1].copy())[1].tobytes())
