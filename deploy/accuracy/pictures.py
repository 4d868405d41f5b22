"""A folder of labelled pictures -> how well it is read: the cascade of `platestream read` against labels."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from contracts.errors import Rejected
from deploy.accuracy.models import Figures, detectors_alone, readers_alone
from deploy.accuracy.peers import detectors_beside_ours
from deploy.accuracy.reads import reads_beside_ours
from deploy.accuracy.voting import voting_gain
from deploy.accuracy.without_plates import invented_plates, without_labelled_plates
from deploy.reading.answers import PlateAnswer
from deploy.reading.reader import PictureReader
from triton_models.geometry import corners_box
from triton_models.training.evaluation.choice import chosen, spread
from triton_models.training.evaluation.plates import FoundPlate
from triton_models.training.evaluation.report import report
from triton_models.training.evaluation.run import Evaluation, PictureRead, ReadPicture
from triton_models.training.evaluation.run import evaluate as evaluate_pictures
from triton_models.training.labels.annotations import Annotation, Skipped, read_annotations

DARK_BELOW = 55.0
"""Middle brightness, of 255, under which a picture counts as taken at night."""


@dataclass(frozen=True, kw_only=True)
class Question:
    """Which pictures of a folder are looked at, and with which models."""

    pictures: Path
    split: str
    limit: int | None
    repository: Path
    peers: Path | None = None
    """Folder with others' models."""


@dataclass(frozen=True)
class Accuracy:
    evaluation: Evaluation
    figures: dict[str, Any]
    """What goes into accuracy.json."""


async def accuracy(question: Question, begin: Callable[[int], Callable[[], None]]) -> Accuracy:
    """`begin` is told the number of pictures and gives what is called after each."""
    notes = read_annotations(question.pictures, question.split)
    looked_at = chosen(notes.pictures, question.limit)
    plateless = without_labelled_plates(notes.pictures, question.limit)
    reader = PictureReader(question.repository)
    try:
        step = begin(len(looked_at) + len(plateless))
        found = await evaluate_pictures(question.pictures, looked_at, _reads(reader), step)
        invented = await invented_plates(question.pictures, plateless, reader, step, found.skipped)
        names = {note.image for note in found.looked_at}
        alone = await _alone(question, names, notes.pictures, reader, found.skipped)
        voting = await voting_gain(question.pictures, found.looked_at, reader)
    finally:
        await reader.close()
    found.skipped[:] = _each_once([*notes.skipped, *found.skipped])
    peers = await _peers(question, notes.pictures, found)
    figures = report(
        pictures=str(question.pictures),
        split=question.split,
        limit=question.limit,
        models=[
            {"name": used.name, "version": used.version, "sha256": used.sha256}
            for used in reader.inference.models
        ],
        counts=found.counts,
        alone=alone,
        outcomes=found.outcomes,
        peers=peers,
        voting=voting,
        invented=invented,
        skipped=found.skipped,
    )
    return Accuracy(found, figures)


async def _alone(
    question: Question,
    names: Collection[str],
    notes: Sequence[Annotation],
    reader: PictureReader,
    skipped: list[Skipped],
) -> dict[str, Figures]:
    """Each model by itself."""
    folder, split, inference = question.pictures, question.split, reader.inference
    readers = await readers_alone(folder, split, names, question.repository, inference, skipped)
    return {**readers, **await detectors_alone(folder, split, notes, question.limit, inference, skipped)}


def _each_once(skipped: Sequence[Skipped]) -> list[Skipped]:
    """A picture that several measurements could not use is told once, as the first of them says it."""
    return list({item.picture: item for item in reversed(skipped)}.values())[::-1]


async def _peers(question: Question, notes: Sequence[Annotation], found: Evaluation) -> dict[str, Any]:
    """Others' detectors and cascades beside ours."""
    pictures, repository, peers = question.pictures, question.repository, question.peers
    compared = _compared(notes, question.limit)
    return {
        **await detectors_beside_ours(pictures, compared, repository, peers),
        "whole pictures read exactly": await reads_beside_ours(
            pictures, found.looked_at, found.counts, peers
        ),
    }


def _compared(notes: Sequence[Annotation], limit: int | None) -> list[Annotation]:
    """Pictures with plates or vehicles, whether or not a text is known."""
    return spread([note for note in notes if note.plates or note.vehicles], limit, lambda note: note.image)


def _reads(reader: PictureReader) -> ReadPicture:
    async def finds(path: Path) -> PictureRead:
        answer, picture = await reader.answer(path)
        if answer.error is not None or picture is None:
            raise Rejected(path.name, answer.error or "no pixels")
        finds = [found_plate(plate) for plate in answer.plates]
        return PictureRead(finds, _is_dark(picture), (picture.shape[1], picture.shape[0]))

    return finds


def _is_dark(picture: NDArray[np.uint8]) -> bool:
    """By the middle brightness of its pixels."""
    return float(np.median(picture.mean(2))) < DARK_BELOW


def found_plate(plate: PlateAnswer) -> FoundPlate:
    x0, y0, x1, y1 = (float(value) for value in corners_box(np.array(plate.corners, np.float32)))
    return FoundPlate((x0, y0, x1, y1), plate.text, plate.confidence, plate.accepted)
