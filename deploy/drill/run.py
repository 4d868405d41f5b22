"""One drill: a fresh stack with street cameras, kills by schedule, and the account of it."""

from __future__ import annotations

import logging
import os
import shutil
import signal
import tempfile
import threading
import time
from contextlib import closing
from pathlib import Path

from rich.console import Console

from contracts.topics import Topic
from deploy.demo.own_video import write_camera_file
from deploy.demo.run import end_ingest
from deploy.demo.street import Street
from deploy.drill.database import stored_finals
from deploy.drill.expected import expected_finals
from deploy.drill.report import DrillReport
from deploy.drill.schedule import Kill, kills
from deploy.local.folders import State
from deploy.local.options import Options
from deploy.local.ports import free_ports
from deploy.local.stack import Stack
from deploy.measure.flow import Marks, count_flow, marks, wait_until_drained
from deploy.measure.log import LogReader

DRAIN_WITHIN_SEC = 120.0
BACK_WITHIN_SEC = 60.0
_LOOK_EVERY_SEC = 0.2

log = logging.getLogger(__name__)


def drill(street: Street, *, seed: int, seconds: float, report: DrillReport, console: Console) -> None:
    """Run once and add what was found to the report."""
    report.runs += 1
    folder = Path(tempfile.mkdtemp(prefix="platestream-drill-"))
    cameras = write_camera_file(folder / "cameras.yml", street.cameras(pace="real"))
    # Not the demo's own port: a person may be looking at a stack beside this one.
    options = Options(cameras=cameras, ports=free_ports(["portal"]), die_with_parent=True)
    stack = Stack(State(folder / "state"), options)
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
    # Kept when something is wrong, so that its logs can be read.
    if report.passed:
        shutil.rmtree(folder)
    else:
        console.print(f"drill {seed}: logs and data are kept in {folder}")


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
    until = topics.ends(Topic.SIGHTINGS)
    expected = expected_finals(
        (message.partition() or 0, message.offset() or 0, message.value() or b"")
        for message in topics.read(Topic.SIGHTINGS, since=since[Topic.SIGHTINGS], until=until)
    )
    database = stack.variables()["PLATESTREAM_DATABASE"]
    stored = stored_finals(database, expected)
    flow = count_flow(topics, database, since)
    missing = sorted(set(expected) - set(stored.texts))
    other = [
        f"{name}: event {event_id} is {stored.texts[event_id]}, expected {event.reading.text}"
        for event_id, event in expected.items()
        if event_id in stored.texts and event.reading and stored.texts[event_id] != event.reading.text
    ]
    report.finals_expected += len(expected)
    report.finals_lost += len(missing) + flow.lost_plates
    report.rows_double += stored.double
    report.frames_lost += flow.lost_frames
    report.failures += other + [f"{name}: final {event_id} is not in the database" for event_id in missing]
    if not expected:
        report.failures.append(f"{name}: no final plate at all was expected: nothing was tested")
