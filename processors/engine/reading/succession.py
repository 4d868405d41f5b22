"""Which message of each partition comes next, so that none is passed over.

In a rebalance Faust throws away what waits in its queues, and what it has in hand goes on from there: after
two rebalances in quick succession also behind the offset from which the group is to read. What was thrown
away would then be acknowledged with what came after it. Knows offsets, no Kafka.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from processors.engine.window import Place

_COMES_AGAIN_SEC = 2.0
"""So long what was fetched before may go on, once it was asked for what lies before it."""
_BELIEVED = 3
"""A message that came so often in a row as the first behind a gap has nothing before it that readers are
given."""


@dataclass
class _Gap:
    """`first`: the offset that came first behind it, in the last `times` readings; `last`: that came last.
    `left`: whether something was left since it was asked for what lies before."""

    first: int
    last: int
    times: int = 1
    asked_sec: float = float("-inf")
    left: bool = True


class Succession:
    """The offset that each of our partitions is expected to go on with."""

    def __init__(self, *, now_sec: Callable[[], float] = time.monotonic) -> None:
        self._now_sec = now_sec
        self._expected: dict[Place, int] = {}
        self._gaps: dict[Place, _Gap] = {}

    def begin(self, begins: Mapping[Place, int]) -> None:
        """These are ours now, each from this offset on, and no others."""
        self._expected, self._gaps = dict(begins), {}

    def add(self, place: Place, begin: int) -> None:
        """This one is ours too."""
        self._expected[place] = begin

    def expected(self, place: Place) -> int | None:
        """The offset that is next; None: this partition is not ours, or not yet."""
        return self._expected.get(place)

    def takes(self, place: Place, offset: int) -> bool:
        """Whether the message that came is the next one. Else it is left: it was there before, it is not
        ours, or it will come again with what lies before it."""
        expected = self._expected.get(place)
        if expected is None or offset < expected:
            return False
        if offset > expected and not self._is_believed(place, offset):
            return False
        self._expected[place] = offset + 1
        self._gaps.pop(place, None)
        return True

    def overdue(self) -> dict[Place, int]:
        """The partitions of which reading is to begin anew now, with the expected offsets: something behind
        those was left, and what came since that was last asked for may not be of before any more."""
        now_sec = self._now_sec()
        overdue = [
            place
            for place, gap in self._gaps.items()
            if gap.left and now_sec - gap.asked_sec >= _COMES_AGAIN_SEC
        ]
        for place in overdue:
            self._gaps[place].asked_sec, self._gaps[place].left = now_sec, False
        return {place: self._expected[place] for place in overdue}

    def not_asked(self, place: Place) -> None:
        """It could not be asked for just then."""
        if (gap := self._gaps.get(place)) is not None:
            gap.left = True

    def nothing_before(self, place: Place, offset: int) -> None:
        """Kafka keeps nothing below this offset any more."""
        expected = self._expected.get(place)
        if expected is not None:
            self._expected[place] = max(expected, offset)

    def _is_believed(self, place: Place, offset: int) -> bool:
        """Whether there is nothing between the expected offset and this one."""
        gap = self._gaps.get(place)
        if gap is None:
            self._gaps[place] = _Gap(first=offset, last=offset)
            return False
        if offset <= gap.last:  # offsets rise until reading begins anew
            gap.times = gap.times + 1 if offset == gap.first else 1
            gap.first, gap.asked_sec = offset, float("-inf")
        gap.last, gap.left = offset, True
        return gap.times >= _BELIEVED
