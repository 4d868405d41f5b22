"""Finals that are out, while their vehicles may be seen again -> whether a passage is more of one."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from processors.passages.events.sameness import may_continue, same_plate, stands_there, surely_goes_on
from processors.passages.passage import Passage
from processors.passages.settings import PassageSettings
from processors.passages.tracking.track import Track
from processors.passages.voting import Vote, vote
from processors.readings.slots import Slots, slots_of


@dataclass(frozen=True)
class _Given:
    passage: Passage
    slots: Slots


class Remembered:
    """Those of one camera, the last one last. It begins with vehicles that were `parked` before a restart."""

    def __init__(self, settings: PassageSettings, parked: Sequence[Passage]) -> None:
        self._settings = settings
        self._given = [
            _Given(passage, slots_of(passage.given.reading.characters))
            for passage in parked
            if passage.given is not None and passage.given.reading is not None
        ]

    @property
    def passages(self) -> list[Passage]:
        return [given.passage for given in self._given]

    def add(self, passage: Passage, slots: Slots) -> None:
        """Its final is out, and says this."""
        self._given = [given for given in self._given if given.passage is not passage]
        self._given.append(_Given(passage, slots))

    def move_to(self, time: datetime) -> None:
        """The capture time is this now. Finals whose vehicle was last seen long before are no longer compared
        with, nor those seen long after: that was by a clock that has been put right. Those of parked vehicles
        stay for longer."""
        passing = timedelta(seconds=self._settings.repeat_sec)
        standing = max(passing, timedelta(seconds=self._settings.parked_again_sec))
        self._given = [
            given
            for given in self._given
            if abs(time - given.passage.last_captured_at) <= (standing if given.passage.parked else passing)
        ]

    def forget_passing(self) -> None:
        """Only what is parked is remembered any longer."""
        self._given = [given for given in self._given if given.passage.parked]

    def forget_all(self) -> None:
        """Nothing can come again."""
        self._given = []

    def seen_again(self, passage: Passage, voted: Vote, *, besides: Collection[Passage]) -> Passage | None:
        """The passage given before, but none of `besides`, that this one surely goes on with."""
        for given in reversed(self._given):
            earlier = given.passage
            if any(earlier is other for other in (passage, *besides)):
                continue
            if self._surely_goes_on(earlier, passage, voted) and same_plate(given.slots, voted.slots):
                return earlier
        return None

    def earlier(self, passage: Passage, voted: Vote) -> Passage | None:
        """The passage given before that this one continues."""
        for given in reversed(self._given):
            if given.passage is not passage and self.is_more_of(given.passage, given.slots, passage, voted):
                return given.passage
        return None

    def open_part(self, tracks: Sequence[Track], track: Track, voted: Vote) -> Track | None:
        """Another track of the same vehicle: no frame shows this plate of both."""
        for other in tracks:
            earlier = other.passage
            if other is track or earlier is track.passage or not earlier.reads:
                continue
            if self.is_more_of(earlier, vote(earlier.reads).slots, track.passage, voted):
                return other
        return None

    def is_more_of(self, earlier: Passage, slots_earlier: Slots, later: Passage, voted_later: Vote) -> bool:
        """Whether two passages are parts of one vehicle's."""
        soon = may_continue(earlier, later, voted_later.slots.text, within_sec=self._settings.repeat_sec)
        return (soon or self._surely_goes_on(earlier, later, voted_later)) and same_plate(
            slots_earlier, voted_later.slots
        )

    def _surely_goes_on(self, earlier: Passage, later: Passage, voted: Vote) -> bool:
        text = voted.slots.text
        if earlier.parked:
            return stands_there(earlier, later, text, within_sec=self._settings.parked_again_sec)
        return surely_goes_on(earlier, later, text, within_sec=self._settings.repeat_sec)
