"""Passages -> drafts of their events: preview, final, and later finals when the same plate comes again."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime

import msgspec

from contracts.messages.common import CameraId, LogPosition
from contracts.messages.plate import PlateEvent, Reading, State
from contracts.messages.sighting import Sighting
from processors.passages.direction import direction_of
from processors.passages.event import (
    event_of_nothing,
    is_plate,
    is_vehicle,
    plate_event,
    reading_of,
    unread_event,
)
from processors.passages.observations import PlateRead
from processors.passages.passage import Passage
from processors.passages.remembered import Remembered
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
    of, and `parked` all that stand at the camera, when this one does or did. `reads` are those that a final
    was voted from."""

    event: PlateEvent
    frame: LogPosition | None
    crop: bytes | None
    passage: Passage | None = None
    parked: tuple[Passage, ...] | None = None
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
        self._time: datetime | None = None

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

    def final(self, passage: Passage) -> list[Draft]:
        """The final of a passage that is over (or as it stands); nothing when it shows no plate."""
        if passage.given is not None and passage.given.frames == passage.frames:
            return []  # nothing has been seen since
        parked = passage.given if passage.parked else None
        if parked is not None and parked.reading is not None:
            # That it is gone is told at once; of one that comes and goes, only now and then.
            told = not passage.repeated or self._is_due(parked)
            return [self._again(passage, parked)] if told else []
        voted = self._voted(passage) if passage.reads else []
        return voted or ([self._again(passage, parked)] if parked else self._unread(passage))

    def refreshed(self, passage: Passage) -> list[Draft]:
        """The event of a parked vehicle, hidden or not, once more when that was long ago."""
        return self.final(passage) if passage.given and self._is_due(passage.given) else []

    def _is_due(self, given: PlateEvent) -> bool:
        since_sec = (self._time - given.last_captured_at).total_seconds() if self._time else 0.0
        return since_sec >= self._settings.refresh_sec

    def _voted(self, passage: Passage) -> list[Draft]:
        voted = vote(passage.reads)
        earlier = None if passage.previewed or passage.revision else self._remembered.earlier(passage, voted)
        if earlier is not None:
            earlier.absorb(passage)
            return self.final(earlier)
        reading = reading_of(passage, voted, self._settings)
        if reading is None:
            return []
        if not passage.previewed and not is_plate(passage, reading, self._settings):
            return []
        passage.revision += 1
        self._remembered.add(passage, voted.slots)
        draft = self._draft(passage, voted, reading, "final")
        passage.given = draft.event
        return [draft]

    def _unread(self, passage: Passage) -> list[Draft]:
        """The event of a vehicle without a plate, where the camera asks for it."""
        asked = passage.origins.camera in self._unread_at and passage.origins.origin != "upload"
        view = passage.vehicle_view
        if not asked or view is None or not is_vehicle(passage, view, self._settings):
            return []
        passage.revision += 1
        direction = direction_of(passage.vehicle_path, None)
        passage.given = unread_event(passage, view, direction=direction, now=self._now())
        return [Draft(event=passage.given, frame=view.frame, crop=None, passage=passage)]

    def nothing_found(self, sighting: Sighting) -> list[Draft]:
        """An upload without a plate is said to be one."""
        event = event_of_nothing(sighting, now=self._now())
        return [Draft(event=event, frame=None if sighting.end else sighting.frame, crop=None)]

    def move_to(self, time: datetime) -> None:
        """The capture time is this now."""
        self._time = time
        self._remembered.move_to(time)

    def untold(self) -> list[Draft]:
        """What parked vehicles were seen to do since they were last told of."""
        standing = [passage for passage in self._remembered.passages if passage.parked]
        unsaid = [(each, each.given) for each in standing if each.given and each.given.frames != each.frames]
        return [self._again(passage, given) for passage, given in unsaid]

    def _again(self, passage: Passage, given: PlateEvent) -> Draft:
        """The event of a parked vehicle once more, with the time until which it stood there."""
        passage.revision += 1
        passage.repeated = True
        if given.reading is not None:
            self._remembered.add(passage, slots_of(given.reading.characters))
        passage.given = msgspec.structs.replace(
            given,
            revision=passage.revision,
            last_captured_at=passage.last_captured_at,
            frames=passage.frames,
            movement=passage.movements.told(None),
            processed_at=self._now(),
        )
        return Draft(event=passage.given, frame=None, crop=None, passage=passage)

    def _draft(self, passage: Passage, voted: Vote, reading: Reading, state: State) -> Draft:
        event = plate_event(
            passage,
            best=voted.best,
            reading=reading,
            state=state,
            revision=_PREVIEW_REVISION if state == "preview" else passage.revision,
            direction=direction_of(passage.vehicle_path, passage.plate_path),
            now=self._now(),
        )
        return Draft(
            event=event,
            frame=voted.best.frame,
            crop=voted.best.seen.crop or None,
            passage=passage,
            reads=tuple(passage.reads) if state == "final" else (),
        )
