"""A vehicle or plate that is being followed: where it moves, and what its passage has gathered."""

from __future__ import annotations

from processors.passages.observations import Observation, box_of
from processors.passages.passage import Passage
from processors.passages.tracking.motion import Motion
from processors.readings.alignment import is_legible

_PROVEN_AFTER = 3


class Track:
    """Motion of vehicle and plate (either may be unknown), and the passage that they belong to.

    `seen`: in how many frames.
    """

    def __init__(self, passage: Passage, seen: Observation, time_sec: float) -> None:
        self.passage = passage
        self.vehicle: Motion | None = None
        self.plate: Motion | None = None
        self._legible = False
        self.last_sec = time_sec
        self.seen = 0
        self.follow(seen, time_sec)

    def follow(self, seen: Observation, time_sec: float) -> None:
        """The track goes on with this observation."""
        self.last_sec = time_sec
        self.seen += 1
        if seen.vehicle is not None:
            if self.vehicle is None:
                self.vehicle = Motion(seen.vehicle.xyxy, time_sec)
            else:
                self.vehicle.update(seen.vehicle.xyxy, time_sec)
        if seen.read is not None:
            box, legible = box_of(seen.read.seen.corners), is_legible(seen.read.slots)
            # What was found before its first legible read may have been anything: no velocity comes of it.
            if self.plate is None or (legible and not self._legible):
                self.plate = Motion(box, time_sec)
            else:
                self.plate.update(box, time_sec)
            self._legible = self._legible or legible

    @property
    def proven(self) -> bool:
        """Whether it was seen often enough: one that hardly was may be two that were taken for one box, or
        none."""
        return self.seen >= _PROVEN_AFTER

    def shows_plate_at(self, time_sec: float) -> bool:
        """Whether its plate was seen in the frame of this time."""
        return self.plate is not None and self.plate.time_sec == time_sec
