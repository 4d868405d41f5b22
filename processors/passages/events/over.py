"""Passages that are over, for as long as a restart may read them again."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from processors.passages.passage import Passage

_HEARD_AFTER = timedelta(seconds=60)
"""By then Kafka has heard how far the stage was."""


class Over:
    """Of one camera. What parked unread is known by its place alone: once it has left it is kept until no
    sighting of it can be read again, so that what is read again is still that vehicle."""

    def __init__(self) -> None:
        self._closed: list[Passage] = []
        self._gone: list[Passage] = []

    @property
    def gone(self) -> list[Passage]:
        """Parked unread vehicles that have left and may be read again."""
        return self._gone

    def close(self, passage: Passage) -> None:
        """Its track is lost."""
        self._closed.append(passage)

    def leave(self, passages: Iterable[Passage]) -> None:
        """Vehicles that were parked unread, and for which nobody waits any more."""
        for passage in passages:
            passage.gone = True
            if passage.last_offset >= 0:  # else it was gone before what a restart read again
                self._gone.append(passage)

    def needed(self, *, settled_below: int, time: datetime | None) -> list[Passage]:
        """Those that overlap the passages still open. Those that stood there are forgotten once they do not,
        and Kafka has heard so."""
        self._closed = [each for each in self._closed if each.last_offset >= settled_below]
        self._gone = [
            each
            for each in self._gone
            # What lies far ahead was seen by a clock that has been put right.
            if each.last_offset >= settled_below
            or time is None
            or abs(time - each.last_captured_at) < _HEARD_AFTER
        ]
        return self._closed
