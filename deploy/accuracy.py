"""A folder of labelled pictures -> how well it is read: the cascade of `platestream read` against labels."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from contracts.errors import Rejected
from deploy.reading.answers import PlateAnswer
from deploy.reading.reader import PictureReader
from triton_models.geometry import corners_box
from triton_models.tensors import CHARACTERS
from triton_models.training.annotations import Annotation, read_annotations
from triton_models.training.characters.plates import read_plates
from triton_models.training.characters.score import served_crops, tally
from triton_models.training.evaluate_choice import chosen
from triton_models.training.evaluate_plates import FoundPlate
from triton_models.training.evaluate_report import report
from triton_models.training.evaluate_run import Evaluation
from triton_models.training.evaluate_run import evaluate as evaluate_pictures
from triton_models.training.intervals import Rate

_BATCH = 64


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
    characters: dict[str, dict[str, Any]]
    figures: dict[str, Any]
    """What goes into accuracy.json."""


async def accuracy(question: Question, begin: Callable[[int], Callable[[], None]]) -> Accuracy:
    """`begin` is told the number of pictures and gives what is called after each."""
    notes = read_annotations(question.pictures, question.split)
    looked_at = chosen(notes.pictures, question.limit)
    reader = PictureReader(question.repository)
    try:
        found = await evaluate_pictures(question.pictures, looked_at, _reads(reader), begin(len(looked_at)))
        characters = await _characters_alone(
            question, looked_at, {item.picture for item in found.skipped}, reader
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
        characters=characters,
        skipped=found.skipped,
    )
    return Accuracy(found, characters, figures)


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


async def _characters_alone(
    question: Question, looked_at: list[Annotation], skipped: set[str], reader: PictureReader
) -> dict[str, dict[str, Any]]:
    """The reader by itself on the same pictures: framed by labels or a teacher's corners, no grammar."""
    names = {note.image for note in looked_at} - skipped
    plates = (await asyncio.to_thread(read_plates, question.pictures, question.split, names)).plates
    pieces = []
    for start in range(0, len(plates), _BATCH):
        crops = served_crops(plates[start : start + _BATCH])
        pieces.append((await reader.inference.infer(CHARACTERS.model, crops))["probabilities"])
    if not pieces:
        return {}
    return {
        name: {
            "plates": Rate(counted.right, counted.plates).figures(),
            "characters": round(counted.character_accuracy, 4),
        }
        for name, counted in tally(plates, np.concatenate(pieces)).items()
    }
