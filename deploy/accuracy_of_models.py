"""Each model by itself on labelled pictures: plates and vehicles found, characters of framed plates."""

from __future__ import annotations

import asyncio
import statistics
from collections.abc import Callable, Collection
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from processors.ports import Inference
from triton_models.tensors import CHARACTERS, PLATE, PLATE_SIZE_WH, VEHICLE, VEHICLE_SIZE_WH, ModelTensors
from triton_models.training.annotations import Annotation
from triton_models.training.characters.plates import read_plates
from triton_models.training.characters.score import served_crops, tally
from triton_models.training.detectors.judging import Score, judge_plates, judge_vehicles, total
from triton_models.training.detectors.pictures import LabelledPicture, load_pictures
from triton_models.training.evaluate_choice import spread
from triton_models.training.evaluate_report import EVERYTHING
from triton_models.training.intervals import Rate

_BATCH = 64
Figures = dict[str, dict[str, Any]]


async def reader_alone(folder: Path, split: str, names: Collection[str], inference: Inference) -> Figures:
    """Plates of the named pictures, framed by labels or a teacher's corners; no grammar."""
    plates = (await asyncio.to_thread(read_plates, folder, split, names)).plates
    pieces = []
    for start in range(0, len(plates), _BATCH):
        crops = served_crops(plates[start : start + _BATCH])
        pieces.append((await inference.infer(CHARACTERS.model, crops))["probabilities"])
    if not pieces:
        return {}
    return {
        name: {
            "plates": Rate(counted.right, counted.plates).figures(),
            "characters": round(counted.character_accuracy, 4),
        }
        for name, counted in tally(plates, np.concatenate(pieces)).items()
    }


async def detectors_alone(
    folder: Path, split: str, notes: Collection[Annotation], limit: int | None, inference: Inference
) -> dict[str, Figures]:
    """Pictures as a whole, one look each: what the cascade's further looks add is not in these figures."""
    sources = sorted({note.source for note in notes})
    pictures, _ = await asyncio.to_thread(load_pictures, folder, split, sources)
    with_plates = _some([picture for picture in pictures if picture.plates], limit)
    with_vehicles = _some([picture for picture in pictures if picture.vehicles], limit)
    loop = asyncio.get_running_loop()

    def runs(tensors: ModelTensors) -> Callable[[NDArray[np.uint8]], NDArray[np.float32]]:
        """The model for code that waits for it, called in another thread than the loop's."""

        def detect(canvas: NDArray[np.uint8]) -> NDArray[np.float32]:
            answer = asyncio.run_coroutine_threadsafe(
                inference.infer(tensors.model, canvas[np.newaxis]), loop
            )
            rows: NDArray[np.float32] = answer.result()[tensors.outputs[0].name][0]
            return rows

        return detect

    plates = await asyncio.to_thread(judge_plates, with_plates, runs(PLATE), PLATE_SIZE_WH)
    vehicles = await asyncio.to_thread(judge_vehicles, with_vehicles, runs(VEHICLE), VEHICLE_SIZE_WH)
    return {"plate": _by_source(plates, with_plates), "vehicle": _by_source(vehicles, with_vehicles)}


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
    else:
        figures["class_right"] = Rate(score.classed, score.found).figures()
    return figures
