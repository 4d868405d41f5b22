from __future__ import annotations

from dataclasses import dataclass, field

from hypothesis import given
from hypothesis import strategies as st

from processors.engine.succession import Succession

GATE, YARD = ("in", 0), ("in", 1)


@dataclass
class Clock:
    now_sec: float = 0.0

    def __call__(self) -> float:
        return self.now_sec


def test_each_message_is_taken_once_and_in_its_order_from_where_the_group_stands() -> None:
    succession = Succession()
    succession.begin({GATE: 5, YARD: 0})
    assert [succession.takes(GATE, offset) for offset in (4, 5, 5, 6, 8, 7)] == [
        False, True, False, True, False, True,
    ]  # fmt: skip
    assert succession.takes(YARD, 0)


def test_of_a_partition_that_is_not_ours_nothing_is_taken_and_nothing_is_missed() -> None:
    succession = Succession()
    assert not succession.takes(GATE, 0)
    assert not succession.passes_over(GATE, 7)
    succession.begin({GATE: 0})
    succession.begin({})
    assert not succession.takes(GATE, 0)
    assert succession.expected(GATE) is None


def test_what_was_asked_for_is_asked_for_again_only_when_it_does_not_come() -> None:
    clock = Clock()
    succession = Succession(now_sec=clock)
    succession.begin({GATE: 0})
    assert succession.passes_over(GATE, 3)
    assert not succession.passes_over(GATE, 0)
    succession.asked(GATE)
    assert not succession.passes_over(GATE, 4)
    clock.now_sec = 3.0
    assert succession.passes_over(GATE, 5)
    assert succession.takes(GATE, 0)
    succession.asked(GATE)
    assert succession.takes(GATE, 1)
    assert succession.passes_over(GATE, 3)  # that was another gap


def test_where_the_log_has_nothing_it_goes_on_behind() -> None:
    succession = Succession()
    succession.begin({GATE: 0})
    succession.expect(GATE, 40)
    assert [succession.takes(GATE, offset) for offset in (0, 40, 41)] == [False, True, True]


@dataclass
class Reader:
    """Reads a log with holes; what it fetched is lost, stale or fine as it is told."""

    log: list[int]
    at: int = 0
    taken: list[int] = field(default_factory=list)

    def read(self, succession: Succession) -> None:
        """The next message that the log has."""
        later = [offset for offset in self.log if offset >= self.at]
        if not later:
            return
        self.at = later[0] + 1
        self.hand_over(succession, later[0])

    def hand_over(self, succession: Succession, offset: int) -> None:
        if succession.passes_over(GATE, offset):
            expected = succession.expected(GATE)
            assert expected is not None
            first = next(each for each in self.log if each >= expected)
            succession.expect(GATE, first)
            if first < offset:
                succession.asked(GATE)
                self.at = first
        if succession.takes(GATE, offset):
            self.taken.append(offset)


@given(
    st.sets(st.integers(0, 40), min_size=1),
    st.lists(st.tuples(st.sampled_from(["read", "lose", "stale"]), st.integers(0, 40)), max_size=60),
)
def test_whatever_is_lost_or_comes_late_all_that_the_log_has_is_taken_in_its_order(
    offsets: set[int], happens: list[tuple[str, int]]
) -> None:
    clock = Clock()
    succession, reader = Succession(now_sec=clock), Reader(sorted(offsets))
    succession.begin({GATE: 0})
    for what, offset in happens:
        clock.now_sec += 0.5
        if what == "lose":  # thrown away after it was fetched
            reader.at = max(reader.at, offset)
        elif what == "stale":
            if offset in offsets:
                reader.hand_over(succession, offset)
        else:
            reader.read(succession)
    last = max(offsets) + 1
    reader.log.append(last)  # more comes, sooner or later
    for _ in range(120):
        clock.now_sec += 3.0
        reader.read(succession)
        if reader.at > last:
            reader.log.append(last := last + 1)

    assert reader.taken == sorted(reader.taken)
    assert [offset for offset in reader.taken if offset in offsets] == sorted(offsets)
