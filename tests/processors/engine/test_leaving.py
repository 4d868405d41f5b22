"""The end of a process: nothing holds it up, and what goes wrong then keeps nothing else from being done."""

from __future__ import annotations

import asyncio
from types import SimpleNamespace
from typing import Any

import pytest

from contracts.errors import TryAgain
from processors.engine import leaving as leaving_module
from processors.engine import process as process_module
from processors.engine.leaving import Leaving, close_all
from processors.engine.measures import Measures
from processors.engine.process import Worker, _Running, run
from processors.engine.reading.subscription import Subscription
from processors.engine.window import Place
from tests.processors.engine.test_app import Idle


class Timer:
    """Stands for the thread that ends the process."""

    def __init__(self, status: int) -> None:
        self.status = status
        self.is_cancelled = False

    def cancel(self) -> None:
        self.is_cancelled = True


@pytest.fixture
def timers(monkeypatch: pytest.MonkeyPatch) -> list[Timer]:
    made: list[Timer] = []

    def end_for_certain(status: int, *, within_sec: float = 2.0) -> Timer:
        assert within_sec < 10
        made.append(Timer(status))
        return made[-1]

    monkeypatch.setattr(leaving_module, "end_for_certain", end_for_certain)
    monkeypatch.setattr(leaving_module, "_CLOSE_SEC", 0.05)
    return made


class Edges:
    def __init__(self) -> None:
        self.closed: list[str] = []

    async def good(self) -> None:
        self.closed.append("good")

    async def broken(self) -> None:
        raise RuntimeError("this edge has a fault")

    async def hanging(self) -> None:
        await asyncio.Event().wait()


async def test_an_edge_with_a_fault_keeps_no_other_one_open(
    timers: list[Timer], caplog: pytest.LogCaptureFixture
) -> None:
    edges = Edges()
    await close_all((edges.broken, edges.good), status=0, is_late=False)
    assert edges.closed == ["good"]
    assert "edge 1 of 2 was not closed" in caplog.text
    assert [timer.is_cancelled for timer in timers] == [True]  # the process ends by itself


async def test_an_edge_that_does_not_end_is_left_and_the_process_ends_for_certain(
    timers: list[Timer], caplog: pytest.LogCaptureFixture
) -> None:
    edges = Edges()
    await asyncio.wait_for(close_all((edges.good, edges.hanging), status=75, is_late=False), 5)
    assert edges.closed == ["good"]
    assert "edge 2 of 2 was not closed" in caplog.text
    assert [(timer.status, timer.is_cancelled) for timer in timers] == [(75, True), (75, False)]


async def test_that_the_process_ends_is_certain_before_the_first_edge_is_closed(timers: list[Timer]) -> None:
    async def looks() -> None:
        assert [(timer.status, timer.is_cancelled) for timer in timers] == [(2, False)]

    await close_all((looks,), status=2, is_late=True)
    assert [timer.is_cancelled for timer in timers] == [True, False]


async def test_a_process_ends_with_what_it_ended_with_whatever_its_edges_do(
    timers: list[Timer], monkeypatch: pytest.MonkeyPatch
) -> None:
    async def ends(*_: object) -> None:
        raise TryAgain("kafka", "it went away")

    monkeypatch.setattr("processors.engine.process._until_all_ended", ends)
    edges = Edges()
    with pytest.raises(TryAgain, match="it went away"):
        await run((), close=(edges.broken, edges.good), stop=asyncio.Event())
    assert edges.closed == ["good"]
    assert [timer.status for timer in timers] == [75]


async def test_all_that_is_done_at_the_end_has_one_time_together() -> None:
    leaving, edges = Leaving("copy", within_sec=0.05), Edges()
    for _ in range(3):
        await asyncio.wait_for(leaving.in_time(edges.hanging(), "it hangs"), 5)
    assert leaving.is_late
    with pytest.raises(RuntimeError):
        await Leaving("copy", within_sec=5.0).in_time(edges.broken(), "it is broken")


class Stumbling(Idle):
    async def forget(self, places: set[Place], *, grace_sec: float) -> None:
        raise KeyError("a lane that is not there")


class Hanging(Idle):
    async def forget(self, places: set[Place], *, grace_sec: float) -> None:
        await asyncio.Event().wait()


class Faust:
    """An app that ends by itself as soon as it has begun."""

    crash_reason = ZeroDivisionError("why it ended")
    should_stop = True
    rebalancing_count = 1
    unassigned = True

    def __init__(self) -> None:
        self.was_stopped = False
        nothing = lambda: None  # noqa: E731
        self.flow_control = SimpleNamespace(suspend=nothing)
        self.consumer = SimpleNamespace(stop_flow=nothing, take_no_more=nothing, begins=None)

    async def start(self) -> None: ...

    async def wait_until_stopped(self) -> None: ...

    async def stop(self) -> None:
        self.was_stopped = True


@pytest.mark.parametrize("driver", [Stumbling, Hanging])
async def test_a_driver_that_does_not_let_go_keeps_faust_from_no_stop_and_the_reason_from_nobody(
    driver: type[Idle], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(process_module, "_GIVE_UP_SEC", 0.05)

    async def drive(_desk: Any) -> Idle:
        return driver()

    subscription = Subscription(kafka="127.0.0.1:1", group="copy", topics=("in",))
    worker = Worker(stage="copy", subscription=subscription, drive=drive, measures=Measures("copy"))
    running, app = _Running(worker, asyncio.Event()), Faust()
    faust: Any = app
    with pytest.raises(ZeroDivisionError):
        await asyncio.wait_for(running._read(faust, driver()), 5)
    assert app.was_stopped
    assert running.is_late is (driver is Hanging)
