"""One picture -> its vehicles, its plates and their characters, through the models.

Vehicles are looked for in the whole picture; plates in the whole picture and in each vehicle, cut from the
full picture, all in one request; characters of all plates in one request. Plates in doubt are read again
(`reads.py`).
"""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import Executor
from dataclasses import dataclass

import numpy as np

from contracts.messages.common import VehicleSeen
from contracts.messages.sighting import CharacterSeen, PlateSeen
from processors.cascade.colour import mean_colour
from processors.cascade.cutouts import Cutout, cut_out
from processors.cascade.decoding import characters_in, vehicles_in
from processors.cascade.looking import Looking
from processors.cascade.looks import plan_looks, plan_zooms
from processors.cascade.merging import FoundPlate, confirmed, merged, vehicle_of
from processors.cascade.reads import read_plates
from processors.cascade.regard import EVERYTHING, Regard
from processors.cascade.second_reader import Read
from processors.cascade.settings import CascadeSettings
from processors.ports import Image, Inference
from triton_models.colours import Seen
from triton_models.geometry import letterbox
from triton_models.lines import FEWEST_OF_TWO
from triton_models.tensors import VEHICLE, VEHICLE_SIZE_WH


@dataclass(frozen=True, slots=True)
class Recognised:
    """What a picture shows, in its pixels."""

    vehicles: tuple[VehicleSeen, ...]
    plates: tuple[PlateSeen, ...]


NOTHING = Recognised(vehicles=(), plates=())


async def recognise(
    picture: Image,
    inference: Inference,
    settings: CascadeSettings,
    pool: Executor,
    regard: Regard = EVERYTHING,
) -> Recognised:
    """Look at an RGB picture. `pool` runs what is not waiting for a model."""
    looking = Looking(picture, inference, settings, pool)
    canvas, scale = await looking.off_loop(letterbox, picture, VEHICLE_SIZE_WH)
    rows = await looking.asked(VEHICLE, canvas[np.newaxis])
    every_vehicle = vehicles_in(rows["detections"][0], scale, looking.size_wh, settings)
    vehicles = regard.vehicles(every_vehicle, looking.size_wh)

    views = await looking.views(plan_looks(looking.size_wh, vehicles, settings))
    plates = merged(views, settings.most_plates)
    zooms = plan_zooms(plates, settings)
    if zooms:
        nearer = await looking.views(zooms)
        plates = merged(confirmed(views, nearer, zooms, settings), settings.most_plates)
    plates = regard.plates(plates, every_vehicle, looking.size_wh)
    if not plates:
        return Recognised(vehicles=vehicles, plates=())

    cutouts = await looking.off_loop(cut_out, picture, plates, settings)
    reads = await read_plates(looking, cutouts, mean_colour(canvas, scale, looking.size_wh))
    seen = [
        _seen(looking, cutout, read, colour, vehicles)
        for cutout, (read, colour) in zip(cutouts, reads, strict=True)
    ]
    return Recognised(vehicles=vehicles, plates=tuple(seen))


def _seen(
    looking: Looking, cutout: Cutout, read: Read, colour: Seen, vehicles: Sequence[VehicleSeen]
) -> PlateSeen:
    plate = cutout.plate
    characters = characters_in(*read, cutout.framing.homography, looking.size_wh, settings=looking.settings)
    quad = [(round(float(x), 2), round(float(y), 2)) for x, y in plate.corners]
    return PlateSeen(
        corners=(quad[0], quad[1], quad[2], quad[3]),
        confidence=plate.score,
        lines=_lines(plate, characters),
        colour=colour.colour,
        colour_confidence=colour.confidence,
        vehicle=vehicle_of(plate.xyxy, vehicles),
        sharpness=round(cutout.sharpness, 2),
        characters=characters,
        crop=cutout.crop,
    )


def _lines(plate: FoundPlate, characters: Sequence[CharacterSeen]) -> int:
    """By where the characters stand; by the detector where they are too few to tell."""
    if len(characters) < FEWEST_OF_TWO:
        return 2 if plate.two_lines >= 0.5 else 1
    return max(each.line for each in characters) + 1
