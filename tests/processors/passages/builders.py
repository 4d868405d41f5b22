"""Streets made of arithmetic: vehicles that drive past a camera -> the sightings it would give."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import msgspec

from contracts.messages.common import ALPHABET, Corners, LogPosition, ModelUsed, Origin, VehicleSeen, Xyxy
from contracts.messages.sighting import CharacterSeen, PlateSeen, Sighting

NOON = datetime(2026, 3, 1, 6, 30, tzinfo=UTC)
MODEL = ModelUsed(name="characters", version="1", sha256="ab" * 32)
FRAME_WH = (960, 540)
JPEG_OF_CROP = b"\xff\xd8crop"


def characters(
    text: str,
    corners: Corners = ((100.0, 200.0), (200.0, 200.0), (200.0, 224.0), (100.0, 224.0)),
    *,
    sure: float = 0.95,
    mistaken: dict[int, tuple[str, float]] | None = None,
) -> tuple[CharacterSeen, ...]:
    """A text's characters across a plate. `mistaken`: at this place another character takes so much."""
    (x0, y0), (x1, _), (_, y1) = corners[0], corners[1], corners[2]
    width = (x1 - x0) / max(1, len(text))
    found = []
    for place, character in enumerate(text):
        probabilities = {character: sure}
        if mistaken and place in mistaken:
            other, share = mistaken[place]
            probabilities = {character: round(sure * (1 - share), 6), other: round(sure * share, 6)}
        box = (x0 + place * width, y0, x0 + (place + 1) * width, y1)
        found.append(CharacterSeen(xyxy=box, line=0, probabilities=probabilities))
    return tuple(found)


def corners_of(box: Xyxy) -> Corners:
    return (box[0], box[1]), (box[2], box[1]), (box[2], box[3]), (box[0], box[3])


def a_plate(
    box: Xyxy,
    text: str,
    *,
    vehicle: int | None = None,
    confidence: float = 0.9,
    sharpness: float = 300,
    sure: float = 0.95,
    mistaken: dict[int, tuple[str, float]] | None = None,
) -> PlateSeen:
    corners = corners_of(box)
    return PlateSeen(
        corners=corners,
        confidence=confidence,
        lines=1,
        colour="white",
        colour_confidence=0.9,
        vehicle=vehicle,
        sharpness=sharpness,
        characters=characters(text, corners, sure=sure, mistaken=mistaken),
        crop=JPEG_OF_CROP,
    )


def a_sighting(
    sequence: int,
    plates: Sequence[PlateSeen] = (),
    vehicles: Sequence[VehicleSeen] = (),
    *,
    seconds: float | None = None,
    camera: str = "gate",
    epoch: str = "e1",
    origin: Origin = "file",
    end: bool = False,
    frames_per_second: float = 5.0,
) -> Sighting:
    """`seconds` after noon, by default at a steady rate of frames."""
    at = sequence / frames_per_second if seconds is None else seconds
    return Sighting(
        camera=camera,
        epoch=epoch,
        sequence=sequence,
        captured_at=NOON + timedelta(seconds=at),
        clock="container",
        origin=origin,
        end=end,
        width=FRAME_WH[0],
        height=FRAME_WH[1],
        frame=LogPosition(topic="frames", partition=3, offset=sequence),
        processed_at=NOON,
        models=() if end else (MODEL,),
        vehicles=tuple(vehicles),
        plates=tuple(plates),
    )


@dataclass(frozen=True, kw_only=True)
class Drive:
    """A car that crosses the picture in a straight line while it grows or shrinks."""

    text: str
    starts_sec: float
    lasts_sec: float = 4.0
    from_xy: tuple[float, float] = (100.0, 150.0)
    to_xy: tuple[float, float] = (320.0, 350.0)
    from_width: float = 120.0
    to_width: float = 240.0
    hidden_sec: tuple[float, float] | None = None

    def box(self, seconds: float) -> Xyxy | None:
        """The car's box at a time; None while it is not to be seen."""
        share = (seconds - self.starts_sec) / self.lasts_sec
        if not 0.0 <= share <= 1.0:
            return None
        if self.hidden_sec and self.hidden_sec[0] <= seconds - self.starts_sec < self.hidden_sec[1]:
            return None
        x = self.from_xy[0] + share * (self.to_xy[0] - self.from_xy[0])
        y = self.from_xy[1] + share * (self.to_xy[1] - self.from_xy[1])
        width = self.from_width + share * (self.to_width - self.from_width)
        return x - width / 2, y - width * 0.4, x + width / 2, y + width * 0.4


def plate_box(car: Xyxy) -> Xyxy:
    """The plate of a car: a fifth of its width, low in the middle."""
    width = (car[2] - car[0]) * 0.3
    x, y = (car[0] + car[2]) / 2, car[1] + (car[3] - car[1]) * 0.8
    return x - width / 2, y - width * 0.12, x + width / 2, y + width * 0.12


def a_street(
    drives: Sequence[Drive],
    *,
    frames_per_second: float = 5.0,
    seed: int = 0,
    noise: float = 0.0,
    missed: float = 0.0,
    vehicles: bool = True,
    camera: str = "gate",
    epoch: str = "e1",
) -> list[Sighting]:
    """Sightings from the first car's coming to the last one's going, and the end of the stream.

    `noise`: share of characters that another one shadows; `missed`: share of plates not found.
    """
    dice = random.Random(seed)
    last_sec = max(drive.starts_sec + drive.lasts_sec for drive in drives) + 0.5
    count = int(last_sec * frames_per_second) + 1
    stream = []
    for sequence in range(count):
        cars, plates = _seen(drives, sequence / frames_per_second, dice, noise, missed)
        if not vehicles:
            cars, plates = [], [msgspec.structs.replace(plate, vehicle=None) for plate in plates]
        stream.append(
            a_sighting(
                sequence, plates, cars, camera=camera, epoch=epoch, frames_per_second=frames_per_second
            )
        )
    stream.append(
        a_sighting(count, camera=camera, epoch=epoch, end=True, frames_per_second=frames_per_second)
    )
    return stream


def _seen(
    drives: Sequence[Drive], at_sec: float, dice: random.Random, noise: float, missed: float
) -> tuple[list[VehicleSeen], list[PlateSeen]]:
    there = [(drive.text, drive.box(at_sec)) for drive in drives]
    boxes = [(text, box) for text, box in there if box is not None]
    cars = [VehicleSeen(kind="car", confidence=0.9, xyxy=box) for _, box in boxes]
    plates = [
        a_plate(plate_box(box), text, vehicle=number, mistaken=_mistakes(text, noise, dice))
        for number, (text, box) in enumerate(boxes)
        if dice.random() >= missed
    ]
    return cars, plates


def _mistakes(text: str, noise: float, dice: random.Random) -> dict[int, tuple[str, float]]:
    return {
        place: (dice.choice([other for other in ALPHABET if other != character]), dice.uniform(0.2, 0.9))
        for place, character in enumerate(text)
        if dice.random() < noise
    }
