from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field

from contracts.errors import TryAgain
from processors.engine.health import health_of
from processors.engine.measures import Measures
from processors.engine.reading.kafka_log import Spans
from processors.engine.reading.standstill import Standstill
from processors.engine.window import Place, Window

GATE: Place = ("frames", 0)
YARD: Place = ("frames", 1)


@dataclass
class Log:
    """Where the group stands; `away`: nobody answers."""

    places: dict[Place, tuple[int, int]] = field(default_factory=dict)
    away: bool = False

    async def spans(self) -> Spans:
        if self.away:
            raise TryAgain("kafka", "nobody answers")
        return self.places

    async def ends(self, places: Collection[Place]) -> Mapping[Place, int]:
        raise AssertionError("a standstill is a matter of both ends")


def looking(
    log: Log,
    ours: Collection[Place] | None = (GATE,),
    *,
    stuck: bool = False,
    rebalances: Callable[[], int] = lambda: 1,
) -> tuple[Window, Standstill]:
    window = Window(4)
    return window, Standstill(window, log, ours=lambda: ours, rebalances=rebalances, is_stuck=lambda: stuck)


async def test_messages_that_wait_through_two_looks_are_a_standstill() -> None:
    _, standstill = looking(Log({GATE: (3, 9)}))
    assert await standstill.look() == set()  # since the last look, none may have been begun
    assert await standstill.look() == set()
    assert await standstill.look() == {GATE}


async def test_who_has_read_everything_does_not_stand_still() -> None:
    window, standstill = looking(Log({GATE: (3, 9)}))
    await window.enter(GATE, 8)
    window.finish(GATE, 8)  # what an open passage needs is not acknowledged: the group stands at 3
    assert [await standstill.look() for _ in range(4)] == [set()] * 4


async def test_one_message_that_is_begun_between_two_looks_is_life() -> None:
    window, standstill = looking(Log({GATE: (0, 9)}))
    for offset in range(4):
        assert await standstill.look() == set()
        assert await standstill.look() == set()
        await window.enter(GATE, offset)
        window.finish(GATE, offset)


async def test_a_message_in_work_is_waited_for() -> None:
    window, standstill = looking(Log({GATE: (0, 9)}))
    await window.enter(GATE, 0)
    assert [await standstill.look() for _ in range(4)] == [set()] * 4


async def test_a_message_that_is_in_work_for_ever_is_a_standstill_of_its_partition() -> None:
    window, standstill = looking(Log(), stuck=True)
    await window.enter(GATE, 0)
    await window.enter(YARD, 0)
    window.finish(YARD, 0)
    assert await standstill.look() == {GATE}


async def test_who_catches_up_after_a_long_outage_does_not_stand_still() -> None:
    """All that was in hand is older than anything may be in work, and nothing waits any more."""
    now = [0.0]
    window = Window(64, now_sec=lambda: now[0])
    measures = Measures("plates", now_sec=lambda: now[0])
    standstill = Standstill(
        window,
        Log({GATE: (0, 64)}),
        ours=lambda: (GATE,),
        rebalances=lambda: 1,
        is_stuck=lambda: health_of("plates", window, measures, lag=0).stuck,
    )
    for offset in range(64):
        await window.enter(GATE, offset)
    measures.waits_for("evidence store")
    now[0] = 180.0
    assert await standstill.look() == set()
    measures.waited_for("evidence store")
    for offset in range(63):
        now[0] += 30.0
        assert await standstill.look() == set()
        window.finish(GATE, offset)
    now[0] += 121.0  # and the last one hangs
    assert await standstill.look() == {GATE}


async def test_partitions_of_another_worker_are_its_own_matter() -> None:
    _, standstill = looking(Log({GATE: (9, 9), YARD: (0, 9)}))
    assert [await standstill.look() for _ in range(4)] == [set()] * 4


async def test_in_a_rebalance_that_does_not_end_every_partition_counts() -> None:
    _, standstill = looking(Log({GATE: (9, 9), YARD: (0, 9)}), ours=None)
    assert [await standstill.look() for _ in range(3)][-1] == {YARD}


async def test_rebalances_that_follow_each_other_are_no_standstill_of_what_is_others() -> None:
    """At each look the worker is in one, and for each of these the messages of another one wait."""
    count = [0]
    _, standstill = looking(Log({GATE: (9, 9), YARD: (0, 9)}), ours=None, rebalances=lambda: count[0])
    for _ in range(6):
        count[0] += 1
        assert await standstill.look() == set()
    assert await standstill.look() == {YARD}  # that one does not end


async def test_while_kafka_is_away_nothing_stands_still() -> None:
    log = Log({GATE: (0, 9)})
    _, standstill = looking(log)
    await standstill.look()
    await standstill.look()
    log.away = True
    assert await standstill.look() == set()
    log.away = False
    assert await standstill.look() == set()
    assert await standstill.look() == {GATE}


async def test_an_answer_that_came_too_late_says_nothing() -> None:
    class Slow(Log):
        asked = 0

        async def spans(self) -> Spans:
            self.asked += 1
            if self.asked % 3 == 0:  # that would be the answer that it stands still
                await window.enter(GATE, window.begun)
                window.finish(GATE, window.begun - 1)
            return await super().spans()

    window, standstill = looking(Slow({GATE: (0, 99)}))
    assert [await standstill.look() for _ in range(9)] == [set()] * 9


async def passes(window: Window, place: Place, offsets: range) -> None:
    for offset in offsets:
        await window.enter(place, offset)
        window.finish(place, offset)


async def test_messages_that_very_many_of_another_partition_pass_by_are_a_standstill_of_theirs() -> None:
    window, standstill = looking(Log({GATE: (3, 9), YARD: (0, 999_999)}), ours=(GATE, YARD))
    looks = []
    for turn in range(7):
        await passes(window, YARD, range(4000 * turn, 4000 * (turn + 1)))
        looks.append(await standstill.look())
    assert looks == [set()] * 5 + [{GATE}] * 2


async def test_who_catches_up_with_many_partitions_in_turn_stands_still_in_none() -> None:
    """aiokafka hands over a mebibyte of one after another: of coverage three thousand messages."""
    places: list[Place] = [("coverage", partition) for partition in range(12)]
    window, standstill = looking(Log(dict.fromkeys(places, (0, 99999))), ours=places)
    for turn in range(3):
        for place in places:
            await passes(window, place, range(3000 * turn, 3000 * (turn + 1)))
            assert await standstill.look() == set()


async def test_a_partition_of_which_a_message_is_begun_now_and_then_is_not_passed_by() -> None:
    window, standstill = looking(Log({GATE: (0, 99), YARD: (0, 999_999)}), ours=(GATE, YARD))
    for turn in range(12):
        await passes(window, YARD, range(4000 * turn, 4000 * (turn + 1)))
        if turn % 3 == 0:
            await passes(window, GATE, range(turn, turn + 1))
        assert await standstill.look() == set()


async def test_one_that_has_a_message_in_work_or_none_that_waits_is_not_passed_by() -> None:
    log = Log({GATE: (0, 9), YARD: (0, 999_999)})
    window, standstill = looking(log, ours=(GATE, YARD))
    await window.enter(GATE, 0)
    for turn in range(14):
        if turn == 7:
            window.finish(GATE, 0)
            log.places[GATE] = (1, 1)
        await passes(window, YARD, range(4000 * turn, 4000 * (turn + 1)))
        assert await standstill.look() == set()
