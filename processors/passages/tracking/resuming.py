"""Vehicles that stand at a camera unread, and are not seen just now -> their tracks go on.

One whose plate was read is known by it when it is seen again. Of these only the place is known: what is seen
there soon is the same vehicle, whether something hid it or the process was started anew.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import msgspec

from contracts.messages.common import VehicleSeen, Xyxy
from contracts.messages.sighting import Sighting
from processors.passages.observations import Observation, overlap, share_covered
from processors.passages.passage import Passage
from processors.passages.settings import PassageSettings
from processors.passages.tracking.track import Track

_SAME_PLACE_IOU = 0.5
_HIDDEN_SHARE = 0.3
_STILL_THERE_SHARE = 0.5
_STOOD_SEC = 0.1
_FOLLOWED_SEC = 2.0
_LEFT_SEC = 0.5


@dataclass
class _Waiting:
    """`until`: capture time after which it has left; None: that is not known before the first sighting."""

    passage: Passage
    vehicle: VehicleSeen
    until: datetime | None


class Resuming:
    """A vehicle waits for as long as the same plate may come again, and for as long as another one stands
    before it, but no longer than one that is parked may be hidden."""

    def __init__(self, settings: PassageSettings, parked: Sequence[Passage]) -> None:
        self._settings = settings
        self._waiting = [
            _Waiting(each, vehicle, each.last_captured_at if each.gone else None)
            for each in parked
            if (vehicle := _standing_vehicle(each))
        ]

    @property
    def waiting(self) -> list[Passage]:
        """The passages that were not seen again yet."""
        return [each.passage for each in self._waiting]

    def wait_for(self, passage: Passage) -> bool:
        """It stood here, and is not seen any more. False: one that was read is not waited for, nor one that
        was seen to leave its place."""
        vehicle, last = _standing_vehicle(passage), passage.vehicle_place.last
        there = vehicle and last and share_covered(last, vehicle.xyxy) >= _STILL_THERE_SHARE
        if not passage.parked or vehicle is None or not there:
            return False
        until = passage.last_captured_at + timedelta(seconds=self._settings.repeat_sec)
        self._waiting.append(_Waiting(passage, vehicle, until))
        return True

    def given_up(self, sighting: Sighting) -> list[Passage]:
        """Those that have left by now; they are not waited for any more."""
        for each in self._waiting:
            each.until = self._until(each, sighting)
        left = [each for each in self._waiting if each.until and sighting.captured_at > each.until]
        self._waiting = [each for each in self._waiting if each not in left]
        return [each.passage for each in left]

    def give_up(self) -> list[Passage]:
        """Nobody is waited for any more; those that were."""
        left, self._waiting = self.waiting, []
        return left

    def tracks(self, sighting: Sighting, time_sec: float, others: Sequence[Track]) -> list[Track]:
        """The tracks that this sighting will go on with: what is seen there, and is none of the `others`."""
        expected = [other.vehicle.at(time_sec) for other in others if other.vehicle is not None]
        new = [
            each.xyxy
            for each in sighting.vehicles
            if all(overlap(each.xyxy, box) < _SAME_PLACE_IOU for box in expected)
        ]
        seen = [each for each in self._waiting if _stood(each.passage, sighting) and _is_there(each, new)]
        self._waiting = [each for each in self._waiting if each not in seen]
        # It stands: any time will do at which its track is not lost yet.
        before_sec = time_sec - self._settings.unproven_lost_after_sec / 2
        return [_track(each, before_sec) for each in seen]

    def driven_in(self, tracks: Sequence[Track], sighting: Sighting) -> list[tuple[Track, Passage]]:
        """Tracks that are one of these by now: what a restart reads again may begin before it came to where
        it stands, and who stands there at a time at which it is known to have stood there is no other."""
        unread = [
            track
            for track in tracks
            if not (track.passage.parked or track.passage.reads) and track.passage.lasted_sec >= _FOLLOWED_SEC
        ]
        time = sighting.captured_at
        known = [
            each
            for each in self._waiting
            if _stood(each.passage, sighting) and time <= each.passage.last_captured_at
        ]
        pairs = [(_together(each, track), track, each) for each in known for track in unread]
        found: list[tuple[Track, Passage]] = []
        for share, track, each in sorted(pairs, key=lambda pair: -pair[0]):
            taken = any(track is other or each.passage is passage for other, passage in found)
            if share >= _SAME_PLACE_IOU and not taken:
                found.append((track, each.passage))
        self._waiting = [each for each in self._waiting if all(each.passage is not one for _, one in found)]
        return found

    def _until(self, each: _Waiting, sighting: Sighting) -> datetime:
        settings, seen_at = self._settings, each.passage.last_captured_at
        if each.passage.gone:
            return seen_at
        soon = sighting.captured_at + timedelta(seconds=settings.lost_after_sec)
        until = each.until or max(soon, seen_at + timedelta(seconds=settings.repeat_sec))
        if any(_hides(other.xyxy, each.vehicle.xyxy) for other in sighting.vehicles):
            until = max(until, soon)
        return min(until, seen_at + timedelta(seconds=settings.parked_again_sec))


def _standing_vehicle(parked: Passage) -> VehicleSeen | None:
    """An unread vehicle where it stands; None when it was read or only its plate was seen."""
    event, place = parked.given, parked.vehicle_place.box
    if event is None or event.reading is not None or event.vehicle is None or place is None:
        return None
    return msgspec.structs.replace(event.vehicle, xyxy=place)


def _track(each: _Waiting, time_sec: float) -> Track:
    """One that was seen twice at its place, and so is known to stand."""
    stood = Observation("before", each.vehicle, None)
    track = Track(each.passage, stood, time_sec - _STOOD_SEC)
    track.follow(stood, time_sec)
    return track


def _stood(passage: Passage, sighting: Sighting) -> bool:
    """Whether it may have been at its place then, by what was known of it before a restart."""
    since, until = passage.vehicle_place.since or passage.first_captured_at, passage.vehicle_place.until
    # It was seen elsewhere after it was seen here: on its way off.
    left = until is not None and (passage.last_captured_at - until).total_seconds() >= _LEFT_SEC
    if sighting.epoch != passage.origins.epoch or sighting.captured_at < since:
        return False
    return not (left and until is not None and sighting.captured_at > until)


def _together(each: _Waiting, track: Track) -> float:
    """How well what stands there, and did not only pass just now, covers the place."""
    place = track.passage.vehicle_place
    return min(overlap(each.vehicle.xyxy, box) if box else 0.0 for box in (place.box, place.last))


def _is_there(each: _Waiting, seen: Sequence[Xyxy]) -> bool:
    return any(overlap(each.vehicle.xyxy, xyxy) >= _SAME_PLACE_IOU for xyxy in seen)


def _hides(other: Xyxy, place: Xyxy) -> bool:
    return share_covered(place, other) >= _HIDDEN_SHARE and overlap(place, other) < _SAME_PLACE_IOU
