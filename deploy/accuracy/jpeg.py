"""How small may frames be? Labelled pictures encoded anew as ingest does, at several qualities, and read."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import msgspec
import numpy as np
import simplejpeg
from numpy.typing import NDArray

from contracts.errors import SetAside
from deploy.accuracy.pictures import found_plate
from deploy.reading.pictures import open_picture
from deploy.reading.reader import PictureReader
from triton_models.training.evaluation.choice import chosen
from triton_models.training.evaluation.plates import FoundPlate, pairs
from triton_models.training.labels.annotations import Annotation, LabelledPlate, as_read, read_annotations
from triton_models.training.labels.visible import visible

logger = logging.getLogger(__name__)

QUALITIES = (95, 90, 85, 80, 75, 70, 60, 50)
SHIFTS_PX = (0, 3, 5)
"""Each picture is looked at so often, moved so far against the 8 x 8 blocks of JPEG: a few plates of hundreds
are read rightly or wrongly by chance, and that chance is another one each time."""
MOST_COST = 0.002
"""Of the plates read exactly: so much less may be worth smaller frames."""


class JpegFigures(msgspec.Struct, frozen=True, kw_only=True):
    """One quality; None is the picture as it is. `plates` counts looks. `lost` and `gained`: those read
    exactly in one of the picture and its JPEG only; `bits_per_pixel` of the files."""

    quality: int | None
    plates: int
    exact: int
    lost: int
    gained: int
    accepted_wrong: int
    bits_per_pixel: float

    @property
    def cost(self) -> float:
        return (self.lost - self.gained) / self.plates if self.plates else 0.0


@dataclass(frozen=True)
class _Judged:
    """Of each labelled plate of a picture, in order: was it read exactly, was it accepted and wrong?"""

    exact: list[bool]
    wrong: list[bool]
    size_bytes: int
    pixels: int


async def accuracy_of_jpeg(
    folder: Path,
    split: str,
    limit: int | None,
    reader: PictureReader,
    begin: Callable[[int], Callable[[], None]],
) -> list[JpegFigures]:
    """The picture as it is first, then `QUALITIES`. Pictures that cannot be opened are named and left out."""
    notes = chosen(read_annotations(folder, split).pictures, limit)
    step = begin(len(notes))
    judged: dict[int | None, list[_Judged]] = {quality: [] for quality in (None, *QUALITIES)}
    for note in notes:
        try:
            picture = open_picture(folder / note.image)
        except SetAside as error:
            logger.warning("%s: %s: skipped", note.image, error)
            continue
        finally:
            step()
        labelled = visible(as_read(note), (picture.shape[1], picture.shape[0]), None)
        for shift_px in SHIFTS_PX:
            moved = np.pad(picture, ((shift_px, 0), (shift_px, 0), (0, 0)), mode="edge")
            for quality, found in judged.items():
                found.append(await _judge(moved, shift_px, quality, labelled, reader))
    return [_figures(quality, found, judged[None]) for quality, found in judged.items()]


def smallest(figures: Sequence[JpegFigures], most_cost: float = MOST_COST) -> int:
    """The lowest quality that costs less than `most_cost`; the highest where all cost more.

    A lower quality cannot truly cost less, so that costs are first made to rise, by isotonic regression
    (pool adjacent violators; Ayer et al., 1955): what goes up and down by chance averages out.
    """
    ordered = sorted((each for each in figures if each.quality), key=lambda each: -(each.quality or 0))
    pools: list[list[float]] = []
    for each in ordered:
        pools.append([each.cost])
        while len(pools) > 1 and _mean(pools[-2]) > _mean(pools[-1]):
            pools[-2:] = [pools[-2] + pools[-1]]
    rising = [_mean(pool) for pool in pools for _ in pool]
    good = [each.quality or 0 for each, cost in zip(ordered, rising, strict=True) if cost < most_cost]
    return good[-1] if good else ordered[0].quality or 0


def _mean(costs: Sequence[float]) -> float:
    return sum(costs) / len(costs)


async def _judge(
    picture: NDArray[np.uint8], shift_px: int, quality: int | None, note: Annotation, reader: PictureReader
) -> _Judged:
    seen, size_bytes = (picture, 0) if quality is None else _encoded(picture, quality)
    finds = [_moved_back(found_plate(plate), shift_px) for plate in await reader.plates(seen)]
    labelled = [(label, find) for label, find in pairs(note.plates, finds)[0] if label.text is not None]
    return _Judged(
        exact=[_is_right(label, find) for label, find in labelled],
        wrong=[find is not None and find.accepted and not _is_right(label, find) for label, find in labelled],
        size_bytes=size_bytes,
        pixels=picture.shape[0] * picture.shape[1],
    )


def _encoded(picture: NDArray[np.uint8], quality: int) -> tuple[NDArray[np.uint8], int]:
    """As ingest encodes: half the colour's resolution in both directions."""
    data = simplejpeg.encode_jpeg(
        np.ascontiguousarray(picture), quality=quality, colorspace="RGB", colorsubsampling="420"
    )
    return simplejpeg.decode_jpeg(data, colorspace="RGB"), len(data)


def _moved_back(find: FoundPlate, shift_px: int) -> FoundPlate:
    x0, y0, x1, y1 = find.box
    return replace(find, box=(x0 - shift_px, y0 - shift_px, x1 - shift_px, y1 - shift_px))


def _is_right(label: LabelledPlate, find: FoundPlate | None) -> bool:
    return find is not None and find.text == label.text


def _figures(quality: int | None, found: Sequence[_Judged], plain: Sequence[_Judged]) -> JpegFigures:
    exact = [each for judged in found for each in judged.exact]
    before = [each for judged in plain for each in judged.exact]
    return JpegFigures(
        quality=quality,
        plates=len(exact),
        exact=sum(exact),
        lost=sum(was and not now for was, now in zip(before, exact, strict=True)),
        gained=sum(now and not was for was, now in zip(before, exact, strict=True)),
        accepted_wrong=sum(each for judged in found for each in judged.wrong),
        bits_per_pixel=8
        * sum(each.size_bytes for each in found)
        / max(1, sum(each.pixels for each in found)),
    )
