"""What is kept of a final -> read again, by the same functions and settings as on the stream."""

from __future__ import annotations

import asyncio
from pathlib import Path

import numpy as np

from contracts.messages.common import Corners, LogPosition
from contracts.messages.frame import FrameHeader, microseconds
from contracts.messages.plate import PlateEvent
from deploy.reading.reader import HowToRead, PictureReader
from deploy.reading.stages import StagesInProcess, frame_message
from processors.cascade.pictures import decode_jpeg
from processors.cascade.recognise import Recognised, recognise
from processors.fused_look import FusedLook
from processors.passages.kept_reads import KeptReads, reads_of
from processors.passages.settings import PassageSettings
from processors.passages.voting import vote
from processors.reading import ReadingSettings, read
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


def vehicle_again(frame: bytes, event: PlateEvent, repository: Path) -> bool:
    """Whether the frame shows a vehicle at the place of the event's.

    Raises:
        Rejected: the bytes are no picture.
        Stop: a model is missing.
    """
    if event.vehicle is None:
        return False
    found = asyncio.run(_seen_again(frame, event, repository)).vehicles
    boxes = np.array([vehicle.xyxy for vehicle in found], np.float32).reshape(-1, 4)
    overlaps = iou(np.array(event.vehicle.xyxy, np.float32), boxes)
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
    if event.origin == "upload" and event.evidence is not None and len(kept.reads) == 1:
        return text_of_frame(kept, event.evidence.position)
    return asyncio.run(_voted_again(kept, repository))


def text_of_frame(kept: KeptReads, position: LogPosition) -> str | None:
    """What the read of one frame said by itself; None when it is not among them."""
    for each in reads_of(kept):
        if each.frame == position:
            reading = read(
                each.slots, lines=each.seen.lines, colour=each.seen.colour, settings=ReadingSettings()
            )
            return reading.text if reading else None
    return None


async def _texts_again(frame: bytes, event: PlateEvent, repository: Path) -> list[str]:
    if event.corners is None:
        return []
    found, how = await _seen_again(frame, event, repository), HowToRead().reading
    overlaps = [_overlap(plate.corners, event.corners) for plate in found.plates]
    if not overlaps or max(overlaps) < LEAST_OVERLAP:
        return []
    plate = found.plates[int(np.argmax(overlaps))]
    reading = read(slots_of(plate.characters), lines=plate.lines, colour=plate.colour, settings=how)
    return [each.text for each in reading.candidates] if reading else []


async def _seen_again(frame: bytes, event: PlateEvent, repository: Path) -> Recognised:
    reader = PictureReader(repository)
    try:
        how_seen = reader.how.pictures if event.origin == "upload" else reader.how.video
        return await recognise(decode_jpeg(frame), reader.inference, how_seen, reader.pool)
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
            voted = await look.vote(reads) or voted
        finally:
            await reader.close()
    reading = read(voted.slots, lines=kept.lines, colour=kept.colour, settings=ReadingSettings())
    return reading.text if reading else None


def _overlap(one: Corners, other: Corners) -> float:
    first, second = (corners_box(np.array(corners, np.float32)) for corners in (one, other))
    return float(iou(first, second[None])[0])
