"""A live camera whose frames are read too late, or whose clock is set back: its newest frames are given."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta, tzinfo

import msgspec
import pytest

from ingest.camera import worker as worker_module
from ingest.camera.capture import Arrival, Picture
from ingest.camera.worker import FLOOD_ARRIVALS
from tests.ingest.camera.test_worker import LIVE, a_worker, totals
from tests.ingest.fakes import Outgoing, Reel

BEGAN = datetime(2026, 3, 1, 6, 30, tzinfo=UTC)


class Clock:
    """The host's, as the worker has it: its module `time` and its class `datetime`."""

    sec = 1000.0

    def monotonic(self) -> float:
        return self.sec

    def now(self, _zone: tzinfo) -> datetime:
        return BEGAN + timedelta(seconds=self.sec)


class Delayed(Reel):
    """Of a camera that stamps its frames: those of numbers `late` are read eight seconds after others, since
    something held up the first of them for as long. They arrive 25 a second by `clock`, from the frame
    `in_one_go_from` on all at once."""

    def __init__(self, frames: int, late: range, clock: Clock, *, in_one_go_from: int | None = None) -> None:
        super().__init__([number / 25 for number in range(frames)], between_keys=True)
        self._late, self._clock = late, clock
        self._in_one_go_from = frames if in_one_go_from is None else in_one_go_from
        self.restarts: list[int] = []

    def arrivals(self) -> Iterator[Arrival]:
        for number, arrival in enumerate(super().arrivals()):
            self._clock.sec += 1 / 25 if number < self._in_one_go_from else 0.0
            self._clock.sec += 8.0 if number == self._late.start else 0.0
            delay = timedelta(seconds=8.1 if number in self._late else 0.1)
            yield replace(arrival, stamped_at=self._clock.now(UTC) - delay)

    def restart(self) -> list[Picture]:
        self.restarts.append(len(self.decoded))
        return []


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(worker_module, "time", clock)
    monkeypatch.setattr(worker_module, "datetime", clock)
    return clock


def test_a_live_camera_that_stays_late_leaves_out_undecoded_what_newer_frames_wait_behind(
    clock: Clock,
) -> None:
    camera = msgspec.structs.replace(LIVE, frames_per_second=25)
    reel = Delayed(175, range(30, 110), clock)
    worker = a_worker(Outgoing(), camera)
    worker.run(reel)
    assert reel.decoded == [*range(81), *range(125, 175)]  # two seconds of lateness are waited out
    assert reel.restarts[0] == 81
    reports = worker.counters.reports(datetime.now(UTC))
    assert sum(report.shed_by.get("late", 0) for report in reports) == 125 - 81
    assert sum(report.gated + report.sent for report in reports) == 81 + 50


def test_frames_that_are_late_for_a_moment_are_decoded_and_none_after_them_is_left_out(clock: Clock) -> None:
    reel = Delayed(125, range(30, 75), clock)
    worker = a_worker(Outgoing(), LIVE)
    worker.run(reel)
    assert reel.decoded == [*range(125)]
    assert reel.restarts == [125]  # its end


def test_a_backlog_that_is_run_through_is_no_flood(clock: Clock) -> None:
    frames = 3 * FLOOD_ARRIVALS
    worker = a_worker(Outgoing(), LIVE)
    worker.run(Delayed(frames, range(1, frames), clock, in_one_go_from=60))
    assert totals(worker)["shed"] == frames - 52


class SetBack(Reel):
    """Of a camera that stamps its frames, 25 a second by `clock`, and whose own clock is set back by
    `back_sec` before the frame 100."""

    def __init__(self, clock: Clock, *, back_sec: float) -> None:
        super().__init__([number / 25 for number in range(300)], between_keys=True)
        self._clock, self._back_sec = clock, back_sec

    def arrivals(self) -> Iterator[Arrival]:
        for number, arrival in enumerate(super().arrivals()):
            self._clock.sec += 1 / 25
            back = timedelta(seconds=self._back_sec if number >= 100 else 0.0)
            yield replace(arrival, stamped_at=self._clock.now(UTC) - back)


def test_a_clock_that_is_set_back_begins_a_new_epoch_and_silences_nobody(
    clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    outbox = Outgoing()
    worker = a_worker(outbox, LIVE)
    assert worker.run(SetBack(clock, back_sec=12)) == 60
    headers = [header for header, _ in outbox.frames]
    epochs = [list(group) for _, group in itertools.groupby(headers, lambda header: header.epoch)]
    assert [[header.sequence for header in epoch] for epoch in epochs] == [list(range(21)), list(range(41))]
    assert [epoch[-1].end for epoch in epochs] == [True, True]
    assert epochs[0][-1].captured_at - epochs[1][0].captured_at == timedelta(seconds=12 - 1 / 25)
    assert totals(worker) == {"captured": 300, "gated": 240, "sent": 60, "shed": 0}
    assert "camera gate: its clock was set back by 12.0 s" in caplog.text


def test_a_clock_that_is_set_back_by_less_than_a_second_stays_in_its_epoch(clock: Clock) -> None:
    outbox = Outgoing()
    a_worker(outbox, LIVE).run(SetBack(clock, back_sec=0.9))
    assert len({header.epoch for header, _ in outbox.frames}) == 1
