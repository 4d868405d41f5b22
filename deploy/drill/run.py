"""One drill: a fresh stack with street cameras; kills, freezes, rebalances by schedule; its account."""

from __future__ import annotations

import logging
import shutil
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from rich.console import Console

from contracts.errors import PlatestreamError
from deploy.demo.own_video import write_camera_file
from deploy.demo.run import end_ingest
from deploy.demo.street import Street
from deploy.drill.alone import alone
from deploy.drill.judging.account import account
from deploy.drill.judging.endings import ended_by_themselves
from deploy.drill.report import DrillReport
from deploy.drill.scene.cameras import Filmed, filmed
from deploy.drill.scene.filming import silent_cameras
from deploy.drill.schedule import seconds_of
from deploy.drill.telling import Telling
from deploy.drill.troubles.planned import Troubles
from deploy.local.folders import State
from deploy.local.options import Options
from deploy.local.ports import free_ports
from deploy.local.stack import Stack
from deploy.measure.flow import STAGE_INPUTS, Marks, marks, wait_until_drained
from deploy.measure.log import LogReader

log = logging.getLogger(__name__)

DRAIN_WITHIN_SEC = 240.0
BACK_WITHIN_SEC = 60.0
_LOOK_EVERY_SEC = 0.2


def drill(street: Street, seed: int) -> DrillReport:
    """Run once; what was found. A stack that does not come up is a failure like any other."""
    telling = Telling(seed, DrillReport(runs=1), Console(highlight=False))
    with _failing(telling):
        folder = Path(tempfile.mkdtemp(prefix="platestream-drill-"))
        with _failing(telling):
            _drill(street, folder, seed, telling)
        # Kept when something is wrong, so that its logs can be read.
        if telling.report.passed:
            shutil.rmtree(folder)
        else:
            telling.tell(f"logs and data are kept in {folder}")
    return telling.report


@contextmanager
def _failing(telling: Telling) -> Iterator[None]:
    """What breaks a run off is a failure of that run, whatever it is: the others go on."""
    try:
        yield
    except PlatestreamError as error:
        telling.fail(str(error))
    except Exception as error:
        log.exception("a run was broken off")
        telling.fail(f"{type(error).__name__}: {error}")


def _drill(street: Street, folder: Path, seed: int, telling: Telling) -> None:
    seconds = seconds_of(seed)
    with filmed(street, folder, seconds=seconds, console=telling.console) as shown:
        # Not the demo's own port: a person may be looking at a stack beside this one.
        options = Options(
            cameras=write_camera_file(folder / "cameras.yml", list(shown.cameras)),
            ports=free_ports(["portal"]),
            die_with_parent=True,
        )
        _Run(Stack(State(folder / "state"), options), shown, seed, seconds, telling).go()


class _Run:
    """One stack, what is done to it, and the account."""

    def __init__(self, stack: Stack, shown: Filmed, seed: int, seconds: float, telling: Telling) -> None:
        self._stack = stack
        self._shown = shown
        self._seed = seed
        self._seconds = seconds
        self._telling = telling
        self._troubles = Troubles(stack, shown.picture, telling)

    def go(self) -> None:
        try:
            with alone():
                self._stack.up()
            self._telling.tell(f"ready, {self._seconds:.0f} s begin")
            with closing(LogReader(self._stack.variables()["PLATESTREAM_KAFKA"])) as topics:
                self._film(topics)
        finally:
            try:
                self._troubles.end()
                self._look_back()
            finally:
                self._stack.down()
            self._telling.tell("ended")

    def _film(self, topics: LogReader) -> None:
        status = self._stack.status()
        since = marks(topics, at=status.started_at if status else None)
        self._telling.begin()
        for at_sec, act in self._troubles.acts(self._seed, seconds=self._seconds):
            self._telling.sleep_until(at_sec)
            act()
        self._telling.sleep_until(self._seconds)
        self._troubles.wait_for_visitors()
        self._wait_until_back()
        self._wait_until_filming(topics)
        end_ingest(self._stack)
        upload = self._troubles.uploaded()
        self._drain(topics, since)
        self._telling.tell("drained")
        self._telling.add(account(self._stack, topics, since, self._shown, upload))
        self._telling.tell("counted")

    def _look_back(self) -> None:
        """What can be told also where the run was broken off."""
        self._telling.report.outages_met += self._troubles.met_outage()
        status = self._stack.status()
        processes = status.processes if status else []
        self._telling.add(ended_by_themselves(processes, self._troubles.killed))

    def _wait_until_back(self) -> None:
        """Until the supervisor has all that were killed running again."""
        deadline = time.monotonic() + BACK_WITHIN_SEC
        killed = self._troubles.killed
        away = set(killed)
        while away and time.monotonic() < deadline:
            status = self._stack.status()
            found = [status.find(name) for name in away] if status else []
            away -= {
                process.name
                for process in found
                if process and process.restarts > killed[process.name] and process.came_up
            }
            time.sleep(_LOOK_EVERY_SEC)
        for name in sorted(away):
            self._telling.fail(f"{name} was not back {BACK_WITHIN_SEC:.0f} s after the run")

    def _wait_until_filming(self, topics: LogReader) -> None:
        for name in silent_cameras(topics, self._shown.cameras, within_sec=BACK_WITHIN_SEC):
            self._telling.fail(f"camera {name} gave no frame in {BACK_WITHIN_SEC:.0f} s after all were back")

    def _drain(self, topics: LogReader, since: Marks) -> None:
        """Lets the stages finish what stands on their topics: also what `plates` holds back for half a
        minute, since one that waits for a rebalance looks like one that has nothing left to do; and what the
        registry had not answered in time, since it was killed, too."""
        left = wait_until_drained(
            topics, since, within_sec=DRAIN_WITHIN_SEC, stopping=threading.Event(), stages=STAGE_INPUTS
        )
        for stage, lag in left.items():
            self._telling.fail(f"{stage} did not finish, {lag} messages left")
