"""`plan.json` -> running processes, kept running until SIGTERM or SIGINT; `status.json` says how they are.

Our own loop, not honcho's or circus': honcho ends all processes as soon as one does, circus starts a dead one
again at once or after a fixed pause, opens control ports, and leaves its children running when it is killed.
Here a child dies with the supervisor, whatever killed it (`child.py`), and the pause grows (`pauses.py`).
"""

from __future__ import annotations

import asyncio
import fcntl
import logging
import os
import signal
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import IO

from deploy.local.folders import State
from deploy.local.plan import Plan, layers, read_plan
from deploy.local.supervision import leftovers
from deploy.local.supervision.identity import RUN_VARIABLE, identify
from deploy.local.supervision.rotation import rotate_large
from deploy.local.supervision.runner import Runner
from deploy.local.supervision.status import Phase, StackStatus, now, write_status

log = logging.getLogger(__name__)

ROTATE_EVERY_SEC = 30.0


class Supervisor:
    """All processes of one plan."""

    def __init__(self, plan: Plan, state: State, environment: Mapping[str, str]) -> None:
        self._plan = plan
        self._state = state
        self._untold = False
        env = {**environment, RUN_VARIABLE: plan.run}
        self._status = StackStatus(
            run=plan.run,
            phase=Phase.STARTING,
            supervisor=identify(os.getpid()),
            started_at=now(),
            processes=[],
        )
        self._runners = {
            spec.name: Runner(spec, env=env, log_file=state.log_of(spec.name), changed=self._tell)
            for spec in plan.processes
        }
        self._status.processes = [runner.status for runner in self._runners.values()]

    async def run(self) -> None:
        stopping = asyncio.Event()
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, stopping.set)
        self._tell()
        work = [asyncio.create_task(self._supervise(runner)) for runner in self._runners.values()]
        work.append(asyncio.create_task(self._keep_logs_small()))
        try:
            await stopping.wait()
        finally:
            for task in work:
                task.cancel()
            await asyncio.gather(*work, return_exceptions=True)
            await self._stop()

    async def _supervise(self, runner: Runner) -> None:
        try:
            await runner.run([self._runners[name] for name in runner.spec.after])
        # A bug here must be seen and must not leave a half-watched stack behind.
        except Exception:
            log.exception("supervising %s failed; the stack is stopped", runner.spec.name)
            os.kill(os.getpid(), signal.SIGTERM)

    async def _stop(self) -> None:
        """Backwards through the layers: who depends ends before what it depends on."""
        self._status.phase = Phase.STOPPING
        for layer in reversed(layers(self._plan.processes)):
            await asyncio.gather(*(self._runners[spec.name].stop() for spec in layer))
        leftovers.sweep(self._plan.run)
        self._status.phase = Phase.STOPPED
        self._status.supervisor = None
        self._tell()

    async def _keep_logs_small(self) -> None:
        while True:
            await asyncio.sleep(ROTATE_EVERY_SEC)
            try:
                rotate_large(self._state.logs)
            except OSError as error:
                log.warning("logs in %s are not kept small: %s", self._state.logs, error)

    def _tell(self) -> None:
        """A disk that is full costs the status, not the processes: it is written again at the next change."""
        if self._status.phase is Phase.STARTING and self._status.came_up:
            self._status.phase = Phase.READY
        try:
            write_status(self._state.status, self._status)
        except OSError as error:
            if not self._untold:
                log.error("status %s cannot be written: %s", self._state.status, error)  # noqa: TRY400
            self._untold = True
        else:
            self._untold = False


def take_lock(path: Path) -> IO[str] | None:
    """The one lock of a state folder, held for as long as the supervisor lives; None when another has it."""
    handle = path.open("a")
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        handle.close()
        return None
    return handle


def inherited_lock(descriptor: str) -> IO[str]:
    """The lock that `Stack.up` took and handed over: nobody could take it in between."""
    handle = os.fdopen(int(descriptor), "a")
    os.set_inheritable(handle.fileno(), False)
    return handle


def main(arguments: list[str], environment: Mapping[str, str]) -> int:
    """Arguments: the state folder and, when `up` starts it, the descriptor of its lock."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    state = State(Path(arguments[0]))
    lock = inherited_lock(arguments[1]) if len(arguments) > 1 else take_lock(state.lock)
    if lock is None:
        log.error("another supervisor runs the stack in %s", state.root)
        return 1
    with lock:
        asyncio.run(Supervisor(read_plan(state.plan), state, environment).run())
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:], os.environ))
