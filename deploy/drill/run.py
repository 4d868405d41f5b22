"""One drill: a fresh stack with street cameras, kills by schedule, and the account of it."""

from __future__ import annotations

import asyncio
import logging
import os
import shutil
import signal
import tempfile
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

from rich.console import Console

from contracts.messages.plate import PlateEvent
from contracts.topics import Topic
from deploy.demo.own_video import write_camera_file
from deploy.demo.run import end_ingest
from deploy.demo.street import Street
from deploy.drill.cameras import drill_cameras
from deploy.drill.database import differences, stored_passages
from deploy.drill.expected import expected_finals
from deploy.drill.report import DrillReport
from deploy.drill.schedule import Kill, kills
from deploy.local.folders import State
from deploy.local.options import Options
from deploy.local.ports import free_ports
from deploy.local.stack import Stack
from deploy.measure.flow import Marks, count_flow, marks, wait_until_drained
from deploy.measure.log import LogReader
from processors.adapters.cards import models_used
from processors.adapters.triton import TritonInference
from processors.fused_look import FusedLook
from processors.passages.settings import PassageSettings
from processors.settings import from_environment

DRAIN_WITHIN_SEC = 240.0
BACK_WITHIN_SEC = 60.0
_LOOK_EVERY_SEC = 0.2

log = logging.getLogger(__name__)


def drill(street: Street, *, seed: int, seconds: float, report: DrillReport, console: Console) -> None:
    """Run once and add what was found to the report."""
    report.runs += 1
    folder = Path(tempfile.mkdtemp(prefix="platestream-drill-"))
    before = report.faults
    with drill_cameras(street, folder, seconds=seconds, console=console) as cameras:
        # Not the demo's own port: a person may be looking at a stack beside this one.
        options = Options(
            cameras=write_camera_file(folder / "cameras.yml", cameras),
            ports=free_ports(["portal"]),
            die_with_parent=True,
        )
        _run(Stack(State(folder / "state"), options), seed, seconds, report, console)
    # Kept when something is wrong, so that its logs can be read.
    if report.faults == before:
        shutil.rmtree(folder)
    else:
        console.print(f"drill {seed}: logs and data are kept in {folder}")


def _run(stack: Stack, seed: int, seconds: float, report: DrillReport, console: Console) -> None:
    try:
        stack.up()
        with closing(LogReader(stack.variables()["PLATESTREAM_KAFKA"])) as topics:
            status = stack.status()
            since = marks(topics, at=status.started_at if status else None)
            began_sec = time.monotonic()
            for kill in kills(seed, seconds=seconds):
                _sleep_until(began_sec, kill.at_sec)
                _kill(stack, kill, report, console)
            _sleep_until(began_sec, seconds)
            _account(stack, topics, since, report, f"drill {seed}")
    finally:
        stack.down()


def _kill(stack: Stack, kill: Kill, report: DrillReport, console: Console) -> None:
    """SIGKILL, then wait until the supervisor has it running again."""
    status = stack.status()
    process = status.find(kill.process) if status else None
    if process is None or process.identity is None:
        report.failures.append(f"{kill.process} was not running when it was to be killed")
        return
    restarts = process.restarts
    os.kill(process.identity.pid, signal.SIGKILL)
    report.kills += 1
    console.print(f"  {kill.at_sec:5.1f} s  killed {kill.process}")
    deadline = time.monotonic() + BACK_WITHIN_SEC
    while time.monotonic() < deadline:
        status = stack.status()
        process = status.find(kill.process) if status else None
        if process is not None and process.restarts > restarts and process.came_up:
            return
        time.sleep(_LOOK_EVERY_SEC)
    report.failures.append(f"{kill.process} was not back {BACK_WITHIN_SEC:.0f} s after it was killed")


def _sleep_until(began_sec: float, at_sec: float) -> None:
    time.sleep(max(0.0, began_sec + at_sec - time.monotonic()))


def _account(stack: Stack, topics: LogReader, since: Marks, report: DrillReport, name: str) -> None:
    """Let everything settle, then compare the database with what the sightings must have given."""
    end_ingest(stack)
    left = wait_until_drained(topics, since, within_sec=DRAIN_WITHIN_SEC, stopping=threading.Event())
    report.failures += [f"{name}: {stage} did not finish, {lag} messages left" for stage, lag in left.items()]
    expected = asyncio.run(_expected(stack, topics, since))
    database = stack.variables()["PLATESTREAM_DATABASE"]
    stored = stored_passages(database)
    flow = count_flow(topics, database, since)
    texts = {each.event_id: each.reading.text if each.reading else None for each in expected.values()}
    missing, unexpected, other = differences(stored, texts)
    report.finals_expected += len(expected)
    report.finals_lost += len(missing) + flow.lost_plates
    report.rows_double += len(stored.double) + stored.repeated
    report.frames_lost += flow.lost_frames
    told = [f"final {event_id} ({texts[event_id]}) is not in the database" for event_id in missing]
    told += unexpected + other + [f"double: {each}" for each in stored.double]
    if not expected:
        told.append("no final plate at all was expected: nothing was tested")
    report.failures += [f"{name}: {each}" for each in told]


async def _expected(stack: Stack, topics: LogReader, since: Marks) -> dict[str, PlateEvent]:
    """With the stack's own Triton: another may differ in the last digit, and so in a doubtful letter."""
    until = topics.ends(Topic.SIGHTINGS)
    settings = from_environment(stack.variables())
    inference = TritonInference(settings.triton, models_used(settings.model_repository), timeout_sec=30.0)
    sightings = (
        (message.partition() or 0, message.offset() or 0, message.value() or b"")
        for message in topics.read(Topic.SIGHTINGS, since=since[Topic.SIGHTINGS], until=until)
    )
    with ThreadPoolExecutor(1, thread_name_prefix="looks") as pool:
        try:
            return await expected_finals(sightings, FusedLook(inference, pool, PassageSettings()).again)
        finally:
            await inference.close()
