"""Passages -> drafts of their events: preview, final, and later finals when the same plate comes again."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

import msgspec

from contracts.messages.common import CameraId, LogPosition
from contracts.messages.plate import PlateEvent, Reading, State
from contracts.messages.sighting import Sighting
from processors.passages.events.event import (
    event_of_nothing,
    is_plate,
    is_vehicle,
    plate_event,
    reading_of,
    unread_event,
)
from processors.passages.events.remembered import Remembered
from processors.passages.movement.direction import direction_of
from processors.passages.observations import PlateRead
from processors.passages.passage import Passage
from processors.passages.settings import PassageSettings
from processors.passages.voting import Vote, vote
from processors.readings.slots import slots_of

_PREVIEW_REVISION = 0
# The grammar cannot lift a text from less than this share of what is asked for.
_WORTH_READING = 0.4


@dataclass(frozen=True, kw_only=True)
class Draft:
    """An event that may still lack its pictures. `crop` is the small plate picture of the best sighting,
    `frame` the position of its frame, None when there is no frame to show. `passage` is what it is an event
    of, and `reads` are those that a final was voted from."""

    event: PlateEvent
    frame: LogPosition | None
    crop: bytes | None
    passage: Passage | None = None
    reads: tuple[PlateRead, ...] = ()

    @property
    def unsure(self) -> bool:
        """Whether it is a final that is not accepted: its reads together may show more."""
        reading = self.event.reading
        return bool(self.reads) and reading is not None and not reading.accepted


class Drafting:
    """Writes the events of one camera's passages; at cameras that are in `unread` also of vehicles without a
    readable plate.

    `now` gives processing time; no decision depends on it.
    """

    def __init__(
        self,
        settings: PassageSettings,
        now: Callable[[], datetime],
        remembered: Remembered,
        unread: Collection[CameraId],
    ) -> None:
        self._settings = settings
        self._now = now
        self._remembered = remembered
        self._unread_at = unread
        self.time: datetime | None = None
        """The capture time of the latest sighting."""

    def ready(self, passage: Passage) -> Vote | None:
        """The vote of a passage whose plate is read well enough for a preview."""
        settings = self._settings
        if not passage.reads:
            return None
        early = passage.read_count < settings.preview_reads
        needed = settings.preview_at_once if early else settings.preview_confidence
        voted = vote(passage.reads)
        if float(voted.slots.certainty.prod()) < needed * _WORTH_READING:
            return None
        reading = reading_of(passage, voted, settings)
        if reading is None or reading.confidence < needed:
            return None
        return voted if is_plate(passage, reading, settings) else None

    def preview(self, passage: Passage, voted: Vote) -> list[Draft]:
        """The preview, unless the passage is more of one whose final is out."""
        reading = reading_of(passage, voted, self._settings)
        if reading is None or self._remembered.earlier(passage, voted) is not None:
            return []
        passage.previewed = True
        return [self._draft(passage, voted, reading, "preview")]

    def final(self, passage: Passage, *, told: bool = True) -> list[Draft]:
        """The final of a passage that is over (or as it stands); nothing when it shows no plate. With one
        that is parked nothing happens when it is not to be `told`: that was before a restart."""
        given = passage.given
        if given is not None and given.frames == passage.frames:
            return []  # nothing has been seen since
        if given is None or not passage.parked:
            voted = self._voted(passage, told=told) if passage.reads else []
            # As part of another one it is told of by that one, or not at all.
            return voted if voted or passage.part_of is not None else self._unread(passage)
        # That it is gone is told at once; of one that comes and goes, only now and then.
        if not told or (passage.repeated and not self._is_due(given)):
            return []
        passage.repeated = True
        return self._of_parked(passage, given)

    def refreshed(self, passage: Passage) -> list[Draft]:
        """The event of a parked vehicle, hidden or not, once more when that was long ago."""
        given = passage.given
        due = given is not None and given.frames != passage.frames and self._is_due(given)
        return self._of_parked(passage, given) if due and given else []

    def untold(self, passages: Sequence[Passage]) -> list[Draft]:
        """What parked vehicles, that are gone, were seen to do since they were last told of."""
        unsaid = [(each, each.given) for each in passages if each.given and each.given.frames != each.frames]
        return [draft for each, given in unsaid for draft in self._of_parked(each, given)]

    def _of_parked(self, passage: Passage, given: PlateEvent) -> list[Draft]:
        if given.reading is None:
            voted = self._voted(passage, told=True) if passage.reads else []
            if voted or not self._asked(passage):
                return voted
        return [self._again(passage, given)]

    def _is_due(self, given: PlateEvent) -> bool:
        since_sec = (self.time - given.last_captured_at).total_seconds() if self.time else 0.0
        return since_sec >= self._settings.refresh_sec

    def _voted(self, passage: Passage, *, told: bool) -> list[Draft]:
        voted = vote(passage.reads)
        earlier = None if passage.previewed or passage.given else self._remembered.earlier(passage, voted)
        if earlier is not None:
            earlier.absorb(passage)
            return self.final(earlier, told=told)
        reading = reading_of(passage, voted, self._settings)
        if reading is None:
            return []
        if not passage.previewed and not is_plate(passage, reading, self._settings):
            return []
        self._remembered.add(passage, voted.slots)
        draft = self._draft(passage, voted, reading, "final")
        passage.given = draft.event
        return [draft]

    def _unread(self, passage: Passage) -> list[Draft]:
        """The event of a vehicle without a plate, where the camera asks for it."""
        view = passage.vehicle_view
        if not self._asked(passage) or view is None or not is_vehicle(passage, view, self._settings):
            return []
        direction = direction_of(passage.vehicle_path, None)
        passage.given = unread_event(passage, view, direction=direction, now=self._now())
        return [Draft(event=passage.given, frame=view.frame, crop=None, passage=passage)]

    def _asked(self, passage: Passage) -> bool:
        return passage.origins.camera in self._unread_at and passage.origins.origin != "upload"

    def nothing_found(self, sighting: Sighting) -> list[Draft]:
        """An upload without a plate is said to be one."""
        event = event_of_nothing(sighting, now=self._now())
        return [Draft(event=event, frame=None if sighting.end else sighting.frame, crop=None)]

    def move_to(self, time: datetime) -> None:
        """The capture time is this now."""
        self.time = time
        self._remembered.move_to(time)

    def _again(self, passage: Passage, given: PlateEvent) -> Draft:
        """The event of a parked vehicle once more, with the time until which it stood there."""
        if given.reading is not None:
            self._remembered.add(passage, slots_of(given.reading.characters))
        passage.given = msgspec.structs.replace(
            given,
            revision=passage.next_revision,
            last_captured_at=passage.last_captured_at,
            frames=passage.frames,
            movement=passage.movements.told(None),
            processed_at=self._now(),
        )
        return Draft(event=passage.given, frame=None, crop=None, passage=passage)

    def _draft(self, passage: Passage, voted: Vote, reading: Reading, state: State) -> Draft:
        # What is read of a vehicle as it drives off again is not the way it came.
        came = passage.given.direction if passage.parked and passage.given else None
        event = plate_event(
            passage,
            best=voted.best,
            reading=reading,
            state=state,
            revision=_PREVIEW_REVISION if state == "preview" else passage.next_revision,
            direction=came or direction_of(passage.vehicle_path, passage.plate_path),
            now=self._now(),
        )
        return Draft(
            event=event,
            frame=voted.best.frame,
            crop=voted.best.seen.crop or None,
            passage=passage,
            reads=tuple(passage.reads) if state == "final" else (),
        )
