"""Passages -> drafts of their events: preview, final, and later finals when the same plate comes again."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import msgspec

from contracts.messages.common import LogPosition
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
from processors.passages.sameness import may_continue, same_plate, stands_there, surely_goes_on
from processors.passages.settings import PassageSettings
from processors.passages.voting import Vote, vote
from processors.readings.slots import Slots, slots_of

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


@dataclass(frozen=True)
class _Given:
    """A passage whose final is out, remembered while its plate may come again."""

    passage: Passage
    slots: Slots


class Drafting:
    """Writes the events of one camera's passages and remembers the finals of the last seconds.

    `now` gives processing time; no decision depends on it.
    """

    def __init__(
        self, settings: PassageSettings, now: Callable[[], datetime], parked: Sequence[Passage] = ()
    ) -> None:
        self._settings = settings
        self._now = now
        self._time: datetime | None = None
        self._given = [
            _Given(passage, slots_of(passage.given.reading.characters))
            for passage in parked
            if passage.given is not None and passage.given.reading is not None
        ]

    @property
    def remembered(self) -> list[Passage]:
        return [given.passage for given in self._given]

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
        if reading is None or self._earlier(passage, voted) is not None:
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
        earlier = None if passage.previewed or passage.revision else self._earlier(passage, voted)
        if earlier is not None:
            earlier.passage.absorb(passage)
            return self.final(earlier.passage)
        reading = reading_of(passage, voted, self._settings)
        if reading is None:
            return []
        if not passage.previewed and not is_plate(passage, reading, self._settings):
            return []
        passage.revision += 1
        self._remember(passage, voted.slots)
        draft = self._draft(passage, voted, reading, "final")
        passage.given = draft.event
        return [draft]

    def _unread(self, passage: Passage) -> list[Draft]:
        """The event of a vehicle without a plate, where the camera asks for it."""
        asked = self._settings.unread_vehicles and passage.origins.origin != "upload"
        view = passage.vehicle_view
        if not asked or view is None or not is_vehicle(passage, view, self._settings):
            return []
        passage.revision += 1
        direction = direction_of(passage.vehicle_path, None)
        passage.given = unread_event(passage, view, direction=direction, now=self._now())
        return [Draft(event=passage.given, frame=view.frame, crop=None, passage=passage)]

    def seen_again(self, passage: Passage, voted: Vote, *, besides: Collection[Passage]) -> Passage | None:
        """The passage given before, but none of `besides`, that this one surely goes on with."""
        for given in reversed(self._given):
            earlier = given.passage
            if any(earlier is other for other in (passage, *besides)):
                continue
            if self._surely_goes_on(earlier, passage) and same_plate(given.slots, voted.slots):
                return earlier
        return None

    def nothing_found(self, sighting: Sighting) -> list[Draft]:
        """An upload without a plate is said to be one."""
        event = event_of_nothing(sighting, now=self._now())
        return [Draft(event=event, frame=None if sighting.end else sighting.frame, crop=None)]

    def move_to(self, time: datetime) -> None:
        """The capture time is this now. Finals whose vehicle was last seen long before are no longer compared
        with; those of parked vehicles stay for longer."""
        self._time = time
        passing = time - timedelta(seconds=self._settings.repeat_sec)
        standing = min(passing, time - timedelta(seconds=self._settings.parked_again_sec))
        self._given = [
            given
            for given in self._given
            if given.passage.last_captured_at >= (standing if given.passage.parked else passing)
        ]

    def forget_all(self) -> list[Draft]:
        """Nothing can come again: what parked vehicles were seen to do since they were last told of."""
        standing = [passage for passage in self.remembered if passage.parked]
        unsaid = [(each, each.given) for each in standing if each.given and each.given.frames != each.frames]
        drafts = [self._again(passage, given) for passage, given in unsaid]
        self._given = []
        return drafts

    def forget_passing(self) -> None:
        """Only what is parked is remembered any longer."""
        self._given = [given for given in self._given if given.passage.parked]

    def is_more_of(self, earlier: Passage, slots_earlier: Slots, later: Passage, voted_later: Vote) -> bool:
        """Whether two passages are parts of one vehicle's."""
        soon = may_continue(earlier, later, within_sec=self._settings.repeat_sec)
        return (soon or self._surely_goes_on(earlier, later)) and same_plate(slots_earlier, voted_later.slots)

    def _surely_goes_on(self, earlier: Passage, later: Passage) -> bool:
        if earlier.parked:
            return stands_there(earlier, later, within_sec=self._settings.parked_again_sec)
        return surely_goes_on(earlier, later, within_sec=self._settings.repeat_sec)

    def _earlier(self, passage: Passage, voted: Vote) -> _Given | None:
        """The passage given before that this one continues."""
        for given in reversed(self._given):
            if given.passage is not passage and self.is_more_of(given.passage, given.slots, passage, voted):
                return given
        return None

    def _again(self, passage: Passage, given: PlateEvent) -> Draft:
        """The event of a parked vehicle once more, with the time until which it stood there."""
        passage.revision += 1
        passage.repeated = True
        if given.reading is not None:
            self._remember(passage, slots_of(given.reading.characters))
        passage.given = msgspec.structs.replace(
            given,
            revision=passage.revision,
            last_captured_at=passage.last_captured_at,
            frames=passage.frames,
            movement=passage.movements.told(None),
            processed_at=self._now(),
        )
        return Draft(event=passage.given, frame=None, crop=None, passage=passage)

    def _remember(self, passage: Passage, slots: Slots) -> None:
        self._given = [given for given in self._given if given.passage is not passage]
        self._given.append(_Given(passage, slots))

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
