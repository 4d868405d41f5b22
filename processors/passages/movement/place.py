"""Boxes of the last seconds -> the place where something stands."""

from __future__ import annotations

import math
from collections import deque
from datetime import datetime

import numpy as np

from contracts.messages.common import Xyxy
from processors.passages.observations import share_covered

_KEPT = 15
_APART_SEC = 1.0
_MOVED_AFTER = 3
_SAME_PLACE_SHARE = 0.5
_FIRM_AFTER = 10
_FIRM_WITHIN = 0.08
"""In sizes of its box."""
_FIRM_SHARE = 0.6


class Place:
    """The middle of what was seen, a box a second: what hides a part for a moment, or was found wrongly, does
    not move it; who moves up in a queue is at the new place after some seconds. What is read again
    after a restart is older than what is known, and changes nothing."""

    def __init__(self) -> None:
        self._seen: deque[tuple[datetime, Xyxy]] = deque(maxlen=_KEPT)
        self._box: Xyxy | None = None
        self.last: Xyxy | None = None
        """The box that was seen last."""
        self.since: datetime | None = None
        """Capture time since when it has been about here; it may have driven in the first seconds."""
        self.until: datetime | None = None
        """Capture time of the last box that was here, and not on the way off."""

    @classmethod
    def known(
        cls, box: Xyxy | None, at: datetime, *, since: datetime | None = None, until: datetime | None = None
    ) -> Place:
        """One that is known for long: it takes seconds of another one to move it."""
        place = cls()
        if box is not None:
            place._seen.extend([(at, box)] * _KEPT)
            place.last, place.since, place.until = box, since, until
        return place

    @property
    def box(self) -> Xyxy | None:
        """The median of each side, in pixels of the frame; None when it was never seen."""
        if self._box is None and self._seen:
            x0, y0, x1, y1 = np.median([box for _, box in self._seen], axis=0).tolist()
            self._box = x0, y0, x1, y1
        return self._box

    @property
    def is_firm(self) -> bool:
        """Whether it has stood here for many seconds: one that creeps is not long at one place, though each
        of its boxes lies about where the others do."""
        place = self.box
        if place is None or len(self._seen) < _FIRM_AFTER:
            return False
        apart = np.abs(np.array([box for _, box in self._seen]) - np.array(place)).max(axis=1)
        width, height = place[2] - place[0], place[3] - place[1]
        return float((apart <= _FIRM_WITHIN * math.sqrt(width * height)).mean()) >= _FIRM_SHARE

    def add(self, box: Xyxy, at: datetime) -> None:
        """It was seen here."""
        if not self._seen or at > self._seen[-1][0]:
            self.last = box
        self.since = self.since or at
        if not self._seen or (at - self._seen[-1][0]).total_seconds() >= _APART_SEC:
            stood = self.box
            self._seen.append((at, box))
            self._box = None
            self._forget(stood)
        if self.last is box and self.box and _is_at(box, self.box):
            self.until = at

    def _forget(self, stood: Xyxy | None) -> None:
        """Where it stood until it moved to another place; a part of it is still the same one."""
        latest = list(self._seen)[-_MOVED_AFTER:]
        if stood and all(share_covered(box, stood) < _SAME_PLACE_SHARE for _, box in latest):
            self._seen, self.since = deque(latest, maxlen=_KEPT), latest[0][0]

    def absorb(self, later: Place) -> None:
        """Where a later part of the same passage was seen."""
        for at, box in later._seen:
            self.add(box, at)
        if later.last is not None and later._seen[-1][0] >= self._seen[-1][0]:
            self.last = later.last


def _is_at(box: Xyxy, place: Xyxy) -> bool:
    """Also when a part of it is hidden, or another one is taken for a part of it."""
    return max(share_covered(box, place), share_covered(place, box)) >= _SAME_PLACE_SHARE
