"""Boxes of one thing over time -> where it will be: constant velocity by time stamps, not frame counts."""

from __future__ import annotations

import math

from contracts.messages.common import Xyxy

_TRUST_IN_NEW = 0.7
# Beyond this the guess stands still: a velocity measured in a few frames does not hold for seconds.
_LONGEST_GUESS_SEC = 1.5
_FASTEST_GROWTH_PER_SEC = 1.5


class Motion:
    """Centre, size and their rates of one box."""

    def __init__(self, box: Xyxy, time_sec: float) -> None:
        self.first = box
        self.box = box
        self.time_sec = time_sec
        self.seen = 1
        self._velocity = (0.0, 0.0)
        self._growth = 0.0

    def update(self, box: Xyxy, time_sec: float) -> None:
        """The box seen at a later time."""
        elapsed = time_sec - self.time_sec
        if elapsed <= 0:
            self.box = box
            return
        (x, y), (old_x, old_y) = centre(box), centre(self.box)
        growth = math.log(size(box) / size(self.box)) / elapsed
        growth = max(-_FASTEST_GROWTH_PER_SEC, min(_FASTEST_GROWTH_PER_SEC, growth))
        trust = 1.0 if self.seen == 1 else _TRUST_IN_NEW
        self._velocity = (
            self._velocity[0] + trust * ((x - old_x) / elapsed - self._velocity[0]),
            self._velocity[1] + trust * ((y - old_y) / elapsed - self._velocity[1]),
        )
        self._growth += trust * (growth - self._growth)
        self.box, self.time_sec, self.seen = box, time_sec, self.seen + 1

    def at(self, time_sec: float) -> Xyxy:
        """The box expected at a time."""
        ahead = max(0.0, min(time_sec - self.time_sec, _LONGEST_GUESS_SEC))
        x, y = centre(self.box)
        x, y = x + self._velocity[0] * ahead, y + self._velocity[1] * ahead
        scale = math.exp(self._growth * min(ahead, 0.5))
        half_w = (self.box[2] - self.box[0]) * scale / 2
        half_h = (self.box[3] - self.box[1]) * scale / 2
        return x - half_w, y - half_h, x + half_w, y + half_h


def centre(box: Xyxy) -> tuple[float, float]:
    return (box[0] + box[2]) / 2, (box[1] + box[3]) / 2


def size(box: Xyxy) -> float:
    """Geometric mean of the sides, at least one pixel."""
    return max(1.0, math.sqrt(max(0.0, box[2] - box[0]) * max(0.0, box[3] - box[1])))
