"""One run of a drill with a stack that is none: what is told of it however it ends."""

from __future__ import annotations

import tempfile
from datetime import UTC, datetime
from pathlib import Path
from typing import cast

import psycopg
import pytest
from rich.console import Console

from contracts.errors import Stop
from contracts.topics import ALL_TOPICS, Topic
from deploy.demo.street import Street
from deploy.drill import run
from deploy.drill.report import DrillReport
from deploy.drill.scene.cameras import Filmed
from deploy.drill.telling import Telling
from deploy.drill.troubles.planned import Troubles
from deploy.local.stack import Stack
from deploy.local.supervision.status import Phase, ProcessStatus, StackStatus
from deploy.measure.flow import Marks
from deploy.measure.log import LogReader, Offsets


class NotComingUp:
    """A stack that does not come up, of which one process ended by itself meanwhile."""

    def __init__(self) -> None:
        self.is_down = False

    def up(self) -> None:
        raise Stop("rows does not start")

    def down(self) -> None:
        self.is_down = True

    def status(self) -> StackStatus:
        rows = ProcessStatus(name="rows", exits={"exit status 1": 3})
        now = datetime.now(UTC)
        return StackStatus(run="run", phase=Phase.STOPPED, supervisor=None, started_at=now, processes=[rows])


class LateLeft:
    """Topics of which all is done but three late answers of the registry."""

    def lag(self, group: str, topic: str, *, since: Offsets) -> int:
        return 3 if (group, topic) == ("enriched-late", Topic.PLATES_ENRICHED) else 0


class Shown:
    picture = b""


def test_what_was_met_and_who_ended_is_told_also_of_a_run_that_was_broken_off(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(Troubles, "met_outage", lambda _troubles: True)
    stack, told = NotComingUp(), Telling(7, DrillReport(runs=1), Console(quiet=True))
    with pytest.raises(Stop, match="does not start"):
        run._Run(cast("Stack", stack), cast("Filmed", Shown()), 7, 30.0, told).go()
    assert stack.is_down
    assert (told.report.runs, told.report.outages_met) == (1, 1)
    assert told.report.failures == ["drill 7: rows ended by itself, exit status 1, 3 times"]


def test_a_run_is_not_over_while_answers_of_the_registry_are_to_come(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(run, "DRAIN_WITHIN_SEC", 0.0)
    told = Telling(7, DrillReport(runs=1), Console(quiet=True))
    since: Marks = {spec.name: {} for spec in ALL_TOPICS}
    drilled = run._Run(cast("Stack", NotComingUp()), cast("Filmed", Shown()), 7, 30.0, told)
    drilled._drain(cast("LogReader", LateLeft()), since)
    assert told.report.failures == ["drill 7: enriched-late did not finish, 3 messages left"]


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (Stop("no film"), "drill 7: no film"),
        (psycopg.OperationalError("the server went away"), "drill 7: OperationalError: the server went away"),
        (OSError(28, "No space left on device"), "drill 7: OSError: [Errno 28] No space left on device"),
        (KeyError("PLATESTREAM_KAFKA"), "drill 7: KeyError: 'PLATESTREAM_KAFKA'"),
    ],
)
def test_whatever_breaks_a_run_off_is_a_failure_of_that_run(
    error: Exception, told: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def not_filmed(*_args: object, **_named: object) -> None:
        raise error

    monkeypatch.setattr(run, "filmed", not_filmed)
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    report = run.drill(Street(()), 7)
    assert (report.runs, report.failures) == (1, [told])


def test_a_run_for_which_there_is_no_room_is_a_failure_of_that_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "full"))
    (failure,) = run.drill(Street(()), 7).failures
    assert failure.startswith("drill 7: FileNotFoundError")
