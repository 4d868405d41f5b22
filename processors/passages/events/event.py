"""A passage and its vote -> the plate event, without its pictures; and what makes it worth one."""

from __future__ import annotations

from datetime import datetime

import msgspec

from contracts.messages.common import VehicleSeen
from contracts.messages.plate import Direction, Movement, PlateEvent, Reading, State
from contracts.messages.sighting import Sighting
from processors.passages.events.origins import Origins
from processors.passages.movement.speed import speed_class
from processors.passages.observations import PlateRead
from processors.passages.passage import Passage
from processors.passages.settings import PassageSettings
from processors.passages.tracking.motion import size
from processors.passages.vehicle_view import VehicleView
from processors.passages.voting import Vote
from processors.reading import is_worth_showing, read


def reading_of(passage: Passage, voted: Vote, settings: PassageSettings) -> Reading | None:
    """Of a film all frames together; an upload is one picture, looked at as `platestream read` does: a vote
    would bound what this one says as if others were to come."""
    upload = passage.origins.origin == "upload" and len(passage.reads) == 1
    slots = passage.reads[0].slots if upload else voted.slots
    return read(slots, lines=passage.lines, colour=passage.colour, settings=settings.reading)


def agreement(passage: Passage, reading: Reading) -> float:
    """Share of the reads that say exactly the chosen text by themselves."""
    return passage.texts[reading.text] / passage.read_count if passage.read_count else 0.0


def is_plate(passage: Passage, reading: Reading, settings: PassageSettings) -> bool:
    """True when there is enough to call it a plate: signs and stickers on vehicles hold text as well."""
    if passage.origins.origin == "upload":
        return any(is_worth_showing(reading, plate_confidence=each.seen.confidence) for each in passage.reads)
    on_nothing = passage.frames_on_vehicle < settings.on_vehicle * passage.frames
    if on_nothing and not reading.accepted and not _stands_alone(passage, reading, settings):
        return False
    if reading.format.valid:
        once = len(passage.texts_at) <= 1  # what was found beside it may have been anything
        needed = settings.single_read_confidence if once else settings.valid_confidence
        return reading.confidence >= needed or (once and _is_clear_alone(passage, reading, settings))
    return (
        settings.reading.shortest_irregular <= len(reading.text) <= settings.longest_irregular
        and any(character.isdigit() for character in reading.text)
        and passage.read_count >= settings.irregular_reads
        and _is_steady(passage, reading, settings)
    )


def is_vehicle(passage: Passage, view: VehicleView, settings: PassageSettings) -> bool:
    """True when enough was seen to tell of a vehicle that nobody could read, or it was told of before: often,
    and near in its best view. A single large box may be two vehicles, or a moment's mistake."""
    often = passage.frames_on_vehicle >= settings.unread_frames
    near_px = min(size(view.vehicle.xyxy), passage.second_largest_px)
    return passage.given is not None or (often and near_px >= settings.unread_px)


def _is_clear_alone(passage: Passage, reading: Reading, settings: PassageSettings) -> bool:
    """Whether its only legible frame leaves no doubt of this text. That is judged by the frame itself:
    the vote bounds what one frame says, and by how much depends on which other numbers its characters could
    be."""
    readings = (
        read(each.slots, lines=passage.lines, colour=passage.colour, settings=settings.reading)
        for each in passage.reads
    )
    return any(
        each and each.text == reading.text and each.confidence >= settings.clear_read_confidence
        for each in readings
    )


def _stands_alone(passage: Passage, reading: Reading, settings: PassageSettings) -> bool:
    """Whether its frames agree so well that it is a plate though no vehicle was found around it: large
    writing on a truck reads as some number in every frame, as another one in the next."""
    needed = settings.irregular_agreement if reading.format.valid else settings.steady_agreement
    return _nearly_agreeing(passage, reading.text) >= needed


def _is_steady(passage: Passage, reading: Reading, settings: PassageSettings) -> bool:
    """Sure and mostly the same; or less sure, for one character in doubt, and the same all the time."""
    near = _nearly_agreeing(passage, reading.text)
    sure = reading.confidence >= settings.irregular_confidence and near >= settings.irregular_agreement
    steady = reading.confidence >= settings.steady_confidence and near >= settings.steady_agreement
    return sure or (steady and passage.read_count >= settings.steady_reads)


def _nearly_agreeing(passage: Passage, text: str) -> float:
    """Share of the reads that say this text but for one character: a sign reads as this and that."""
    near = sum(count for other, count in passage.texts.items() if _at_most_one_apart(other, text))
    return near / passage.read_count


def _at_most_one_apart(one: str, other: str) -> bool:
    shorter, longer = sorted((one, other), key=len)
    if len(longer) - len(shorter) > 1:
        return False
    same = 0
    while same < len(shorter) and shorter[same] == longer[same]:
        same += 1
    if len(shorter) == len(longer):
        return shorter[same + 1 :] == longer[same + 1 :]
    return shorter[same:] == longer[same + 1 :]


def plate_event(
    passage: Passage,
    *,
    best: PlateRead,
    reading: Reading,
    state: State,
    revision: int,
    direction: Direction | None,
    now: datetime,
) -> PlateEvent:
    """The event as it stands before its pictures are stored."""
    return PlateEvent(
        event_id=passage.origins.event_id,
        state=state,
        revision=revision,
        camera=passage.origins.camera,
        direction=direction,
        movement=_movement(passage),
        origin=passage.origins.origin,
        epoch=passage.origins.epoch,
        first_captured_at=passage.first_captured_at,
        best_captured_at=best.captured_at,
        last_captured_at=passage.last_captured_at,
        clock=passage.origins.clock,
        processed_at=now,
        reading=reading,
        corners=best.seen.corners,
        vehicle=_vehicle(passage, best.vehicle),
        frames=passage.frames,
        reads=passage.read_count,
        agreement=agreement(passage, reading),
        models=passage.models,
        evidence=None,
    )


def unread_event(
    passage: Passage, view: VehicleView, *, direction: Direction | None, now: datetime
) -> PlateEvent:
    """The final of a vehicle whose plate nobody could read, with its best view."""
    return PlateEvent(
        event_id=passage.origins.event_id,
        state="final",
        revision=passage.next_revision,
        camera=passage.origins.camera,
        direction=direction,
        movement=_movement(passage),
        origin=passage.origins.origin,
        epoch=passage.origins.epoch,
        first_captured_at=passage.first_captured_at,
        best_captured_at=view.captured_at,
        last_captured_at=passage.last_captured_at,
        clock=passage.origins.clock,
        processed_at=now,
        reading=None,
        corners=None,
        vehicle=_vehicle(passage, view.vehicle),
        frames=passage.frames,
        reads=passage.read_count,
        agreement=0.0,
        models=passage.models,
        evidence=None,
    )


def event_of_nothing(sighting: Sighting, *, now: datetime) -> PlateEvent:
    """The final event of an upload in which no plate was found; its largest vehicle, if any, is named."""
    return PlateEvent(
        event_id=Origins.of(sighting, sequence=0, name="nothing").event_id,
        state="final",
        revision=1,
        camera=sighting.camera,
        origin=sighting.origin,
        epoch=sighting.epoch,
        first_captured_at=sighting.captured_at,
        best_captured_at=sighting.captured_at,
        last_captured_at=sighting.captured_at,
        clock=sighting.clock,
        processed_at=now,
        reading=None,
        corners=None,
        vehicle=max(sighting.vehicles, key=lambda vehicle: size(vehicle.xyxy), default=None),
        frames=1,
        reads=0,
        agreement=0.0,
        models=sighting.models,
        evidence=None,
    )


def _movement(passage: Passage) -> Movement | None:
    movements = passage.movements
    speed = speed_class(passage.reads, kind=passage.kind, lines=passage.lines, ways=movements.ways)
    return movements.told(speed)


def _vehicle(passage: Passage, at_best: VehicleSeen | None) -> VehicleSeen | None:
    """The vehicle of the best frame, with the kind that most frames saw.

    Without one in the best frame it is left out: a box of another frame would frame something else.
    """
    if at_best is None or passage.kind is None:
        return at_best
    return msgspec.structs.replace(at_best, kind=passage.kind)
