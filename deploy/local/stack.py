"""The local stack as an object: up, down, status. The command line and the demo use nothing else.

    stack = Stack(State(folder), Options(cameras=file, die_with_parent=True))
    status = stack.up(progress=lambda status: …)     # returns when everything is ready
    stack.variables()["PLATESTREAM_DATABASE"]         # how to reach its parts
    stack.down()                                      # nothing is left when it returns

Every method raises `contracts.errors.Stop` with one line for people when it cannot do its work.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from contracts.errors import Stop
from deploy.local.folders import CHECKOUT, State
from deploy.local.options import Options
from deploy.local.plan import Plan, read_plan, write_plan
from deploy.local.planning import caller_environment, make_plan
from deploy.local.sign_in import SignIn, ensure_sign_in
from deploy.local.supervision import child, leftovers
from deploy.local.supervision.identity import Identity, identify, is_alive, signal_all
from deploy.local.supervision.status import Phase, ProcessStatus, StackStatus, read_status, write_status
from deploy.local.supervision.supervisor import take_lock

Progress = Callable[[StackStatus], None]

LOOK_EVERY_SEC = 0.1
SUPERVISOR_WITHIN_SEC = 60.0
GIVE_UP_AFTER_RESTARTS = 3


@dataclass(frozen=True)
class Ended:
    """What `down` found: whether a stack ran, and how many processes a killed supervisor had left."""

    was_running: bool
    leftovers: int


class Stack:
    """One stack in one state folder."""

    def __init__(
        self, state: State, options: Options | None = None, environment: Mapping[str, str] | None = None
    ) -> None:
        self.state = state
        self._options = options or Options()
        self._environment = caller_environment() if environment is None else dict(environment)
        self._supervisor: subprocess.Popen[bytes] | None = None
        self._run: str | None = None

    def up(self, progress: Progress | None = None) -> StackStatus:
        """Starts everything and returns once all of it is ready; what fails is ended again."""
        with self._lock() as lock:
            self._clean_up()
            plan = make_plan(self._options, self.state, self._environment)
            write_plan(self.state.plan, plan)
            self._run = plan.run
            # From here on `status` speaks of the new run, also when its supervisor never comes to write.
            self.state.status.unlink(missing_ok=True)
            empty_folder(self.state.temporary)
            self._supervisor = self._start_supervisor(lock.fileno())
        try:
            return self._wait_until_ready(self._supervisor, progress)
        except BaseException:
            self._supervisor.terminate()
            self._supervisor.wait()
            raise

    def down(self) -> Ended:
        """Ends the stack and everything that an earlier one left. Whoever started one ends that alone: it
        may have been ended from outside, and another may run in its folder by now."""
        status = self._status_of_one_that_starts()
        if status is None or self._run not in (None, status.run):
            if self._supervisor is not None:
                self._supervisor.poll()  # it has ended: the kernel may forget it
            return Ended(was_running=False, leftovers=0)
        was_running = self._end_supervisor(status)
        if self._supervisor is not None:
            self._supervisor.wait()
        lock = take_lock(self.state.lock)
        if lock is None:  # the next one starts already; it has cleaned up
            return Ended(was_running=was_running, leftovers=0)
        with lock:
            return Ended(was_running=was_running, leftovers=self._clean_up())

    def status(self) -> StackStatus | None:
        """As the supervisor wrote it; when that was killed, every process is shown as it really is."""
        status = read_status(self.state.status)
        if status is not None and status.supervisor is not None and not is_alive(status.supervisor):
            status.supervisor = None
            status.phase = Phase.STOPPED
            for process in status.processes:
                if process.identity is None or not is_alive(process.identity):
                    process.phase, process.identity = Phase.STOPPED, None
        return status

    def own_status(self) -> StackStatus:
        """Status of the stack that this object started.

        Raises:
            Stop: it was ended from outside, or is about to be.
        """
        status = self.status()
        if status is None or status.run != self._run or status.phase in (Phase.STOPPING, Phase.STOPPED):
            raise Stop("the stack was ended from outside")
        return status

    def plan(self) -> Plan:
        if not self.state.plan.exists():
            raise Stop(f"no stack was started in {self.state.root}")
        return read_plan(self.state.plan)

    def variables(self) -> dict[str, str]:
        """PLATESTREAM_* of the stack: what a program needs to talk to its parts."""
        return self.plan().variables

    def portal(self) -> str | None:
        """Address of the portal."""
        ports = next((spec.ports for spec in self.plan().processes if spec.name == "webapp"), {})
        return f"http://localhost:{ports['http']}" if "http" in ports else None

    def sign_in(self) -> SignIn | None:
        """Who may sign in, if it was made by `up` and not changed since."""
        return ensure_sign_in(self.state.secrets)

    def _lock(self) -> IO[str]:
        """Held from here on, first by `up`, then by its supervisor: two never start at once."""
        self.state.root.mkdir(parents=True, exist_ok=True, mode=0o700)
        lock = take_lock(self.state.lock)
        if lock is None:
            raise Stop(f"a stack already runs in {self.state.root}: see `platestream status`")
        return lock

    def _status_of_one_that_starts(self) -> StackStatus | None:
        """A supervisor that holds the lock and has written nothing yet will in a moment."""
        deadline = time.monotonic() + SUPERVISOR_WITHIN_SEC
        while self.state.root.exists() and not self.state.status.exists() and time.monotonic() < deadline:
            lock = take_lock(self.state.lock)
            if lock is not None:
                lock.close()
                return None
            time.sleep(LOOK_EVERY_SEC)
        return read_status(self.state.status)

    def _clean_up(self) -> int:
        """Ends what a supervisor left that was killed; returns how many processes that were."""
        status = read_status(self.state.status)
        if status is None:
            return 0
        ended = len(leftovers.end_recorded(status))
        if status.supervisor is not None:
            status.supervisor, status.phase = None, Phase.STOPPED
            for process in status.processes:
                process.phase, process.identity = Phase.STOPPED, None
            write_status(self.state.status, status)
        return ended

    def _start_supervisor(self, lock: int) -> subprocess.Popen[bytes]:
        command = [
            sys.executable,
            "-m",
            "deploy.local.supervision.supervisor",
            str(self.state.root),
            str(lock),
        ]
        if self._options.die_with_parent:
            parent, number = str(os.getpid()), str(int(signal.SIGTERM))
            command = [sys.executable, "-I", "-S", child.__file__, parent, number, "same", *command]
        with self.state.log_of("supervisor").open("ab") as output:
            return subprocess.Popen(
                command,
                cwd=CHECKOUT,
                env={**self._environment, "TMPDIR": str(self.state.temporary)},
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                # Its own session: Ctrl-C reaches whoever started the stack, who then ends it in order.
                start_new_session=True,
                pass_fds=(lock,),
            )

    def _wait_until_ready(
        self, supervisor: subprocess.Popen[bytes], progress: Progress | None
    ) -> StackStatus:
        deadline = time.monotonic() + self._options.ready_within_sec
        while True:
            status = read_status(self.state.status)
            if status is not None and progress is not None:
                progress(status)
            if status is not None and status.phase is Phase.READY:
                return status
            if supervisor.poll() is not None:
                raise Stop(f"the supervisor ended: see {self.state.log_of('supervisor')}")
            if status is not None:
                self._give_up_on_failing(status)
            if time.monotonic() > deadline:
                late = [
                    process.name for process in (status.processes if status else []) if not process.came_up
                ]
                raise Stop(f"not ready after {self._options.ready_within_sec:.0f} s: {', '.join(late)}")
            time.sleep(LOOK_EVERY_SEC)

    def _give_up_on_failing(self, status: StackStatus) -> None:
        for process in status.processes:
            if process.restarts >= GIVE_UP_AFTER_RESTARTS and not process.came_up:
                raise Stop(f"{process.name} does not start: {last_words(process)}")

    def _end_supervisor(self, status: StackStatus) -> bool:
        supervisor = status.supervisor
        if supervisor is None or not is_alive(supervisor):
            return False
        signal_all([supervisor], signal.SIGTERM)
        if not ended_within(supervisor, SUPERVISOR_WITHIN_SEC):
            signal_all([supervisor], signal.SIGKILL)
            ended_within(supervisor, SUPERVISOR_WITHIN_SEC)
        return True


def empty_folder(folder: Path) -> None:
    """What killed processes left there goes; one that the disk does not give up stays."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(mode=0o700, exist_ok=True)


def ended_within(identity: Identity, seconds: float) -> bool:
    deadline = time.monotonic() + seconds
    while identify(identity.pid) == identity:
        if time.monotonic() > deadline:
            return False
        time.sleep(0.05)
    return True


def last_words(process: ProcessStatus) -> str:
    """How it ended and the last line of its log."""
    text = Path(process.log).read_text(encoding="utf-8", errors="replace")
    lines = [line.strip() for line in text.splitlines()[-20:] if line.strip()]
    return f"{process.last_exit}; {lines[-1] if lines else 'no output'} ({process.log})"
