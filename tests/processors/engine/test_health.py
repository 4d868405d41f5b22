"""What probes and people are told: 503 where nothing becomes of a message any more, and for nothing else."""

from __future__ import annotations

import asyncio
import random
import re
from collections import deque
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

import aiohttp
import pytest

from contracts.codec import encode
from contracts.errors import Stop
from contracts.messages.enriched import RegistryAnswer
from deploy.local.ports import HOST, free_ports
from processors.engine.drivers.independent import IndependentDriver
from processors.engine.health import Health, Pages, health_of, serve
from processors.engine.measures import Measures
from processors.engine.window import Place, Window
from processors.enriched import LateAnswers
from tests.contracts.builders import a_registry_answer, an_enriched_event
from tests.processors.engine.fakes import Broker, a_desk, a_message

GATE: Place = ("frames", 0)
YARD: Place = ("frames", 1)


@dataclass
class Clock:
    now_sec: float = 0.0


@dataclass
class AStage:
    """Its window, by a clock of its own. To be made in a running loop."""

    clock: Clock = field(default_factory=Clock)

    def __post_init__(self) -> None:
        self.measures = Measures("copy", now_sec=lambda: self.clock.now_sec)
        self.window = Window(4, now_sec=lambda: self.clock.now_sec, worked_sec=self.measures.worked_sec)

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


async def test_a_message_of_which_nothing_becomes_for_two_minutes_makes_the_page_fail() -> None:
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


async def test_for_two_minutes_after_a_wait_has_ended_nothing_is_stuck() -> None:
    """What waited begins its work only then, however old it is."""
    stage = AStage()
    await stage.window.enter(GATE, 0)
    stage.measures.waits_for("triton")
    stage.clock.now_sec = 1000.0
    stage.measures.waited_for("triton")
    stage.clock.now_sec = 1119.0
    assert await status_of_page(stage) == (200, "ok")
    stage.clock.now_sec = 1121.0
    assert await status_of_page(stage) == (503, "stuck")


async def test_short_waits_of_other_messages_do_not_hide_for_ever_that_one_hangs() -> None:
    stage = AStage()
    await stage.window.enter(GATE, 0)
    for minute in range(1, 12):
        await stage.window.enter(GATE, minute)
        stage.clock.now_sec += 59.0
        stage.measures.waits_for("registry")
        stage.measures.waits_for("kafka")
        stage.clock.now_sec += 1.0
        stage.measures.waited_for("registry")
        stage.measures.waited_for("kafka")
        stage.window.finish(GATE, minute)
        assert stage.health().stuck is (minute == 11)


async def test_who_waits_again_and_again_for_long_is_not_stuck_however_long_it_takes() -> None:
    stage = AStage()
    await stage.window.enter(GATE, 0)
    for _ in range(50):
        stage.measures.waits_for("triton")
        stage.clock.now_sec += 3600.0
        stage.measures.waited_for("triton")
        stage.clock.now_sec += 10.0
        assert not stage.health().stuck


async def test_messages_that_stand_in_a_line_which_moves_on_are_old_and_not_stuck() -> None:
    """The line is one for all partitions: one of them may have its only message at the end of it."""
    stage = AStage()
    for offset in range(3):
        await stage.window.enter(GATE, offset)
    await stage.window.enter(YARD, 0)
    for offset in range(3):
        stage.clock.now_sec += 100.0
        assert not stage.health().stuck
        stage.window.finish(GATE, offset)
    assert stage.health().oldest_unacknowledged_sec == 300.0
    stage.clock.now_sec += 119.0
    assert not stage.health().stuck
    stage.clock.now_sec += 2.0
    assert stage.health().stuck


@pytest.mark.parametrize("others", [GATE, YARD], ids=["of its partition", "of another partition"])
async def test_a_message_that_hangs_while_others_go_on_is_stuck(others: Place) -> None:
    stage = AStage()
    await stage.window.enter(others, 0)
    await stage.window.enter(GATE, 1)  # this one
    for offset in range(2, 14):
        await stage.window.enter(others, offset)
        stage.clock.now_sec += 10.0
        stage.window.finish(others, offset if offset > 2 else 0)
        assert not stage.health().stuck
    stage.clock.now_sec += 11.0
    assert stage.health().stuck


class SlowRegistry:
    """Answers one question after another, each as soon as it is told to."""

    provider = "slow"

    def __init__(self) -> None:
        self._asked: deque[asyncio.Future[RegistryAnswer]] = deque()

    def known(self, registration: str) -> RegistryAnswer | None:
        raise AssertionError("late answers are always looked up")

    async def look_up(self, registration: str, *, patience_sec: float) -> RegistryAnswer:
        self._asked.append(asyncio.get_running_loop().create_future())
        return await self._asked[-1]

    def answers(self) -> None:
        self._asked.popleft().set_result(a_registry_answer())


async def test_a_registry_that_answers_once_in_two_seconds_makes_no_late_stage_stuck() -> None:
    """Of 512 late answers, 24 are asked for at a time: a message stands in the line for a quarter of an hour,
    and one partition's only message does so while nothing moves in that partition."""
    clock, chance, registry = Clock(), random.Random(1), SlowRegistry()
    now_sec = lambda: clock.now_sec  # noqa: E731
    measures = Measures("enriched-late", now_sec=now_sec)
    window = Window(512, now_sec=now_sec, worked_sec=measures.worked_sec)
    desk = replace(a_desk(Broker()), window=window, measures=measures)
    driver = IndependentDriver(LateAnswers(registry), desk)
    pending = encode(an_enriched_event(registry=a_registry_answer(status="pending", personal=None)))

    async def feed() -> None:
        for offset in range(900):
            camera = chance.randrange(40)
            partition = camera % 12 if offset % 100 == 99 else 0  # few of most, most of one
            await driver.put(a_message(offset, partition=partition, key=b"camera-%d" % camera, value=pending))

    feeding, oldest_sec = asyncio.create_task(feed()), 0.0
    for answered in range(900):
        for _ in range(8):  # until all that can be done is done
            await asyncio.sleep(0)
        assert desk.measures.done_count == answered
        assert not health_of("enriched-late", desk.window, desk.measures, lag=0).stuck
        oldest_sec = max(oldest_sec, desk.window.oldest_unacknowledged_sec)
        clock.now_sec += 2.0
        registry.answers()
    await feeding
    assert oldest_sec > 900.0


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
