"""A live camera whose frames are read too late gives its newest ones."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import msgspec
import pytest

from ingest import catching_up
from ingest.capture import Arrival, Picture
from ingest.worker import FLOOD_ARRIVALS
from tests.ingest.fakes import Outgoing, Reel
from tests.ingest.test_worker import LIVE, a_worker, totals


class Delayed(Reel):
    """Of a camera that stamps its frames: those of numbers `late` are read eight seconds after others."""

    def __init__(self, frames: int, late: range) -> None:
        super().__init__([number / 25 for number in range(frames)], between_keys=True)
        self._late = late
        self.restarts: list[int] = []

    def arrivals(self) -> Iterator[Arrival]:
        for arrival in super().arrivals():
            delay = timedelta(seconds=8.1 if arrival.handle in self._late else 0.1)
            yield replace(arrival, stamped_at=datetime.now(UTC) - delay)

    def restart(self) -> list[Picture]:
        self.restarts.append(len(self.decoded))
        return []


@pytest.fixture(autouse=True)
def _without_patience(monkeypatch: pytest.MonkeyPatch) -> None:
    """A reel is read in no time."""
    monkeypatch.setattr(catching_up, "PATIENCE_SEC", 0.0)


def test_a_live_camera_that_is_read_late_leaves_out_undecoded_what_newer_frames_wait_behind() -> None:
    camera = msgspec.structs.replace(LIVE, frames_per_second=25)
    outbox, reel = Outgoing(), Delayed(125, late=range(30, 60))
    worker = a_worker(outbox, camera)
    worker.run(reel)
    assert reel.decoded == [*range(30), *range(75, 125)]
    assert reel.restarts[0] == 30
    reports = worker.counters.reports(datetime.now(UTC))
    assert sum(report.shed_by.get("late", 0) for report in reports) == 45
    assert sum(report.gated + report.sent for report in reports) == 80


def test_a_backlog_that_is_run_through_is_no_flood() -> None:
    worker = a_worker(Outgoing(), LIVE)
    worker.run(Delayed(3 * FLOOD_ARRIVALS, late=range(1, 3 * FLOOD_ARRIVALS)))
    assert totals(worker)["shed"] == 3 * FLOOD_ARRIVALS - 1
