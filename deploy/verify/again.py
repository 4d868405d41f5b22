"""What is kept of a final -> read again, by the same functions and settings as on the stream."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from functools import partial
from pathlib import Path

import numpy as np

from contracts.messages.common import Corners
from contracts.messages.frame import FrameHeader, microseconds
from contracts.messages.plate import PlateEvent
from contracts.messages.sighting import PlateSeen
from deploy.reading.reader import PictureReader
from deploy.reading.stages import StagesInProcess, frame_message
from deploy.verify.moments import read_of_frame
from processors.cascade.pictures import decode_jpeg
from processors.cascade.recognise import Recognised, recognise
from processors.cascade.regard import EVERYTHING, Regard
from processors.fused_look import FusedLook
from processors.passages.kept_reads import KeptReads, reads_of
from processors.passages.settings import PassageSettings
from processors.passages.voting import vote
from processors.reading import ReadingSettings, read
from processors.readings.slots import slots_of
from triton_models.geometry import corners_box, iou

LEAST_OVERLAP = 0.5


def texts_again(frame: bytes, event: PlateEvent, repository: Path, regard: Regard) -> list[str]:
    """The texts that the frame's plate at the event's place may have, the best first; empty: no plate there.

    Raises:
        Rejected: the bytes are no picture.
        Stop: a model is missing.
    """
    return asyncio.run(_texts_again(frame, event, repository, regard))


def vehicle_again(frame: bytes, event: PlateEvent, repository: Path, regard: Regard) -> bool:
    """Whether the frame shows a vehicle at the place of the event's.

    Raises:
        Rejected: the bytes are no picture.
        Stop: a model is missing.
    """
    if event.vehicle is None:
        return False
    seen = asyncio.run(_seen_again(frame, event, repository, regard))
    boxes = np.array([vehicle.xyxy for found in seen for vehicle in found.vehicles], np.float32)
    overlaps = iou(np.array(event.vehicle.xyxy, np.float32), boxes.reshape(-1, 4))
    return float(overlaps.max(initial=0.0)) >= LEAST_OVERLAP


def texts_of_upload(frame: bytes, event: PlateEvent, repository: Path) -> list[str]:
    """The texts of the events that the stages would give of this picture.

    Raises:
        Rejected: the bytes are no picture.
        Stop: a model is missing.
    """
    return asyncio.run(_texts_of_upload(frame, event, repository))


def voted_again(kept: KeptReads, event: PlateEvent, repository: Path) -> str | None:
    """The text that the reads together have, by the vote, and by their pictures where those were read; of an
    upload the one read's own.

    Raises:
        Stop: a model is missing.
    """
    if event.origin == "upload" and len(kept.reads) == 1:
        return text_of_frame(kept, event)
    return asyncio.run(_voted_again(kept, repository))


def text_of_frame(kept: KeptReads, event: PlateEvent) -> str | None:
    """What the read of the event's frame said by itself; None when it is not among them."""
    found = read_of_frame(event, kept)
    if found is None:
        return None
    seen, how = found.seen, ReadingSettings()
    reading = read(slots_of(seen.characters), lines=seen.lines, colour=seen.colour, settings=how)
    return reading.text if reading else None


def plate_at(plates: Sequence[PlateSeen], corners: Corners) -> PlateSeen | None:
    """The plate that stands at a place, if one does."""
    plate = max(plates, key=partial(_overlap, corners), default=None)
    return plate if plate is not None and _overlap(corners, plate) >= LEAST_OVERLAP else None


async def _texts_again(frame: bytes, event: PlateEvent, repository: Path, regard: Regard) -> list[str]:
    if event.corners is None:
        return []
    for found in await _seen_again(frame, event, repository, regard):
        plate = plate_at(found.plates, event.corners)
        if plate is not None:
            slots, how = slots_of(plate.characters), ReadingSettings()
            reading = read(slots, lines=plate.lines, colour=plate.colour, settings=how)
            return [each.text for each in reading.candidates] if reading else []
    return []


async def _seen_again(
    frame: bytes, event: PlateEvent, repository: Path, regard: Regard
) -> Sequence[Recognised]:
    """What the frame shows of what the camera asks for, as on the stream, and of everything: the camera may
    have asked for more when the event was made."""
    picture = decode_jpeg(frame)
    reader = PictureReader(repository)
    how_seen = reader.how.pictures if event.origin == "upload" else reader.how.video
    try:
        return [
            await recognise(picture, reader.inference, how_seen, reader.pool, each)
            for each in dict.fromkeys((regard, EVERYTHING))
        ]
    finally:
        await reader.close()


async def _texts_of_upload(frame: bytes, event: PlateEvent, repository: Path) -> list[str]:
    reader = PictureReader(repository)
    header = FrameHeader(
        camera=event.camera,
        epoch=event.epoch,
        sequence=0,
        captured_at_us=microseconds(event.first_captured_at),
        clock=event.clock,
        width=0,
        height=0,
        origin="upload",
    )
    try:
        stages = StagesInProcess(reader, PassageSettings(reading=reader.how.reading), None)
        found = [each async for each in stages.take(frame_message(header, frame))]
    finally:
        await reader.close()
    return [each.reading.text for each in found if each.reading]


async def _voted_again(kept: KeptReads, repository: Path) -> str | None:
    reads = reads_of(kept)
    voted = vote(reads)
    if kept.together:
        reader = PictureReader(repository)
        try:
            look = FusedLook(reader.inference, reader.pool, PassageSettings())
            voted = await look.vote(reads, kept.colour) or voted
        finally:
            await reader.close()
    reading = read(voted.slots, lines=kept.lines, colour=kept.colour, settings=ReadingSettings())
    return reading.text if reading else None


def _overlap(corners: Corners, plate: PlateSeen) -> float:
    first, second = (corners_box(np.array(each, np.float32)) for each in (corners, plate.corners))
    return float(iou(first, second[None])[0])
