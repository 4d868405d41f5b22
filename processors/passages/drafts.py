"""Passages -> drafts of their events: preview, final, and later finals when the same plate comes again."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from contracts.messages.common import LogPosition
from contracts.messages.plate import PlateEvent, Reading, State
from contracts.messages.sighting import Sighting
from processors.passages.direction import direction_of
from processors.passages.event import event_of_nothing, is_plate, plate_event, reading_of
from processors.passages.passage import Passage
from processors.passages.sameness import may_continue, same_plate
from processors.passages.settings import PassageSettings
from processors.passages.voting import Vote, vote

_PREVIEW_REVISION = 0
# The grammar cannot lift a text from less than this share of what is asked for.
_WORTH_READING = 0.4


@dataclass(frozen=True, kw_only=True)
class Draft:
    """An event that still lacks its pictures. `crop` is the small plate picture of the best sighting,
    `frame` the position of its frame, None when there is no frame to show."""

    event: PlateEvent
    frame: LogPosition | None
    crop: bytes | None


@dataclass(frozen=True)
class _Given:
    """A passage whose final is out, remembered while its plate may come again."""

    passage: Passage
    voted: Vote


class Drafting:
    """Writes the events of one camera's passages and remembers the finals of the last seconds.

    `now` gives processing time; no decision depends on it.
    """

    def __init__(self, settings: PassageSettings, now: Callable[[], datetime]) -> None:
        self._settings = settings
        self._now = now
        self._given: list[_Given] = []

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
        """The final of a passage that is over (or parked); nothing when it shows no plate."""
        if not passage.reads:
            return []
        voted = vote(passage.reads)
        earlier = None if passage.previewed or passage.revision else self._earlier(passage, voted)
        if earlier is not None:
            earlier.passage.absorb(passage)
            self._given.remove(earlier)
            return self.final(earlier.passage)
        reading = reading_of(passage, voted, self._settings)
        if reading is None:
            return []
        if not passage.previewed and not is_plate(passage, reading, self._settings):
            return []
        passage.revision += 1
        self._given = [given for given in self._given if given.passage is not passage]
        self._given.append(_Given(passage, voted))
        return [self._draft(passage, voted, reading, "final")]

    def nothing_found(self, sighting: Sighting) -> list[Draft]:
        """An upload without a plate is said to be one."""
        event = event_of_nothing(sighting, now=self._now())
        return [Draft(event=event, frame=None if sighting.end else sighting.frame, crop=None)]

    def forget_before(self, time: datetime | None) -> None:
        """Finals whose vehicle was last seen before this time (None: all) are no longer compared with."""
        self._given = [
            given for given in self._given if time is not None and given.passage.last_captured_at >= time
        ]

    def is_more_of(self, earlier: Passage, voted_earlier: Vote, later: Passage, voted_later: Vote) -> bool:
        """Whether two passages are parts of one vehicle's."""
        return may_continue(earlier, later, within_sec=self._settings.repeat_sec) and same_plate(
            voted_earlier.slots, voted_later.slots
        )

    def _earlier(self, passage: Passage, voted: Vote) -> _Given | None:
        """The passage given before that this one continues."""
        for given in reversed(self._given):
            if given.passage is not passage and self.is_more_of(given.passage, given.voted, passage, voted):
                return given
        return None

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
        return Draft(event=event, frame=voted.best.frame, crop=voted.best.seen.crop or None)
