"""Each model by itself on labelled pictures: plates and vehicles found, characters of framed plates."""

from __future__ import annotations

import asyncio
import statistics
from collections.abc import Callable, Collection
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from processors.adapters.cards import model_file
from processors.ports import Inference
from triton_models.tensors import (
    CHARACTERS,
    LINES,
    PLATE,
    PLATE_SIZE_WH,
    VEHICLE,
    VEHICLE_SIZE_WH,
    ModelTensors,
)
from triton_models.training.characters.plates import read_plates
from triton_models.training.characters.score import Tally, read_all, tally
from triton_models.training.detectors.judging import Score, judge_plates, judge_vehicles, total
from triton_models.training.detectors.pictures import LabelledPicture, load_pictures
from triton_models.training.evaluation.choice import spread
from triton_models.training.evaluation.intervals import Rate
from triton_models.training.evaluation.report import EVERYTHING
from triton_models.training.labels.annotations import Annotation, Skipped
from triton_models.training.lines.judging import held_out_lines, judge

Figures = dict[str, dict[str, Any]]
Model = Callable[[NDArray[np.uint8]], NDArray[np.float32]]
"""Pictures, or one, in; the first output out."""


async def readers_alone(
    folder: Path,
    split: str,
    names: Collection[str],
    repository: Path,
    inference: Inference,
    skipped: list[Skipped],
) -> dict[str, Figures]:
    """Plates of the named pictures, framed by labels or a teacher's corners, no grammar: by the character
    reader, and by the line reader, cut where the first one finds their lines. What cannot be used is added to
    `skipped`."""
    found = await asyncio.to_thread(read_plates, folder, split, names)
    plates = found.plates
    skipped += found.skipped
    if not plates:
        return {CHARACTERS.model: {}, LINES.model: {}}
    first = await asyncio.to_thread(read_all, plates, _waiting(inference, CHARACTERS))
    lines = await asyncio.to_thread(held_out_lines, plates, model_file(repository, CHARACTERS.model))
    return {
        CHARACTERS.model: _by_name(tally(plates, first)),
        LINES.model: _by_name(await asyncio.to_thread(judge, lines, _waiting(inference, LINES))),
    }


def _by_name(tallies: dict[str, Tally]) -> Figures:
    return {
        name: {
            "plates": Rate(counted.right, counted.plates).figures(),
            "characters": round(counted.character_accuracy, 4),
        }
        for name, counted in tallies.items()
    }


async def detectors_alone(
    folder: Path,
    split: str,
    notes: Collection[Annotation],
    limit: int | None,
    inference: Inference,
    skipped: list[Skipped],
) -> dict[str, Figures]:
    """Pictures as a whole, one look each: what the cascade's further looks add is not in these figures.
    What cannot be used is added to `skipped`."""
    sources = sorted({note.source for note in notes})
    pictures, left_out = await asyncio.to_thread(load_pictures, folder, split, sources)
    skipped += left_out
    with_plates = _some([picture for picture in pictures if picture.plates], limit)
    with_vehicles = _some([picture for picture in pictures if picture.vehicles], limit)
    models = {tensors.model: _each(_waiting(inference, tensors)) for tensors in (PLATE, VEHICLE)}
    plates = await asyncio.to_thread(judge_plates, with_plates, models[PLATE.model], PLATE_SIZE_WH)
    vehicles = await asyncio.to_thread(judge_vehicles, with_vehicles, models[VEHICLE.model], VEHICLE_SIZE_WH)
    return {"plate": _by_source(plates, with_plates), "vehicle": _by_source(vehicles, with_vehicles)}


def _waiting(inference: Inference, tensors: ModelTensors) -> Model:
    """The model for code that waits for it, called in another thread than the loop's."""
    loop = asyncio.get_running_loop()

    def answer(pictures: NDArray[np.uint8]) -> NDArray[np.float32]:
        asked = asyncio.run_coroutine_threadsafe(inference.infer(tensors.model, pictures), loop)
        rows: NDArray[np.float32] = asked.result()[tensors.outputs[0].name]
        return rows

    return answer


def _each(model: Model) -> Model:
    return lambda picture: model(picture[np.newaxis])[0]


def _some(pictures: list[LabelledPicture], limit: int | None) -> list[LabelledPicture]:
    return spread(pictures, limit, lambda picture: picture.name)


def _by_source(scores: dict[str, Score], pictures: list[LabelledPicture]) -> Figures:
    counts = {source: sum(picture.source == source for picture in pictures) for source in scores}
    return {
        name: _figures(score, counts.get(name, len(pictures)))
        for name, score in {EVERYTHING: total(scores), **scores}.items()
    }


def _figures(score: Score, pictures: int) -> dict[str, Any]:
    figures: dict[str, Any] = {
        "pictures": pictures,
        "recall": Rate(score.found, score.labelled).figures(),
        "rows": score.rows,
    }
    if score.corner_errors:
        figures["corner_error_of_width"] = round(statistics.median(score.corner_errors), 4)
        figures["lines_right"] = Rate(score.lines_right, score.lines_known).figures()
    else:
        figures["class_right"] = Rate(score.classed, score.found).figures()
    return figures
