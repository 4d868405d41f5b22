"""Plans of small programs, and a supervisor that runs one."""

from __future__ import annotations

import os
import secrets
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from deploy.local.folders import CHECKOUT, State
from deploy.local.plan import Plan, ProcessSpec, write_plan
from deploy.local.supervision.status import StackStatus, read_status

FOREVER = "import time; time.sleep(600)"


def a_process(name: str, program: str = FOREVER, **changes: object) -> ProcessSpec:
    values: dict[str, object] = {"command": [sys.executable, "-c", program], "cwd": str(CHECKOUT), **changes}
    return ProcessSpec(name=name, **values)  # type: ignore[arg-type]


def a_state(folder: Path, *processes: ProcessSpec) -> State:
    """A state folder whose plan has these processes."""
    state = State(folder)
    state.logs.mkdir(parents=True)
    write_plan(
        state.plan, Plan(run=secrets.token_hex(8), state=str(folder), processes=list(processes), variables={})
    )
    return state


@contextmanager
def supervised(state: State) -> Iterator[subprocess.Popen[bytes]]:
    command = [sys.executable, "-m", "deploy.local.supervision.supervisor", str(state.root)]
    with state.log_of("supervisor").open("wb") as output:
        process = subprocess.Popen(command, cwd=CHECKOUT, stdout=output, stderr=output, env=os.environ)
    try:
        yield process
    finally:
        process.terminate()
        process.wait(timeout=30)


def wait_for(state: State, holds: Callable[[StackStatus], bool], within_sec: float = 20.0) -> StackStatus:
    """The first status for which it holds."""
    deadline = time.monotonic() + within_sec
    while True:
        status = read_status(state.status)
        if status is not None and holds(status):
            return status
        if time.monotonic() > deadline:
            raise AssertionError(f"it did not come to that: {status}")
        time.sleep(0.02)


def all_up(status: StackStatus) -> bool:
    return status.came_up
