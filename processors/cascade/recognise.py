"""One picture -> its vehicles, its plates and their characters, through the three models.

Vehicles are looked for in the whole picture; plates in the whole picture and in each vehicle, cut from the
full picture, all in one request; characters of all plates in one request. Plates that are in doubt get a
second look: found once more from nearby, and read in further framings by all the corners that were found.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, replace
from functools import partial
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from contracts.messages.common import PLATE_COLOURS, VehicleSeen, Xyxy
from contracts.messages.sighting import PlateSeen
from processors.cascade.decoding import (
    Floats,
    certainty,
    characters_in,
    mean_of_agreeing,
    plates_in,
    vehicles_in,
)
from processors.cascade.looks import cut, plan_looks, plan_second_looks, plan_zooms
from processors.cascade.merging import FoundPlate, confirmed, merged, same_of, vehicle_of
from processors.cascade.pictures import encode_jpeg, sharpness
from processors.cascade.regard import EVERYTHING, Regard
from processors.cascade.settings import CascadeSettings
from processors.ports import Image, Inference
from triton_models.colours import plain_colour
from triton_models.geometry import Homography, letterbox, rectify
from triton_models.tensors import (
    CHARACTERS,
    CHARACTERS_SIZE_WH,
    PLATE,
    PLATE_MARGINS,
    VEHICLE,
    VEHICLE_SIZE_WH,
)

Result = TypeVar("Result")

PLAIN_COLOUR_CONFIDENCE = 0.9
"""Of a colour that the pixels show plainly. A judgement by eye, not a measured rate."""
_FURTHER_MARGINS = ((0.02, 0.05), (0.12, 0.24))
"""Tighter and looser than the first framing."""

Quads = Sequence[NDArray[np.float32]]
"""Corners [4, 2] of one plate as several looks saw them."""


@dataclass(frozen=True, slots=True)
class Recognised:
    """What a picture shows, in its pixels."""

    vehicles: tuple[VehicleSeen, ...]
    plates: tuple[PlateSeen, ...]


NOTHING = Recognised(vehicles=(), plates=())


@dataclass(frozen=True, slots=True)
class _Cutout:
    """A plate rectified for the reader, with what is kept of its looks."""

    plate: FoundPlate
    input: Image
    homography: Homography
    sharpness: float
    crop: bytes


async def recognise(
    picture: Image,
    inference: Inference,
    settings: CascadeSettings,
    pool: Executor,
    regard: Regard = EVERYTHING,
) -> Recognised:
    """Look at an RGB picture. `pool` runs what is not waiting for a model."""
    height, width = picture.shape[:2]
    size_wh = (width, height)
    canvas, scale = await _off_loop(pool, letterbox, picture, VEHICLE_SIZE_WH)
    rows = await inference.infer(VEHICLE.model, canvas[np.newaxis])
    every_vehicle = vehicles_in(rows["detections"][0], scale, size_wh, settings)
    vehicles = regard.vehicles(every_vehicle, size_wh)

    regions = plan_looks(size_wh, vehicles, settings)
    views = await _views(picture, regions, inference, settings, pool)
    plates = merged(views, settings.most_plates)
    zooms = plan_zooms(plates, settings)
    if zooms:
        nearer = await _views(picture, zooms, inference, settings, pool)
        plates = merged(confirmed(views, nearer, zooms, settings), settings.most_plates)
    plates = regard.plates(plates, every_vehicle, size_wh)
    if not plates:
        return Recognised(vehicles=vehicles, plates=())

    cutouts = await _off_loop(pool, _cut_out, picture, plates, settings)
    reads = await _read(picture, cutouts, inference, settings, pool)
    seen = [
        _seen(cutout, read, vehicles, size_wh, settings) for cutout, read in zip(cutouts, reads, strict=True)
    ]
    return Recognised(vehicles=vehicles, plates=tuple(seen))


async def _views(
    picture: Image,
    regions: Sequence[Xyxy],
    inference: Inference,
    settings: CascadeSettings,
    pool: Executor,
) -> list[FoundPlate]:
    """Every view of every plate in these regions, all in one request."""
    size_wh = (picture.shape[1], picture.shape[0])
    looks, batch = await _off_loop(pool, cut, picture, regions)
    found = (await inference.infer(PLATE.model, batch))["plates"]
    return [
        plate
        for rows, look in zip(found, looks, strict=True)
        for plate in plates_in(rows, look, size_wh, settings)
    ]


async def _read(
    picture: Image,
    cutouts: Sequence[_Cutout],
    inference: Inference,
    settings: CascadeSettings,
    pool: Executor,
) -> list[tuple[Floats, Floats]]:
    """Probabilities and places of each plate."""
    first = await inference.infer(CHARACTERS.model, np.stack([cutout.input for cutout in cutouts]))
    reads = list(zip(first["probabilities"], first["places"], strict=True))
    doubtful = [
        number for number, (probabilities, _) in enumerate(reads)
        if certainty(probabilities) < settings.again_below
    ]  # fmt: skip
    if not settings.looks_again or not doubtful:
        return reads
    plates = [cutout.plate for cutout in cutouts]
    quads = await _second_look(picture, plates, doubtful, inference, settings, pool)
    crops = await _off_loop(pool, _further_framings, picture, quads)
    again = (await inference.infer(CHARACTERS.model, np.concatenate(crops)))["probabilities"]
    ends = np.cumsum([len(crop) for crop in crops])
    for number, more in zip(doubtful, np.split(again, ends[:-1]), strict=True):
        probabilities, places = reads[number]
        reads[number] = (mean_of_agreeing([probabilities, *more]), places)
    return reads


async def _second_look(
    picture: Image,
    plates: Sequence[FoundPlate],
    doubtful: Sequence[int],
    inference: Inference,
    settings: CascadeSettings,
    pool: Executor,
) -> list[Quads]:
    """Each doubtful plate's corners, its own first, then those that looks from nearby give it."""
    regions = plan_second_looks([plates[number] for number in doubtful], settings)
    nearer = await _views(picture, regions, inference, settings, pool) if regions else []
    boxes = [plate.xyxy for plate in plates]
    of = [same_of(view.xyxy, boxes) for view in nearer]
    return [
        [plates[number].corners, *(view.corners for view, at in zip(nearer, of, strict=True) if at == number)]
        for number in doubtful
    ]


def _cut_out(picture: Image, plates: Sequence[FoundPlate], settings: CascadeSettings) -> list[_Cutout]:
    cutouts: list[_Cutout] = []
    for plate in plates:
        rectified, homography = rectify(picture, plate.corners, CHARACTERS_SIZE_WH, PLATE_MARGINS)
        shown, _ = rectify(picture, plate.corners, _crop_size_wh(plate.corners, settings), PLATE_MARGINS)
        cutouts.append(
            _Cutout(
                plate=_in_its_plain_colour(plate, picture),
                input=rectified,
                homography=homography,
                sharpness=sharpness(rectified),
                crop=encode_jpeg(shown, settings.crop_quality),
            )
        )
    return cutouts


def _further_framings(picture: Image, plates: Sequence[Quads]) -> list[Image]:
    """Of each plate a batch: its first corners in the further margins, all others in every margin."""
    batches: list[Image] = []
    for quads in plates:
        framings = [(quads[0], margins) for margins in _FURTHER_MARGINS]
        framings += [(quad, margins) for quad in quads[1:] for margins in (PLATE_MARGINS, *_FURTHER_MARGINS)]
        batches.append(
            np.stack([rectify(picture, quad, CHARACTERS_SIZE_WH, margins)[0] for quad, margins in framings])
        )
    return batches


def _in_its_plain_colour(plate: FoundPlate, picture: Image) -> FoundPlate:
    """The pixels decide where the colour is plain to see: the model learned colours from drawn plates."""
    plain = plain_colour(picture, plate.corners)
    if plain < 0:
        return plate
    return replace(plate, colour=PLATE_COLOURS[plain], colour_confidence=PLAIN_COLOUR_CONFIDENCE)


def _crop_size_wh(corners: NDArray[np.float32], settings: CascadeSettings) -> tuple[int, int]:
    """The size of the picture that people see: the plate's own proportions, not stretched."""
    width = float(np.linalg.norm(corners[1] - corners[0]) + np.linalg.norm(corners[2] - corners[3]))
    height = float(np.linalg.norm(corners[3] - corners[0]) + np.linalg.norm(corners[2] - corners[1]))
    height_px = settings.crop_height_px
    return max(24, min(6 * height_px, round(height_px * width / max(height, 1.0)))), height_px


def _seen(
    cutout: _Cutout,
    read: tuple[Floats, Floats],
    vehicles: Sequence[VehicleSeen],
    size_wh: tuple[int, int],
    settings: CascadeSettings,
) -> PlateSeen:
    plate = cutout.plate
    two_lines = plate.two_lines >= 0.5
    quad = [(round(float(x), 2), round(float(y), 2)) for x, y in plate.corners]
    return PlateSeen(
        corners=(quad[0], quad[1], quad[2], quad[3]),
        confidence=plate.score,
        lines=2 if two_lines else 1,
        colour=plate.colour,
        colour_confidence=plate.colour_confidence,
        vehicle=vehicle_of(plate.xyxy, vehicles),
        sharpness=round(cutout.sharpness, 2),
        characters=characters_in(*read, cutout.homography, size_wh, two_lines=two_lines, settings=settings),
        crop=cutout.crop,
    )


async def _off_loop(pool: Executor, work: Callable[..., Result], *arguments: object) -> Result:
    return await asyncio.get_running_loop().run_in_executor(pool, partial(work, *arguments))
