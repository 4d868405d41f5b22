"""Boxes of the last seconds -> the place where something stands."""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Sequence
from datetime import datetime

import numpy as np

from contracts.messages.common import Xyxy
from contracts.messages.parked import Stood
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
        self._seen: deque[Stood] = deque(maxlen=_KEPT)
        self._box: Xyxy | None = None
        self.last: Xyxy | None = None
        """The box that was seen last."""
        self.since: datetime | None = None
        """Capture time since when it has been about here; it may have driven in the first seconds."""
        self.until: datetime | None = None
        """Capture time of the last box that was here, and not on the way off."""

    @classmethod
    def known(
        cls,
        box: Xyxy | None,
        at: datetime,
        *,
        seen: Sequence[Stood] = (),
        since: datetime | None = None,
        until: datetime | None = None,
    ) -> Place:
        """One that is known for long, by what was `seen` there: it takes seconds of another one to move it,
        and it is as firm as it was. Where nobody kept that, it is firm."""
        place = cls()
        if box is not None:
            place._seen.extend(seen or [Stood(captured_at=at, xyxy=box)] * _KEPT)
            place.last, place.since, place.until = box, since, until
        return place

    @property
    def seen(self) -> tuple[Stood, ...]:
        """The boxes that it is the middle of."""
        return tuple(self._seen)

    @property
    def box(self) -> Xyxy | None:
        """The median of each side, in pixels of the frame; None when it was never seen."""
        if self._box is None and self._seen:
            x0, y0, x1, y1 = np.median([each.xyxy for each in self._seen], axis=0).tolist()
            self._box = x0, y0, x1, y1
        return self._box

    @property
    def is_firm(self) -> bool:
        """Whether it has stood here for many seconds: one that creeps is not long at one place, though each
        of its boxes lies about where the others do."""
        place = self.box
        if place is None or len(self._seen) < _FIRM_AFTER:
            return False
        apart = np.abs(np.array([each.xyxy for each in self._seen]) - np.array(place)).max(axis=1)
        width, height = place[2] - place[0], place[3] - place[1]
        return float((apart <= _FIRM_WITHIN * math.sqrt(width * height)).mean()) >= _FIRM_SHARE

    def add(self, box: Xyxy, at: datetime) -> None:
        """It was seen here."""
        if not self._seen or at > self._seen[-1].captured_at:
            self.last = box
        self.since = self.since or at
        if not self._seen or (at - self._seen[-1].captured_at).total_seconds() >= _APART_SEC:
            stood = self.box
            self._seen.append(Stood(captured_at=at, xyxy=box))
            self._box = None
            self._forget(stood)
        if self.last is box and self.box and _is_at(box, self.box):
            self.until = at

    def _forget(self, stood: Xyxy | None) -> None:
        """Where it stood until it moved to another place; a part of it is still the same one."""
        latest = list(self._seen)[-_MOVED_AFTER:]
        if stood and all(share_covered(each.xyxy, stood) < _SAME_PLACE_SHARE for each in latest):
            self._seen, self.since = deque(latest, maxlen=_KEPT), latest[0].captured_at

    def absorb(self, later: Place) -> None:
        """Where a later part of the same passage was seen."""
        for each in later._seen:
            self.add(each.xyxy, each.captured_at)
        if later.last is not None and later._seen[-1].captured_at >= self._seen[-1].captured_at:
            self.last = later.last


def _is_at(box: Xyxy, place: Xyxy) -> bool:
    """Also when a part of it is hidden, or another one is taken for a part of it."""
    return max(share_covered(box, place), share_covered(place, box)) >= _SAME_PLACE_SHARE
