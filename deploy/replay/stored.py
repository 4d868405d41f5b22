"""A final and its stored frame -> what these models make of that frame, all that is left when Kafka has no
frames of a passage any more. It is one look instead of many: a text that was voted may differ.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

import numpy as np
from msgspec.structs import replace

from contracts.messages.plate import PlateEvent
from contracts.messages.sighting import PlateSeen
from deploy.reading.stages import Reader
from deploy.verify.again import LEAST_OVERLAP, plate_at
from processors.cascade.pictures import decode_jpeg
from processors.cascade.recognise import Recognised, recognise
from processors.cascade.regard import Regard
from processors.reading import read
from processors.readings.slots import slots_of
from triton_models.geometry import iou


async def seen_in_its_frame(event: PlateEvent, frame: bytes, reader: Reader, regard: Regard) -> PlateEvent:
    """The event as it would be of this frame alone; without a reading where its plate is not found.

    Raises:
        Rejected: the bytes are no picture.
    """
    how = reader.how.pictures if event.origin == "upload" else reader.how.video
    found = await recognise(decode_jpeg(frame), reader.inference, how, reader.pool, regard)
    plate = _plate_of(event, found)
    reading = None
    if plate is not None:
        slots = slots_of(plate.characters)
        reading = read(slots, lines=plate.lines, colour=plate.colour, settings=reader.how.reading)
    return replace(
        event,
        revision=1,
        direction=None,
        movement=None,
        processed_at=datetime.now(UTC),
        reading=reading,
        corners=plate.corners if plate and reading else None,
        frames=1,
        reads=1 if reading else 0,
        agreement=1.0 if reading else 0.0,
        models=reader.inference.models,
        settings=None,
    )


def _plate_of(event: PlateEvent, found: Recognised) -> PlateSeen | None:
    """Where its plate was; where nobody had read it, the clearest one on its vehicle."""
    if event.corners is not None:
        return plate_at(found.plates, event.corners)
    if event.vehicle is None:
        return None
    place = np.array(event.vehicle.xyxy, np.float32)
    boxes = np.array([each.xyxy for each in found.vehicles], np.float32).reshape(-1, 4)
    same = set(np.flatnonzero(iou(place, boxes) >= LEAST_OVERLAP).tolist())
    return _clearest([each for each in found.plates if each.vehicle in same])


def _clearest(plates: Sequence[PlateSeen]) -> PlateSeen | None:
    return max(plates, key=lambda each: each.confidence, default=None)
