"""Observations of one frame after the other -> tracks that go on, begin, or are lost."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from processors.passages.observations import Observation
from processors.passages.passage import Passage
from processors.passages.settings import PassageSettings
from processors.passages.tracking.association import associate, without_stray_plate
from processors.passages.tracking.claims import without_false_claims
from processors.passages.tracking.track import Track


@dataclass(frozen=True)
class Step:
    """What one frame did: tracks seen in it with their observation, and tracks given up before it."""

    seen: list[tuple[Track, Observation]]
    lost: list[Track]


class Tracker:
    """The tracks of one camera. Association in two rounds, as in ByteTrack: sure observations first;
    unsure ones may only continue a track, never begin one."""

    def __init__(self, settings: PassageSettings) -> None:
        self._settings = settings
        self.tracks: list[Track] = []
        self._time_sec: float | None = None

    def step(
        self, found: Sequence[Observation], time_sec: float, begin: Callable[[Observation], Passage]
    ) -> Step:
        """The next frame, later than the one before."""
        lost = self._lost(time_sec)
        self._time_sec = time_sec
        found = without_false_claims(self.tracks, found, time_sec)
        sure = [each for each in found if each.confidence >= self._settings.certain_new]
        unsure = [each for each in found if each.confidence < self._settings.certain_new]
        seen = associate(self.tracks, sure, time_sec)
        taken = {id(track) for track, _ in seen}
        seen += associate([track for track in self.tracks if id(track) not in taken], unsure, time_sec)
        continued = {id(observation) for _, observation in seen}
        seen = [(track, without_stray_plate(track, observation, time_sec)) for track, observation in seen]
        for track, observation in seen:
            track.follow(observation, time_sec)
        for observation in sure:
            if id(observation) not in continued:
                track = Track(begin(observation), observation, time_sec)
                self.tracks.append(track)
                seen.append((track, observation))
        return Step(seen, lost)

    def drop_all(self) -> list[Track]:
        """Every track, oldest first; none is followed any more."""
        dropped, self.tracks = self.tracks, []
        return dropped

    def go_on_as(self, track: Track, passage: Passage) -> None:
        """The passage's vehicle is where `track` is, and no other track follows it any more."""
        self.tracks = [each for each in self.tracks if each is track or each.passage is not passage]
        track.passage = passage

    def join(self, track: Track, other: Track) -> None:
        """Both follow one vehicle, which is where `track` is. Its passage is the one that has begun first,
        but what was told of the other keeps its event: `track`'s is still to be told of."""
        passage, more = other.passage, track.passage
        told = passage.previewed or passage.given is not None
        if not told and more.first_captured_at < passage.first_captured_at:
            passage, more = more, passage
        passage.absorb(more)
        other.passage = passage
        self.go_on_as(track, passage)

    def _lost(self, time_sec: float) -> list[Track]:
        lost = [track for track in self.tracks if self._is_lost(track, time_sec)]
        self.tracks = [track for track in self.tracks if track not in lost]
        return lost

    def _is_lost(self, track: Track, time_sec: float) -> bool:
        """What may be no vehicle, or a mixture, soon stops waiting for one; but for as long as frames came in
        which it was not, so that cameras of few frames a second can begin a track."""
        missed_sec = (track.last_sec if self._time_sec is None else self._time_sec) - track.last_sec
        if not track.proven and missed_sec > self._settings.unproven_lost_after_sec:
            return True
        return track.last_sec < time_sec - self._settings.lost_after_sec
