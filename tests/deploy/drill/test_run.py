"""One run of a drill with a stack that is none: what is told of it however it ends."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import cast

import pytest
from rich.console import Console

from contracts.errors import Stop
from deploy.drill.report import DrillReport
from deploy.drill.run import _Run
from deploy.drill.scene.cameras import Filmed
from deploy.drill.telling import Telling
from deploy.local.stack import Stack
from deploy.local.supervision.status import Phase, ProcessStatus, StackStatus


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


class Shown:
    picture = b""


def test_who_ended_by_itself_is_told_also_of_a_run_that_was_broken_off() -> None:
    stack, told = NotComingUp(), Telling(7, DrillReport(runs=1), Console(quiet=True))
    with pytest.raises(Stop, match="does not start"):
        _Run(cast("Stack", stack), cast("Filmed", Shown()), 7, 30.0, told).go()
    assert stack.is_down
    assert told.report.runs == 1
    assert told.report.failures == ["drill 7: rows ended by itself, exit status 1, 3 times"]
