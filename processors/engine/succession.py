"""Which message of each partition comes next, so that none is passed over.

In a rebalance Faust throws away what waits in its queues, and what it has fetched goes on from there: after
two rebalances in quick succession also behind the offset from which the group is to read. What was thrown
away would then be acknowledged with what came after it. Knows offsets, no Kafka.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping

from processors.engine.window import Place

_COMES_AGAIN_SEC = 2.0
"""So long what was fetched before may go on, once it was asked for what lies before it."""


class Succession:
    """The offset that each of our partitions is expected to go on with. `since`, of an expected message that
    was asked for again, is when."""

    def __init__(self, *, now_sec: Callable[[], float] = time.monotonic) -> None:
        self._now_sec = now_sec
        self._expected: dict[Place, int] = {}
        self._asked_sec: dict[Place, float] = {}
        self.number = 0
        """Of the assignment: whoever waited for something knows by it whether it still counts."""

    def begin(self, begins: Mapping[Place, int]) -> None:
        """These are ours now, each from this offset on, and no others; none: nothing is to be taken."""
        self.number += 1
        self._expected, self._asked_sec = dict(begins), {}

    def expected(self, place: Place) -> int | None:
        """The offset that is next; None: this partition is not ours, or not yet."""
        return self._expected.get(place)

    def takes(self, place: Place, offset: int) -> bool:
        """Whether this message is the next one; then the one after it is expected."""
        if self._expected.get(place) != offset:
            return False
        self._expected[place] = offset + 1
        self._asked_sec.pop(place, None)
        return True

    def passes_over(self, place: Place, offset: int) -> bool:
        """Whether something lies between the expected offset and this one, and was not asked for lately."""
        expected, asked_sec = self._expected.get(place), self._asked_sec.get(place)
        is_ahead = expected is not None and offset > expected
        return is_ahead and (asked_sec is None or self._now_sec() - asked_sec >= _COMES_AGAIN_SEC)

    def expect(self, place: Place, offset: int) -> None:
        """Up to this offset the log has nothing."""
        self._expected[place] = offset

    def asked(self, place: Place) -> None:
        """The expected message is on its way once more."""
        self._asked_sec[place] = self._now_sec()
