"""Pictures that show one plate several times -> what voting over them gains over each picture by itself."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np

from contracts.errors import Rejected
from contracts.messages.common import LogPosition
from contracts.messages.sighting import PlateSeen
from deploy.reading.pictures import open_picture
from deploy.reading.reader import PictureReader
from processors.passages.observations import PlateRead, reading_weight
from processors.passages.voting import vote
from processors.reading import ReadingSettings, read
from processors.readings.slots import Slots, slots_of
from triton_models.geometry import corners_box
from triton_models.training.evaluation.intervals import Rate
from triton_models.training.evaluation.plates import FoundPlate, pairs
from triton_models.training.labels.annotations import Annotation, LabelledPlate

FEWEST_FRAMES = 3
_NO_TIME = datetime(2000, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Frame:
    note: Annotation
    plate: LabelledPlate


def sequences(notes: Sequence[Annotation]) -> dict[tuple[str, str], list[Frame]]:
    """Pictures of one group in which the same text is labelled, three or more; crops are no frames."""
    found: dict[tuple[str, str], list[Frame]] = {}
    for note in notes:
        if note.kind == "crop" or note.group is None:
            continue
        for plate in note.plates:
            if plate.text:
                found.setdefault((note.group, plate.text), []).append(Frame(note, plate))
    return {key: frames for key, frames in found.items() if len(frames) >= FEWEST_FRAMES}


async def voting_gain(folder: Path, notes: Sequence[Annotation], reader: PictureReader) -> dict[str, Any]:
    """Rates of frames read exactly one by one, and of whole sequences after the vote.

    A sequence weighs as one in both: frames by themselves count as the share of them that is right.
    """
    single: list[float] = []
    voted = 0
    frames_in_all = 0
    for (_, text), frames in sequences(notes).items():
        reads = [read for frame in frames if (read := await _read(folder, frame, reader)) is not None]
        settings = reader.how.reading
        single.append(sum(_text(each.slots, each.seen, settings) == text for each in reads) / len(frames))
        frames_in_all += len(frames)
        if reads:
            result = vote(reads)
            voted += _text(result.slots, result.best.seen, settings) == text
    return {
        "sequences": len(single),
        "frames": frames_in_all,
        "one_frame": round(float(np.mean(single)), 4) if single else None,
        "voted": Rate(voted, len(single)).figures(),
    }


def _text(slots: Slots, seen: PlateSeen, settings: ReadingSettings) -> str:
    reading = read(slots, lines=seen.lines, colour=seen.colour, settings=settings)
    return "" if reading is None else reading.text


async def _read(folder: Path, frame: Frame, reader: PictureReader) -> PlateRead | None:
    try:
        picture = open_picture(folder / frame.note.image)
    except Rejected:
        return None
    plates = (await reader.recognise(picture)).plates
    finds = [_find(plate, number) for number, plate in enumerate(plates)]
    matched = pairs([frame.plate], finds)[0][0][1]
    if matched is None:
        return None
    seen = plates[int(matched.text)]
    size_wh = (picture.shape[1], picture.shape[0])
    return PlateRead(
        seen=seen, slots=slots_of(seen.characters), weight=reading_weight(seen, size_wh), vehicle=None,
        captured_at=_NO_TIME, frame=LogPosition(topic="", partition=0, offset=0), size_wh=size_wh,
    )  # fmt: skip


def _find(plate: PlateSeen, number: int) -> FoundPlate:
    x0, y0, x1, y1 = (float(value) for value in corners_box(np.array(plate.corners, np.float32)))
    return FoundPlate((x0, y0, x1, y1), str(number), plate.confidence, accepted=False)
