"""What probes and people are told: 503 for a message that is too long in work, and for nothing else."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import aiohttp
import pytest

from contracts.errors import Stop
from deploy.local.ports import HOST, free_ports
from processors.engine.health import Health, Pages, health_of, serve
from processors.engine.measures import Measures
from processors.engine.window import Place, Window

GATE: Place = ("frames", 0)


@dataclass
class Clock:
    now_sec: float = 0.0


@dataclass
class AStage:
    """Its window, by a clock of its own. To be made in a running loop."""

    clock: Clock = field(default_factory=Clock)
    measures: Measures = field(default_factory=lambda: Measures("copy"))

    def __post_init__(self) -> None:
        self.window = Window(4, now_sec=lambda: self.clock.now_sec)

    def health(self) -> Health:
        return health_of("copy", self.window, self.measures, lag=5)


async def status_of_page(stage: AStage) -> tuple[int, str]:
    address = f"{HOST}:{free_ports(['health'])['health']}"
    server = await serve(address, Pages(health=lambda: [stage.health()], metrics=bytes))
    try:
        async with (
            aiohttp.ClientSession() as session,
            session.get(f"http://{address}/healthz") as answer,
        ):
            [told] = (await answer.json())["stages"]
            return answer.status, told["status"]
    finally:
        await server.cleanup()


async def test_a_message_that_is_in_work_for_two_minutes_makes_the_page_fail() -> None:
    stage = AStage()
    assert await status_of_page(stage) == (200, "starting")
    await stage.window.enter(GATE, 0)
    stage.clock.now_sec = 119.0
    assert await status_of_page(stage) == (200, "ok")
    stage.clock.now_sec = 121.0
    assert await status_of_page(stage) == (503, "stuck")
    stage.window.finish(GATE, 0)
    assert await status_of_page(stage) == (200, "ok")


async def test_a_stage_that_falls_behind_tells_how_old_what_it_does_is_though_no_message_takes_long() -> None:
    stage = AStage()
    await stage.window.enter(GATE, 0)
    stage.window.finish(GATE, 0)
    stage.measures.done(datetime.now(UTC) - timedelta(minutes=3))
    health = stage.health()
    assert health.behind_sec == pytest.approx(180.0, abs=1.0)
    assert health.oldest_unacknowledged_sec == 0.0


async def test_one_that_waits_for_a_dependency_is_not_stuck() -> None:
    stage = AStage()
    await stage.window.enter(GATE, 0)
    stage.measures.waits_for("triton")
    stage.clock.now_sec = 1000.0
    assert await status_of_page(stage) == (200, "waiting")


async def test_one_that_is_held_back_as_it_is_needed_is_old_and_not_stuck() -> None:
    stage = AStage()
    await stage.window.enter(GATE, 0)
    stage.window.need_from(GATE, 0)
    stage.window.finish(GATE, 0)
    stage.clock.now_sec = 1000.0
    assert await status_of_page(stage) == (200, "ok")
    assert stage.health().oldest_unacknowledged_sec == pytest.approx(1000.0)


@pytest.mark.parametrize("address", [f"{HOST}:99999", f"{HOST}:-1", f"{HOST}:health", HOST])
async def test_an_address_that_no_page_can_have_is_named(address: str) -> None:
    with pytest.raises(Stop, match=f"health page on {re.escape(address)}"):
        await serve(address, Pages(health=list, metrics=bytes))
