"""Pictures on which no plate is labelled -> on how many of them a plate is read all the same.

A picture counts as one `without` plates where its source says so: it names no plate and `plates_complete`.
Every read on it is invented. Other pictures without a labelled plate are `unlabelled`: real plates may be
on them, so their rates are upper bounds, and what was accepted is listed and shown to be looked at.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from deploy.reading.answers import PictureAnswer
from deploy.reading.reader import PictureReader
from triton_models.training.evaluation.choice import spread
from triton_models.training.evaluation.intervals import Rate
from triton_models.training.labels.annotations import Annotation, Skipped


def without_labelled_plates(notes: Sequence[Annotation], limit: int | None) -> list[Annotation]:
    """Pictures that name no plate, of too many the same ones every time."""
    return spread([note for note in notes if not note.plates], limit, lambda note: note.image)


async def invented_plates(
    folder: Path,
    notes: Sequence[Annotation],
    reader: PictureReader,
    step: Callable[[], None],
    skipped: list[Skipped],
) -> dict[str, Any]:
    """Rates of pictures with an accepted read and with any text shown; the accepted reads themselves.
    Pictures that cannot be opened are added to `skipped`."""
    answers: dict[str, list[PictureAnswer]] = {"without": [], "unlabelled": []}
    for note in notes:
        answer, _ = await reader.answer(folder / note.image)
        if answer.error is None:
            kind = "without" if note.plates_complete else "unlabelled"
            answers[kind].append(_named(answer, note.image))
        else:
            skipped.append(Skipped(note.image, answer.error))
        step()
    return {kind: _figures(found) for kind, found in answers.items()}


def _named(answer: PictureAnswer, image: str) -> PictureAnswer:
    return PictureAnswer(
        picture=image, width=answer.width, height=answer.height, error=None, plates=answer.plates
    )


def _figures(answers: Sequence[PictureAnswer]) -> dict[str, Any]:
    accepted = [answer for answer in answers if any(plate.accepted for plate in answer.plates)]
    shown = sum(any(plate.text for plate in answer.plates) for answer in answers)
    return {
        "pictures": len(answers),
        "accepted": Rate(len(accepted), len(answers)).figures(),
        "any_text": Rate(shown, len(answers)).figures(),
        "reads": [
            {
                "picture": answer.picture,
                "text": plate.text,
                "confidence": plate.confidence,
                "corners": [list(corner) for corner in plate.corners],
            }
            for answer in accepted
            for plate in answer.plates
            if plate.accepted
        ],
    }
