"""What is done to the stack of a run, here to one that is none."""

from __future__ import annotations

from pathlib import Path
from typing import cast

import pytest
from rich.console import Console

from deploy.drill.report import DrillReport
from deploy.drill.telling import Telling
from deploy.drill.troubles.planned import Troubles
from deploy.local.folders import State
from deploy.local.stack import Stack


class WithStore:
    """A stack's folder, with an evidence store in it."""

    def __init__(self, root: Path) -> None:
        self.state = State(root)
        self.state.logs.mkdir()
        self.store = self.state.data / "evidence"
        self.store.mkdir(parents=True)

    def variables(self) -> dict[str, str]:
        return {"PLATESTREAM_EVIDENCE": self.store.as_uri()}


@pytest.mark.parametrize("worker", ["plates", "plates-visitor"])
def test_an_outage_is_met_when_a_worker_of_plates_waited_for_its_store(tmp_path: Path, worker: str) -> None:
    stack = WithStore(tmp_path)
    telling = Telling(7, DrillReport(runs=1), Console(quiet=True))
    troubles = Troubles(cast("Stack", stack), b"", telling)

    troubles._withhold()
    assert (stack.store / "evidence").is_file()
    assert not troubles.met_outage()
    stack.state.log_of(worker).write_text("plates waits for evidence store (file:///evidence: away)")
    troubles._give_back()
    assert troubles.met_outage()
    assert telling.report.outages == 1
