from __future__ import annotations

from dataclasses import dataclass, field

from hypothesis import given
from hypothesis import strategies as st

from processors.engine.reading.succession import Succession

GATE, YARD = ("in", 0), ("in", 1)


@dataclass
class Clock:
    now_sec: float = 0.0

    def __call__(self) -> float:
        return self.now_sec


def taken(succession: Succession, *offsets: int) -> list[int]:
    return [offset for offset in offsets if succession.takes(GATE, offset)]


def test_each_message_is_taken_once_and_in_its_order_from_where_the_group_stands() -> None:
    succession = Succession()
    succession.begin({GATE: 5})
    assert taken(succession, 4, 5, 5, 6, 7) == [5, 6, 7]
    succession.add(YARD, 0)
    assert succession.takes(YARD, 0)
    assert taken(succession, 8) == [8]


def test_of_a_partition_that_is_not_ours_nothing_is_taken_and_nothing_is_missed() -> None:
    succession = Succession()
    assert taken(succession, 0, 7) == []
    succession.begin({GATE: 0})
    succession.begin({})
    assert taken(succession, 0, 7) == []
    assert succession.expected(GATE) is None
    assert succession.overdue() == {}


def test_what_was_passed_over_is_read_again_once_and_what_follows_is_left_till_then() -> None:
    succession = Succession()
    succession.begin({GATE: 0})
    assert succession.overdue() == {}
    assert taken(succession, 0, 3, 4) == [0]
    assert succession.overdue() == {GATE: 1}
    assert taken(succession, 5) == []
    assert succession.overdue() == {}
    assert taken(succession, 1, 2, 3) == [1, 2, 3]
    assert succession.overdue() == {}
    assert taken(succession, 6) == []
    assert succession.overdue() == {GATE: 4}  # that is another gap


def test_what_does_not_come_is_asked_for_again_in_time() -> None:
    clock = Clock()
    succession = Succession(now_sec=clock)
    succession.begin({GATE: 0})
    assert taken(succession, 3) == []
    assert succession.overdue() == {GATE: 0}
    clock.now_sec = 1.0
    assert taken(succession, 4) == []
    assert succession.overdue() == {}
    clock.now_sec = 3.0
    assert succession.overdue() == {GATE: 0}
    clock.now_sec = 6.0
    assert succession.overdue() == {}  # nothing was left since
    succession.not_asked(GATE)
    assert succession.overdue() == {GATE: 0}


def test_where_the_log_has_nothing_it_goes_on_behind_once_that_has_shown_again_and_again() -> None:
    succession = Succession()
    succession.begin({GATE: 0})
    for _ in range(2):
        assert taken(succession, 40, 41) == []
        assert succession.overdue() == {GATE: 0}
    assert taken(succession, 40, 41) == [40, 41]


def test_a_reading_that_begins_elsewhere_shows_nothing_of_where_the_log_goes_on() -> None:
    succession = Succession()
    succession.begin({GATE: 0})
    assert taken(succession, 40, 50, 40, 50, 45) == []
    assert taken(succession, 40, 40, 40, 41) == [40, 41]


def test_what_is_not_kept_any_more_is_not_expected() -> None:
    succession = Succession()
    succession.begin({GATE: 0})
    assert taken(succession, 40) == []
    succession.nothing_before(GATE, 39)
    assert taken(succession, 40, 39, 40) == [39, 40]
    succession.nothing_before(GATE, 20)
    assert succession.expected(GATE) == 41
    succession.nothing_before(YARD, 20)
    assert succession.expected(YARD) is None


@dataclass
class Reader:
    """Reads a log with holes, which is kept from `kept_from` on; what it fetched is lost, stale or fine as it
    is told."""

    log: list[int]
    at: int = 0
    kept_from: int = 0
    taken: list[int] = field(default_factory=list)

    def read(self, succession: Succession) -> None:
        """The next message that the log has."""
        later = [offset for offset in self.log if offset >= max(self.at, self.kept_from)]
        if later:
            self.at = later[0] + 1
            self.hand_over(succession, later[0])

    def hand_over(self, succession: Succession, offset: int) -> None:
        if succession.takes(GATE, offset):
            self.taken.append(offset)
        for expected in succession.overdue().values():
            self.at = max(expected, self.kept_from)
            succession.nothing_before(GATE, self.at)


@given(
    st.sets(st.integers(0, 40), min_size=1),
    st.lists(
        st.one_of(st.just(None), st.integers(0, 40), st.tuples(st.integers(0, 40), st.integers(1, 8))),
        max_size=60,
    ),
)
def test_whatever_is_thrown_away_all_that_the_log_has_is_taken_in_its_order(
    offsets: set[int], happens: list[tuple[int, int] | int | None]
) -> None:
    """A queue is cleared: so many messages are read, and thrown away, and reading goes on behind them. A
    number: retention takes what lies below."""
    clock = Clock()
    succession, reader = Succession(now_sec=clock), Reader(sorted(offsets))
    succession.begin({GATE: 0})
    for lost in happens:
        clock.now_sec += 0.5
        if lost is None:
            reader.read(succession)
        elif isinstance(lost, int):
            reader.kept_from = max(reader.kept_from, lost)
        elif lost[0] >= reader.at:  # once each: nobody's queue is cleared each time at the same place
            reader.at = lost[0] + lost[1]
            reader.read(succession)
            for _ in range(60):
                clock.now_sec += 0.1
                reader.read(succession)
    last = max(offsets) + 1
    for _ in range(200):
        clock.now_sec += 3.0
        if reader.at > last or not any(offset >= reader.at for offset in reader.log):
            reader.log.append(last := max(last, reader.at) + 1)  # more comes, sooner or later
        reader.read(succession)

    assert reader.taken == sorted(set(reader.taken))
    assert {offset for offset in offsets if offset >= reader.kept_from} <= set(reader.taken)
