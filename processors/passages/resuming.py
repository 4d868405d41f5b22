"""Vehicles that stood at a camera before a restart and that nobody could read -> their tracks go on.

One whose plate was read is known by it when it is seen again. Of these only the place is known: what is seen
there at once is the same vehicle, as it would have been without the restart.
"""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from contracts.messages.common import VehicleSeen
from contracts.messages.sighting import Sighting
from processors.passages.observations import Observation, overlap
from processors.passages.passage import Passage
from processors.passages.settings import PassageSettings
from processors.passages.track import Track

_SAME_PLACE_IOU = 0.5


class Resuming:
    """They wait for as long as the track of a vehicle is kept that is not seen."""

    def __init__(self, settings: PassageSettings, parked: Sequence[Passage]) -> None:
        self._settings = settings
        self._until_sec: float | None = None
        self._waiting = [(each, vehicle) for each in parked if (vehicle := _standing_vehicle(each))]

    @property
    def waiting(self) -> list[Passage]:
        """The passages that were not seen again yet."""
        return [passage for passage, _ in self._waiting]

    def tracks(self, sighting: Sighting, time_sec: float) -> list[Track]:
        """The tracks that this sighting will go on with."""
        if self._until_sec is None:
            self._until_sec = time_sec + self._settings.lost_after_sec
        if time_sec > self._until_sec:
            self._waiting = []
        seen = [each for each in self._waiting if self._shows(sighting, *each)]
        self._waiting = [each for each in self._waiting if each not in seen]
        # It stands: any time will do at which its track is not lost yet.
        before_sec = time_sec - self._settings.unproven_lost_after_sec / 2
        return [Track(passage, Observation("before", vehicle, None), before_sec) for passage, vehicle in seen]

    def _shows(self, sighting: Sighting, passage: Passage, vehicle: VehicleSeen) -> bool:
        since_sec = (sighting.captured_at - passage.last_captured_at).total_seconds()
        if sighting.epoch != passage.origins.epoch or since_sec > self._settings.parked_again_sec:
            return False
        return any(overlap(vehicle.xyxy, each.xyxy) >= _SAME_PLACE_IOU for each in sighting.vehicles)


def _standing_vehicle(parked: Passage) -> VehicleSeen | None:
    """An unread vehicle where it stands; None when it was read or only its plate was seen."""
    event, stood = parked.given, parked.vehicle_path
    if event is None or event.reading is not None or event.vehicle is None or stood is None:
        return None
    return msgspec.structs.replace(event.vehicle, xyxy=stood.last)
