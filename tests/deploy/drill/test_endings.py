"""Processes that ended though nobody killed them, by what their supervisor has seen."""

from __future__ import annotations

import pytest

from deploy.drill.judging.endings import ended_by_themselves
from deploy.local.supervision.status import ProcessStatus

KILLED = "killed by signal 9"


def a_process(name: str, *, once: bool = False, **exits: int) -> ProcessStatus:
    """`exits`: `status_75=2` is twice with that status."""
    ways = {way.replace("status_", "exit status ").replace("killed", KILLED): n for way, n in exits.items()}
    return ProcessStatus(name=name, once=once, exits=ways)


@pytest.mark.parametrize(
    "process",
    [
        a_process("plates"),
        a_process("plates", killed=1),
        a_process("plates", killed=1, status_75=3),
        a_process("ingest", status_0=1),
        a_process("topics", once=True, status_0=1),
    ],
)
def test_who_was_killed_or_lost_kafka_as_it_started_or_had_done_its_work_is_none(
    process: ProcessStatus,
) -> None:
    report = ended_by_themselves([process], {"plates"})
    assert (report.ended_by_themselves, report.remarks, report.failures) == (0, [], [])


@pytest.mark.parametrize(
    ("process", "told"),
    [
        (a_process("plates", killed=1, status_1=1), "plates ended by itself, exit status 1"),
        (a_process("plates", status_1=2), "plates ended by itself, exit status 1, 2 times"),
        (a_process("plates", status_2=3), "plates ended by itself, exit status 2, 3 times"),
        (a_process("plates", killed=2), "plates ended by itself, killed by signal 9"),
        (a_process("plates", status_0=1), "plates ended by itself, exit status 0"),
        (a_process("plates", status_75=7), "plates ended by itself, exit status 75, 7 times"),
        (a_process("rows", killed=1), "rows ended by itself, killed by signal 9"),
        (a_process("webapp", status_3=1), "webapp ended by itself, exit status 3"),
        (a_process("ingest", status_1=1), "ingest ended by itself, exit status 1"),
    ],
)
def test_a_process_that_ended_by_itself_fails_a_run(process: ProcessStatus, told: str) -> None:
    report = ended_by_themselves([process], {"plates"})
    assert report.failures == [told]
    assert report.ended_by_themselves == (int(told.split()[-2]) if told.endswith("times") else 1)


def test_a_stage_that_gave_up_and_a_server_that_ended_are_remarks() -> None:
    gave_up, server = a_process("plates", killed=1, status_2=2), a_process("postgres", status_1=1)
    report = ended_by_themselves([gave_up, server], {"plates"})
    assert report.passed
    assert report.ended_by_themselves == 3
    assert report.remarks == [
        "plates ended by itself, exit status 2, 2 times",
        "postgres ended by itself, exit status 1",
    ]
