"""One drill: a fresh stack with street cameras; kills, freezes, rebalances by schedule; its account."""

from __future__ import annotations

import os
import shutil
import signal
import tempfile
import threading
import time
from collections.abc import Callable
from contextlib import closing
from functools import partial
from pathlib import Path

from rich.console import Console

from contracts.errors import PlatestreamError, Stop
from deploy.demo.own_video import write_camera_file
from deploy.demo.run import end_ingest
from deploy.demo.street import Street
from deploy.drill.alone import alone
from deploy.drill.judging.account import account
from deploy.drill.report import DrillReport
from deploy.drill.scene.cameras import Filmed, filmed
from deploy.drill.scene.filming import silent_cameras
from deploy.drill.schedule import Freeze, Kill, Visit, freeze, kills, outage, seconds_of, upload_sec, visits
from deploy.drill.troubles.frozen import Frozen
from deploy.drill.troubles.upload import Upload
from deploy.drill.troubles.visitors import Visitor
from deploy.drill.troubles.withheld import Withheld, objects_of
from deploy.local.folders import State
from deploy.local.options import Options
from deploy.local.ports import free_ports
from deploy.local.stack import Stack
from deploy.measure.flow import Marks, marks, wait_until_drained
from deploy.measure.log import LogReader

DRAIN_WITHIN_SEC = 240.0
BACK_WITHIN_SEC = 60.0
_LOOK_EVERY_SEC = 0.2


def drill(street: Street, seed: int) -> DrillReport:
    """Run once; what was found. A stack that does not come up is a failure like any other."""
    seconds = seconds_of(seed)
    report, console = DrillReport(runs=1), Console(highlight=False)
    folder = Path(tempfile.mkdtemp(prefix="platestream-drill-"))
    try:
        _drill(street, folder, seed, seconds, report, console)
    except PlatestreamError as error:
        report.failures.append(f"drill {seed}: {error}")
    # Kept when something is wrong, so that its logs can be read.
    if report.passed:
        shutil.rmtree(folder)
    else:
        console.print(f"drill {seed}: logs and data are kept in {folder}")
    return report


def _drill(
    street: Street, folder: Path, seed: int, seconds: float, report: DrillReport, console: Console
) -> None:
    with filmed(street, folder, seconds=seconds, console=console) as shown:
        # Not the demo's own port: a person may be looking at a stack beside this one.
        options = Options(
            cameras=write_camera_file(folder / "cameras.yml", list(shown.cameras)),
            ports=free_ports(["portal"]),
            die_with_parent=True,
        )
        _Run(Stack(State(folder / "state"), options), shown, seed, seconds, report, console).go()


class _Run:
    """One stack, its kills, visits and upload, and the account."""

    def __init__(
        self, stack: Stack, shown: Filmed, seed: int, seconds: float, report: DrillReport, console: Console
    ) -> None:
        self._stack = stack
        self._shown = shown
        self._seed = seed
        self._seconds = seconds
        self._report = report
        self._console = console
        self._killed: dict[str, int] = {}
        self._visitors: list[Visitor] = []
        self._frozen: Frozen | None = None
        self._withheld: Withheld | None = None
        self._upload: Upload | None = None
        self._began_sec = time.monotonic()

    def go(self) -> None:
        try:
            with alone():
                self._stack.up()
            self._tell(f"ready, {self._seconds:.0f} s begin")
            with closing(LogReader(self._stack.variables()["PLATESTREAM_KAFKA"])) as topics:
                status = self._stack.status()
                since = marks(topics, at=status.started_at if status else None)
                self._began_sec = time.monotonic()
                for at_sec, act in self._acts():
                    self._sleep_until(at_sec)
                    act()
                self._sleep_until(self._seconds)
                self._wait_until_back()
                self._wait_until_filming(topics)
                end_ingest(self._stack)
                upload = self._uploaded()
                self._drain(topics, since)
                self._tell("drained")
                found = account(self._stack, topics, since, self._shown, upload)
                found.failures = [self._named(each) for each in found.failures]
                found.remarks = [self._named(each) for each in found.remarks]
                self._report.add(found)
                self._tell("counted")
        finally:
            try:
                if self._frozen is not None:
                    self._frozen.thaw()
                self._give_back()
                for visitor in self._visitors:
                    visitor.end()
            finally:
                self._stack.down()
            self._tell("ended")

    def _acts(self) -> list[tuple[float, Callable[[], None]]]:
        """All that happens, in order. Nobody waits for one to be back before the next is killed."""
        planned = kills(self._seed, seconds=self._seconds)
        acts: list[tuple[float, Callable[[], None]]] = [
            (kill.at_sec, partial(self._kill, kill)) for kill in planned
        ]
        acts.append((upload_sec(self._seed, seconds=self._seconds), self._hand_in))
        if frozen := freeze(self._seed, seconds=self._seconds, planned=planned):
            acts.append((frozen.from_sec, partial(self._freeze, frozen)))
            acts.append((frozen.until_sec, partial(self._thaw, frozen)))
        away = outage(self._seed, seconds=self._seconds)
        acts += [(away.from_sec, self._withhold), (away.until_sec, self._give_back)]
        for visit in visits(self._seed, seconds=self._seconds):
            acts.append((visit.from_sec, partial(self._join, visit)))
            acts.append((visit.until_sec, partial(self._leave, visit)))
        return sorted(acts, key=lambda act: act[0])

    def _kill(self, kill: Kill) -> None:
        status = self._stack.status()
        process = status.find(kill.process) if status else None
        if process is None or process.identity is None:
            self._fail(f"{kill.process} was not running when it was to be killed")
            return
        self._killed[kill.process] = process.restarts
        os.kill(process.identity.pid, signal.SIGKILL)
        self._report.kills += 1
        self._tell(f"killed {kill.process}")

    def _join(self, visit: Visit) -> None:
        log_file = self._stack.state.log_of(f"{visit.stage}-visitor")
        self._visitors.append(Visitor(self._stack, visit, log=log_file))
        self._report.visits += 1
        self._tell(f"a second worker of {visit.stage} joins")

    def _leave(self, visit: Visit) -> None:
        (visitor,) = [each for each in self._visitors if each.visit == visit]
        visitor.leave()
        self._tell(f"the second worker of {visit.stage} {'is killed' if visit.killed else 'leaves'}")

    def _freeze(self, freeze: Freeze) -> None:
        status = self._stack.status()
        process = status.find(freeze.stage) if status else None
        # One that found no Kafka as it came up may be between two lives.
        self._frozen = Frozen(process.identity) if process and process.identity else None
        self._tell(f"{freeze.stage} {'stands still' if self._frozen else 'is not there to stand still'}")

    def _thaw(self, freeze: Freeze) -> None:
        if self._frozen is None:
            return
        if self._frozen.thaw():
            self._report.freezes += 1
            self._tell(f"{freeze.stage} goes on")
        else:
            self._fail(f"{freeze.stage} ended while it stood still")

    def _withhold(self) -> None:
        self._withheld = Withheld(objects_of(self._stack.variables()["PLATESTREAM_EVIDENCE"]))
        self._report.outages += 1
        self._tell("the evidence store is away")

    def _give_back(self) -> None:
        if self._withheld is not None and self._withheld.give_back():
            self._tell("the evidence store is back")

    def _hand_in(self) -> None:
        self._upload = Upload(self._stack, self._shown.picture)
        self._tell("a picture is handed in")

    def _uploaded(self) -> str | None:
        """The camera of the picture, which stands on its topic now; None when that came to nothing."""
        try:
            if self._upload is None:
                raise Stop("no picture was handed in")
            return self._upload.camera()
        except PlatestreamError as error:
            self._fail(str(error))
            return None

    def _wait_until_back(self) -> None:
        """Until second workers have ended, and the supervisor has all that were killed running again."""
        for visitor in self._visitors:
            problem = visitor.ended()
            if problem is not None:
                self._fail(problem)
        deadline = time.monotonic() + BACK_WITHIN_SEC
        away = set(self._killed)
        while away and time.monotonic() < deadline:
            status = self._stack.status()
            found = [status.find(name) for name in away] if status else []
            away -= {
                process.name
                for process in found
                if process and process.restarts > self._killed[process.name] and process.came_up
            }
            time.sleep(_LOOK_EVERY_SEC)
        for name in sorted(away):
            self._fail(f"{name} was not back {BACK_WITHIN_SEC:.0f} s after the run")

    def _wait_until_filming(self, topics: LogReader) -> None:
        for name in silent_cameras(topics, self._shown.cameras, within_sec=BACK_WITHIN_SEC):
            self._fail(f"camera {name} gave no frame in {BACK_WITHIN_SEC:.0f} s after all were back")

    def _drain(self, topics: LogReader, since: Marks) -> None:
        """Lets the stages finish what stands on their topics: also what `plates` holds back for half a
        minute, since one that waits for a rebalance looks like one that has nothing left to do."""
        left = wait_until_drained(topics, since, within_sec=DRAIN_WITHIN_SEC, stopping=threading.Event())
        for stage, lag in left.items():
            self._fail(f"{stage} did not finish, {lag} messages left")

    def _sleep_until(self, at_sec: float) -> None:
        time.sleep(max(0.0, self._began_sec + at_sec - time.monotonic()))

    def _tell(self, what: str) -> None:
        self._console.print(f"SEED={self._seed} {time.monotonic() - self._began_sec:5.1f} s  {what}")

    def _fail(self, what: str) -> None:
        self._report.failures.append(self._named(what))

    def _named(self, what: str) -> str:
        return f"drill {self._seed}: {what}"
