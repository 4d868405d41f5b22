"""A folder of labelled pictures -> how well it is read: the cascade of `platestream read` against labels."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from contracts.errors import Rejected
from deploy.accuracy_of_models import detectors_alone, reader_alone
from deploy.reading.answers import PlateAnswer
from deploy.reading.reader import PictureReader
from triton_models.geometry import corners_box
from triton_models.training.annotations import read_annotations
from triton_models.training.evaluate_choice import chosen
from triton_models.training.evaluate_plates import FoundPlate
from triton_models.training.evaluate_report import report
from triton_models.training.evaluate_run import Evaluation
from triton_models.training.evaluate_run import evaluate as evaluate_pictures


@dataclass(frozen=True, kw_only=True)
class Question:
    """Which pictures of a folder are looked at, and with which models."""

    pictures: Path
    split: str
    limit: int | None
    repository: Path


@dataclass(frozen=True)
class Accuracy:
    evaluation: Evaluation
    figures: dict[str, Any]
    """What goes into accuracy.json."""


async def accuracy(question: Question, begin: Callable[[int], Callable[[], None]]) -> Accuracy:
    """`begin` is told the number of pictures and gives what is called after each."""
    notes = read_annotations(question.pictures, question.split)
    looked_at = chosen(notes.pictures, question.limit)
    reader = PictureReader(question.repository)
    try:
        found = await evaluate_pictures(question.pictures, looked_at, _reads(reader), begin(len(looked_at)))
        names = {note.image for note in looked_at} - {item.picture for item in found.skipped}
        characters = await reader_alone(question.pictures, question.split, names, reader.inference)
        detectors = await detectors_alone(
            question.pictures, question.split, notes.pictures, question.limit, reader.inference
        )
    finally:
        await reader.close()
    found.skipped[:0] = notes.skipped
    figures = report(
        pictures=str(question.pictures),
        split=question.split,
        limit=question.limit,
        models=[
            {"name": used.name, "version": used.version, "sha256": used.sha256}
            for used in reader.inference.models
        ],
        counts=found.counts,
        alone={"characters": characters, **detectors},
        skipped=found.skipped,
    )
    return Accuracy(found, figures)


def _reads(reader: PictureReader) -> Callable[[Path], Any]:
    async def finds(path: Path) -> list[FoundPlate]:
        answer, _ = await reader.answer(path)
        if answer.error is not None:
            raise Rejected(path.name, answer.error)
        return [_found(plate) for plate in answer.plates]

    return finds


def _found(plate: PlateAnswer) -> FoundPlate:
    x0, y0, x1, y1 = (float(value) for value in corners_box(np.array(plate.corners, np.float32)))
    return FoundPlate((x0, y0, x1, y1), plate.text, plate.confidence, plate.accepted)
