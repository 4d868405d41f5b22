"""A stored frame -> its plate read again, by the same functions and settings as on the stream."""

from __future__ import annotations

import asyncio
from pathlib import Path

import numpy as np

from contracts.messages.common import Corners
from contracts.messages.plate import PlateEvent
from deploy.reading.reader import PictureReader
from processors.cascade.pictures import decode_jpeg
from processors.cascade.recognise import recognise
from processors.reading import read
from processors.readings.slots import slots_of
from triton_models.geometry import corners_box, iou

LEAST_OVERLAP = 0.5


def texts_again(frame: bytes, event: PlateEvent, repository: Path) -> list[str]:
    """The texts that the frame's plate at the event's place may have, the best first; empty: no plate there.

    Raises:
        Rejected: the bytes are no picture.
        Stop: a model is missing.
    """
    return asyncio.run(_texts_again(frame, event, repository))


async def _texts_again(frame: bytes, event: PlateEvent, repository: Path) -> list[str]:
    if event.corners is None:
        return []
    reader = PictureReader(repository)
    try:
        found = await recognise(decode_jpeg(frame), reader.inference, reader.how.video, reader.pool)
    finally:
        await reader.close()
    overlaps = [_overlap(plate.corners, event.corners) for plate in found.plates]
    if not overlaps or max(overlaps) < LEAST_OVERLAP:
        return []
    plate = found.plates[int(np.argmax(overlaps))]
    slots, how = slots_of(plate.characters), reader.how.reading
    reading = read(slots, lines=plate.lines, colour=plate.colour, settings=how)
    return [each.text for each in reading.candidates] if reading else []


def _overlap(one: Corners, other: Corners) -> float:
    first, second = (corners_box(np.array(corners, np.float32)) for corners in (one, other))
    return float(iou(first, second[None])[0])
