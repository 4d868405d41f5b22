"""Observations of one frame -> the same, without plates that another vehicle's box has laid claim to.

Where boxes overlap, the plate of the vehicle behind lies in the box of the one before it, and a sighting
knows one frame alone. The tracks know better: who showed this very plate here a moment ago.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from processors.passages.observations import Observation
from processors.passages.tracking.association import differing_characters, plate_distance, vehicle_distance
from processors.passages.tracking.track import Track

_NEAR = 0.5
_CLEARLY_NEARER = 0.3
_SAME_PLATE = 1.5


def without_false_claims(
    tracks: Sequence[Track], found: Sequence[Observation], time_sec: float
) -> list[Observation]:
    """A plate that one track expects here, in a box that another expects here, is seen apart from the box."""
    return [each for seen in found for each in _apart(tracks, seen, time_sec)]


def _apart(tracks: Sequence[Track], seen: Observation, time_sec: float) -> Iterator[Observation]:
    owner = _owner_of_plate(tracks, seen, time_sec)
    if owner is None or not _is_box_of_another(owner, tracks, seen, time_sec):
        yield seen
        return
    yield replace(seen, vehicle=None)
    yield replace(seen, name=f"{seen.name}-vehicle", read=None)


def _owner_of_plate(tracks: Sequence[Track], seen: Observation, time_sec: float) -> Track | None:
    """The track that showed this plate and expects it here."""
    if seen.read is None or seen.vehicle is None:
        return None
    nearest = [
        (distance, number)
        for number, track in enumerate(tracks)
        if (distance := plate_distance(track, seen, time_sec)) is not None
        and distance <= _NEAR
        and (differing := differing_characters(track, seen)) is not None
        and differing <= _SAME_PLATE
    ]
    return tracks[min(nearest)[1]] if nearest else None


def _is_box_of_another(owner: Track, tracks: Sequence[Track], seen: Observation, time_sec: float) -> bool:
    own = vehicle_distance(owner, seen, time_sec)
    others = [
        distance
        for track in tracks
        if track is not owner and (distance := vehicle_distance(track, seen, time_sec)) is not None
    ]
    if not others or min(others) > _NEAR:
        return False
    return own is None or own > min(others) + _CLEARLY_NEARER
