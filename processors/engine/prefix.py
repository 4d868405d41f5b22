"""Offsets of one partition: which are in work, and how far it may be acknowledged."""

from __future__ import annotations

from collections import deque

_MARK_EVERY_SEC = 1.0


class Prefix:
    """Offsets of one partition, from begun to finished. They arrive rising; gaps in the log are allowed."""

    __slots__ = ("_marks", "_next", "_unfinished", "begun", "needed_from")

    def __init__(self) -> None:
        self._unfinished: dict[int, float] = {}  # offset -> when it began; in rising order
        self._next: int | None = None
        self._marks: deque[tuple[int, float]] = deque()  # the same, of one a second, as far as it is needed
        self.begun = 0
        """Messages that were ever begun."""
        self.needed_from: int | None = None
        """What a stage still needs, whatever is finished."""

    def begin(self, offset: int, now_sec: float) -> bool:
        """False when this offset has been begun before: it is delivered twice and must not run twice."""
        if self._next is not None and offset < self._next:
            return False
        self._unfinished[offset] = now_sec
        self._next = offset + 1
        self.begun += 1
        if not self._marks or now_sec - self._marks[-1][1] >= _MARK_EVERY_SEC:
            self._marks.append((offset, now_sec))
            self._drop_marks()
        return True

    def finish(self, offset: int) -> bool:
        """This message and all that it gave are safe. False when it was not in work."""
        return self._unfinished.pop(offset, None) is not None

    @property
    def unfinished(self) -> int:
        return len(self._unfinished)

    @property
    def next(self) -> int | None:
        """The offset after the last that was begun; None before the first message."""
        return self._next

    @property
    def reached(self) -> int | None:
        """The lowest offset that is not finished; None before the first message."""
        return next(iter(self._unfinished), self._next)

    @property
    def committable(self) -> int | None:
        """The lowest offset that a restart must read again; None before the first message."""
        reached = self.reached
        return reached if reached is None or self.needed_from is None else min(reached, self.needed_from)

    @property
    def unacknowledged_since_sec(self) -> float | None:
        """When the oldest message began that a restart must read again, to a second; None: there is none."""
        oldest = self.committable
        if oldest is None or oldest == self._next:
            return None
        if oldest in self._unfinished:
            return self._unfinished[oldest]
        self._drop_marks()
        return self._marks[0][1]

    def _drop_marks(self) -> None:
        """Of those at or before the oldest message that is needed, only the last says when that one began."""
        oldest = self.committable
        while oldest is not None and len(self._marks) > 1 and self._marks[1][0] <= oldest:
            self._marks.popleft()
