"""A final and its stored frame -> what these models make of that frame, all that is left when Kafka has no
frames of a passage any more. It is one look instead of many: a text that was voted may differ.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

import numpy as np
from msgspec.structs import replace

from contracts.messages.common import LogPosition, ModelUsed
from contracts.messages.plate import Evidence, PlateEvent, Reading
from contracts.messages.sighting import PlateSeen, Sighting
from deploy.reading.stages import Reader
from deploy.verify.again import LEAST_OVERLAP, plate_at
from processors.cascade.pictures import decode_jpeg
from processors.cascade.recognise import Recognised, recognise
from processors.cascade.regard import Regard
from processors.passages.events.event import is_plate, reading_of
from processors.passages.observations import observations
from processors.passages.passage import Passage
from processors.passages.settings import PassageSettings
from processors.passages.voting import vote
from processors.reading import read
from processors.readings.slots import slots_of
from triton_models.geometry import iou

_NOWHERE = LogPosition(topic="", partition=0, offset=0)


async def seen_in_its_frame(event: PlateEvent, frame: bytes, reader: Reader, regard: Regard) -> PlateEvent:
    """The event as it would be of this frame alone; without a reading where its plate is not found.

    Raises:
        Rejected: the bytes are no picture.
    """
    how = reader.how.pictures if event.origin == "upload" else reader.how.video
    picture = decode_jpeg(frame)
    found = await recognise(picture, reader.inference, how, reader.pool, regard)
    height, width = picture.shape[:2]
    settings = PassageSettings(reading=reader.how.reading)
    return event_of(event, found, (width, height), settings, reader.inference.models)


def event_of(
    event: PlateEvent,
    found: Recognised,
    size_wh: tuple[int, int],
    settings: PassageSettings,
    models: tuple[ModelUsed, ...],
) -> PlateEvent:
    """The event as it would be of what its frame, of `size_wh` pixels, shows now. Of what was found before
    only the frame itself stays: pictures and reads were of the plate and the vehicle that were found then."""
    same = _same_vehicles(event, found)
    plate = _plate_of(event, found, same)
    reading = _reading_of(event, plate, found, size_wh, settings)
    before = event.evidence
    return replace(
        event,
        revision=1,
        direction=None,
        movement=None,
        processed_at=datetime.now(UTC),
        reading=reading,
        corners=plate.corners if plate and reading else None,
        vehicle=found.vehicles[same[0]] if same else None,
        frames=1,
        reads=1 if reading else 0,
        agreement=1.0 if reading else 0.0,
        models=models,
        settings=None,
        evidence=before
        and Evidence(position=before.position, frame=before.frame, vehicle=None, plate=None, reads=None),
    )


def _same_vehicles(event: PlateEvent, found: Recognised) -> list[int]:
    """Numbers of the vehicles that stand where the event's stood, the one that overlaps it most first."""
    if event.vehicle is None:
        return []
    place = np.array(event.vehicle.xyxy, np.float32)
    boxes = np.array([each.xyxy for each in found.vehicles], np.float32).reshape(-1, 4)
    overlaps = iou(place, boxes)
    there = np.flatnonzero(overlaps >= LEAST_OVERLAP).tolist()
    return sorted(there, key=lambda number: -float(overlaps[number]))


def _plate_of(event: PlateEvent, found: Recognised, same: Sequence[int]) -> PlateSeen | None:
    """Where its plate was; where nobody had read it, the clearest one on its vehicle."""
    if event.corners is not None:
        return plate_at(found.plates, event.corners)
    return _clearest([each for each in found.plates if each.vehicle in same])


def _clearest(plates: Sequence[PlateSeen]) -> PlateSeen | None:
    return max(plates, key=lambda each: each.confidence, default=None)


def _reading_of(
    event: PlateEvent,
    plate: PlateSeen | None,
    found: Recognised,
    size_wh: tuple[int, int],
    settings: PassageSettings,
) -> Reading | None:
    """What the plate says; where nobody had read it, only if the stage would call it a plate as well: signs
    and stickers on vehicles hold text too."""
    if plate is None:
        return None
    slots = slots_of(plate.characters)
    reading = read(slots, lines=plate.lines, colour=plate.colour, settings=settings.reading)
    if reading is None or event.reading is not None:
        return reading
    sighting = _sighting(event, plate, found, size_wh)
    return reading if _counts(sighting, reading, settings) else None


def _counts(sighting: Sighting, reading: Reading, settings: PassageSettings) -> bool:
    """Whether a passage of this one look would be one with a plate, or its text is accepted in a film."""
    [seen] = [each for each in observations(sighting) if each.read is not None]
    passage = Passage.begun(sighting, seen, kept_reads=1)
    passage.add(sighting, seen, 0)
    voted = reading_of(passage, vote(passage.reads), settings) if passage.reads else None
    by_itself = voted is not None and is_plate(passage, voted, settings)
    return by_itself or (reading.accepted and sighting.origin != "upload")


def _sighting(event: PlateEvent, plate: PlateSeen, found: Recognised, size_wh: tuple[int, int]) -> Sighting:
    """The frame as the stage would have it, with this plate alone."""
    return Sighting(
        camera=event.camera,
        epoch=event.epoch,
        sequence=0,
        captured_at=event.best_captured_at,
        clock=event.clock,
        origin=event.origin,
        width=size_wh[0],
        height=size_wh[1],
        frame=event.evidence.position if event.evidence else _NOWHERE,
        processed_at=event.best_captured_at,
        models=(),
        vehicles=found.vehicles,
        plates=(plate,),
    )
