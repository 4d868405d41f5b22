"""Sightings of a street that nobody filmed: at every camera one vehicle after another passes, and at the
first one stands at the kerb all day, hidden now and then by what stops before it."""

from __future__ import annotations

from collections.abc import Iterator

from contracts.codec import encode
from contracts.messages.common import Corners, LogPosition, ModelUsed, VehicleSeen, Xyxy
from contracts.messages.sighting import CharacterSeen, PlateSeen, Sighting
from contracts.topics import Topic
from deploy.bench.workers.topics import (
    FRAMES_PER_SECOND,
    PARTITIONS,
    Filling,
    camera_of,
    captured_at,
    picture,
)

SIZE_WH = 432, 240
_CROP_WH = 72, 16
_PASSAGE = 40
"""Frames from one vehicle to the next; in view it is in `_IN_VIEW`, and has left before the next comes."""
_IN_VIEW = 16
_STEP_PX = 5.0
_STANDS_AT = (250.0, 60.0)
_HIDDEN_EVERY, _HIDDEN = 45 * FRAMES_PER_SECOND, 4 * FRAMES_PER_SECOND
_MODEL = ModelUsed(name="characters", version="1", sha256="ab" * 32)


def sightings(count: int) -> Iterator[Filling]:
    """So many, evenly of all cameras; the last one of each says that its film is over."""
    crop, each = picture(_CROP_WH), count // PARTITIONS
    for sequence in range(each):
        for partition in range(PARTITIONS):
            seen = _in_view(partition, sequence, crop)
            over = sequence == each - 1
            sighting = Sighting(
                camera=camera_of(partition),
                epoch="bench",
                sequence=sequence,
                captured_at=captured_at(sequence),
                clock="host",
                origin="file",
                width=SIZE_WH[0],
                height=SIZE_WH[1],
                frame=LogPosition(topic=Topic.FRAMES, partition=partition, offset=sequence),
                processed_at=captured_at(sequence),
                models=(_MODEL,),
                vehicles=() if over else tuple(vehicle for vehicle, _ in seen),
                plates=() if over else tuple(plate for _, plate in seen),
                end=over,
            )
            yield Filling(partition=partition, value=encode(sighting))


def _in_view(partition: int, sequence: int, crop: bytes) -> list[tuple[VehicleSeen, PlateSeen]]:
    found = []
    number, frame = divmod(sequence, _PASSAGE)
    if frame < _IN_VIEW:
        text = f"MH{partition + 1:02d}AB{number % 10_000:04d}"
        found.append(_seen(text, (30.0, 10.0 + _STEP_PX * frame), index=0, crop=crop))
    if partition == 0 and sequence % _HIDDEN_EVERY >= _HIDDEN:
        found.append(_seen("KA05MN7007", _STANDS_AT, index=len(found), crop=crop))
    return found


def _seen(text: str, at: tuple[float, float], *, index: int, crop: bytes) -> tuple[VehicleSeen, PlateSeen]:
    """A car whose upper left corner is here, and its plate."""
    x, y = at
    body: Xyxy = (x, y, x + 150.0, y + 100.0)
    left, top, right, bottom = x + 25.0, y + 70.0, x + 125.0, y + 92.0
    corners: Corners = ((left, top), (right, top), (right, bottom), (left, bottom))
    characters = tuple(
        CharacterSeen(
            xyxy=(left + 10.0 * place, top + 2.0, left + 10.0 * place + 9.0, bottom - 2.0),
            line=0,
            probabilities={character: 0.95},
        )
        for place, character in enumerate(text)
    )
    plate = PlateSeen(
        corners=corners,
        confidence=0.9,
        lines=1,
        colour="white",
        colour_confidence=0.8,
        vehicle=index,
        sharpness=250.0,
        characters=characters,
        crop=crop,
    )
    return VehicleSeen(kind="car", confidence=0.9, xyxy=body), plate
