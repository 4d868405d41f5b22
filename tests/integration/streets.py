"""Drawn streets for tests that need a picture with a plate that the shipped models really read."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import simplejpeg

from contracts.messages.common import Corners
from contracts.messages.plate import Reading
from deploy.reading.reader import PictureReader
from processors.cascade.pictures import decode_jpeg
from processors.cascade.recognise import recognise
from processors.reading import read
from processors.readings.slots import slots_of
from triton_models.rendering.scenes import training_scene

_TRIED = 60


@dataclass(frozen=True)
class ReadableStreet:
    jpeg: bytes
    corners: Corners
    reading: Reading


@lru_cache(maxsize=1)
def readable_street() -> ReadableStreet:
    """The first drawn street with a plate whose reading is accepted."""
    return asyncio.run(_readable_street())


async def _readable_street() -> ReadableStreet:
    reader = PictureReader()
    try:
        for seed in range(_TRIED):
            frame, _truth = training_scene(np.random.default_rng(seed))
            jpeg = simplejpeg.encode_jpeg(np.ascontiguousarray(frame), quality=92)
            found = await recognise(decode_jpeg(jpeg), reader.inference, reader.how.video, reader.pool)
            for plate in found.plates:
                slots, how = slots_of(plate.characters), reader.how.reading
                reading = read(slots, lines=plate.lines, colour=plate.colour, settings=how)
                if reading is not None and reading.accepted:
                    return ReadableStreet(jpeg, plate.corners, reading)
    finally:
        await reader.close()
    raise AssertionError(f"none of {_TRIED} drawn streets shows a plate that is accepted")
