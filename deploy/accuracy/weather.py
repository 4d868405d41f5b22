"""Labelled pictures as a worse hour would have shown them, and how well they are read then."""

from __future__ import annotations

import logging
from collections.abc import Callable
from pathlib import Path

import msgspec
import numpy as np
from numpy.typing import NDArray

from contracts.errors import SetAside
from deploy.accuracy.pictures import found_plate
from deploy.reading.pictures import open_picture
from deploy.reading.reader import PictureReader
from triton_models.rendering.conditions import CONDITIONS, Box, from_afar, under
from triton_models.training.evaluation.choice import chosen
from triton_models.training.evaluation.plates import SourceCounts, count_picture
from triton_models.training.labels.annotations import Annotation, as_read, read_annotations
from triton_models.training.labels.visible import visible

logger = logging.getLogger(__name__)

PLAIN, AFAR = "as it is", "from afar"
NAMES = (PLAIN, *CONDITIONS, AFAR)
_SEED = 7
"""The same pictures in the same weather each time."""


class WeatherFigures(msgspec.Struct, frozen=True, kw_only=True):
    """Of plates whose text is known; `accepted` counts no find beside labels."""

    condition: str
    plates: int
    found: int
    exact: int
    accepted: int
    accepted_right: int


async def accuracy_of_weather(
    folder: Path,
    split: str,
    limit: int | None,
    reader: PictureReader,
    begin: Callable[[int], Callable[[], None]],
) -> list[WeatherFigures]:
    """For each of `NAMES`, the picture as it is first. What cannot be opened is named and left out."""
    notes = chosen(read_annotations(folder, split).pictures, limit)
    step = begin(len(notes))
    counts = {name: SourceCounts() for name in NAMES}
    for number, note in enumerate(notes):
        try:
            picture = open_picture(folder / note.image)
        except SetAside as error:
            logger.warning("%s: %s: skipped", note.image, error)
            continue
        finally:
            step()
        labelled = visible(as_read(note), (picture.shape[1], picture.shape[0]), None)
        for which, (name, count) in enumerate(counts.items()):
            shown, labels = seen(name, picture, labelled, np.random.default_rng((_SEED, number, which)))
            finds = [found_plate(plate) for plate in await reader.plates(shown)]
            count_picture([count], labels.plates, finds, False, None)
    return [_figures(name, count) for name, count in counts.items()]


def seen(
    name: str, picture: NDArray[np.uint8], note: Annotation, rng: np.random.Generator
) -> tuple[NDArray[np.uint8], Annotation]:
    """The picture as the reader is shown it, and where its labels are in that."""
    plates: list[Box] = [plate.box for plate in note.plates if plate.text is not None]
    if name == PLAIN or not plates:
        return picture, note
    if name != AFAR:
        return under(CONDITIONS[name], picture, plates, rng), note
    small, scale = from_afar(picture, plates, rng)
    moved = tuple(msgspec.structs.replace(plate, box=_scaled(plate.box, scale)) for plate in note.plates)
    return small, msgspec.structs.replace(note, plates=moved)


def _scaled(box: Box, scale: float) -> Box:
    x0, y0, x1, y1 = box
    return x0 * scale, y0 * scale, x1 * scale, y1 * scale


def _figures(name: str, count: SourceCounts) -> WeatherFigures:
    return WeatherFigures(
        condition=name,
        plates=count.labelled,
        found=count.found,
        exact=count.exact,
        accepted=count.accepted,
        accepted_right=count.accepted_right,
    )
