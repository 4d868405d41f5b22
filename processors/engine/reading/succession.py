"""Which message of each partition comes next, so that none is passed over.

In a rebalance Faust throws away what waits in its queues, and what it has in hand goes on from there: after
two rebalances in quick succession also behind the offset from which the group is to read. What was thrown
away would then be acknowledged with what came after it. Knows offsets, no Kafka.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import Enum, auto

from processors.engine.window import Place

_COMES_AGAIN_SEC = 2.0
"""So long what was fetched before may go on, once it was asked for what lies before it."""
_BELIEVED = 3
"""A message that came so often in a row as the first behind a gap has nothing before it that readers are
given."""


class Step(Enum):
    TAKE = auto()
    LEAVE = auto()
    """It was there before, it will come again, or it is not ours."""
    READ_AGAIN = auto()
    """It is left, and reading is to begin anew at the expected offset."""


@dataclass
class _Gap:
    """`first`: the offset that came first behind it, in the last `times` readings; `last`: that came last.
    `left`: whether something was left since it was asked for what lies before."""

    first: int
    last: int
    times: int = 1
    asked_sec: float = float("-inf")
    left: bool = False


class Succession:
    """The offset that each of our partitions is expected to go on with."""

    def __init__(self, *, now_sec: Callable[[], float] = time.monotonic) -> None:
        self._now_sec = now_sec
        self._expected: dict[Place, int] = {}
        self._gaps: dict[Place, _Gap] = {}

    def begin(self, begins: Mapping[Place, int]) -> None:
        """These are ours now, each from this offset on, and no others."""
        self._expected, self._gaps = dict(begins), {}

    def expected(self, place: Place) -> int | None:
        """The offset that is next; None: this partition is not ours, or not yet."""
        return self._expected.get(place)

    def step(self, place: Place, offset: int) -> Step:
        """What is to be done with the message that came."""
        expected = self._expected.get(place)
        if expected is None or offset < expected:
            return Step.LEAVE
        if offset > expected and not self._is_believed(place, offset):
            return self._asks(self._gaps[place])
        self._expected[place] = offset + 1
        self._gaps.pop(place, None)
        return Step.TAKE

    def overdue(self) -> list[Place]:
        """The partitions of which reading is to begin anew at the expected offset, although nothing comes:
        what came last was left."""
        return [place for place, gap in self._gaps.items() if gap.left and self._asks(gap) is Step.READ_AGAIN]

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
        gap.last = offset
        return gap.times >= _BELIEVED

    def _asks(self, gap: _Gap) -> Step:
        now_sec = self._now_sec()
        gap.left = now_sec - gap.asked_sec < _COMES_AGAIN_SEC
        if gap.left:
            return Step.LEAVE
        gap.asked_sec = now_sec
        return Step.READ_AGAIN
