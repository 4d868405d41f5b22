"""The schedule of a drill follows from its seed: kills, second workers, a stage that stands still."""

from __future__ import annotations

import pytest

from deploy.drill.schedule import (
    LONGEST_SEC,
    QUIET_AT_END_SEC,
    QUIET_AT_START_SEC,
    SHORTEST_SEC,
    STARTED_WITHIN_SEC,
    VICTIMS,
    VISITED,
    Freeze,
    freeze,
    kills,
    outage,
    seconds_of,
    upload_sec,
    visits,
)
from processors.engine.reading.subscription import Subscription
from processors.passages.settings import PassageSettings


def freezes(seed: int, *, seconds: float) -> Freeze | None:
    return freeze(seed, seconds=seconds, planned=kills(seed, seconds=seconds))


def test_every_victim_is_killed_once_between_the_quiet_times() -> None:
    plan = kills(7, seconds=75)
    assert sorted(kill.process for kill in plan) == sorted(VICTIMS)
    assert all(QUIET_AT_START_SEC <= kill.at_sec <= 75 - QUIET_AT_END_SEC for kill in plan)
    assert [kill.at_sec for kill in plan] == sorted(kill.at_sec for kill in plan)


def test_a_seed_decides_the_whole_schedule() -> None:
    for draw in (kills, visits, freezes, outage):
        assert draw(3, seconds=75) == draw(3, seconds=75)
        assert draw(3, seconds=75) != draw(4, seconds=75)
    assert seconds_of(3) == seconds_of(3) != seconds_of(4)


@pytest.mark.parametrize("seed", range(20))
def test_each_visited_stage_has_a_second_worker_between_the_quiet_times(seed: int) -> None:
    seconds = seconds_of(seed)
    assert SHORTEST_SEC <= seconds <= LONGEST_SEC
    plan = visits(seed, seconds=seconds)
    assert sorted(visit.stage for visit in plan) == sorted(VISITED)
    room_sec = seconds - QUIET_AT_START_SEC - QUIET_AT_END_SEC
    for visit in plan:
        assert QUIET_AT_START_SEC <= visit.from_sec < visit.until_sec <= seconds - QUIET_AT_END_SEC
        assert visit.until_sec - visit.from_sec >= min(STARTED_WITHIN_SEC, 0.75 * room_sec)


@pytest.mark.parametrize("seed", range(20))
def test_the_evidence_store_is_away_for_longer_than_silence_takes(seed: int) -> None:
    seconds = seconds_of(seed)
    away = outage(seed, seconds=seconds)
    assert QUIET_AT_START_SEC <= away.from_sec < away.until_sec <= seconds - QUIET_AT_END_SEC
    assert away.until_sec - away.from_sec > PassageSettings().silent_after_sec


def test_a_stage_stands_still_for_longer_than_kafka_waits_while_nobody_kills_it() -> None:
    kafka_waits_sec = Subscription(kafka="", group="", topics=()).session_timeout_sec
    drawn = 0
    for seed in range(100):
        seconds = seconds_of(seed)
        plan = freezes(seed, seconds=seconds)
        if plan is None:
            continue
        drawn += 1
        assert plan.stage in VISITED
        assert QUIET_AT_START_SEC <= plan.from_sec < plan.until_sec <= seconds - QUIET_AT_END_SEC
        assert plan.until_sec - plan.from_sec > kafka_waits_sec
        (kill,) = [each for each in kills(seed, seconds=seconds) if each.process == plan.stage]
        assert not plan.from_sec - STARTED_WITHIN_SEC <= kill.at_sec <= plan.until_sec
    assert drawn >= 60


@pytest.mark.parametrize("seed", range(20))
def test_a_picture_is_handed_in_between_the_quiet_times(seed: int) -> None:
    seconds = seconds_of(seed)
    at_sec = upload_sec(seed, seconds=seconds)
    assert QUIET_AT_START_SEC <= at_sec <= seconds - QUIET_AT_END_SEC
    assert at_sec == upload_sec(seed, seconds=seconds) != upload_sec(seed + 1, seconds=seconds)


def test_second_workers_end_both_ways() -> None:
    assert {visit.killed for seed in range(9) for visit in visits(seed, seconds=60)} == {True, False}
