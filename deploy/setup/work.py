"""Steps -> done: each once for the lock files it depends on, with a line when it begins and when it ends.

A stamp keeps the hash of what a step was done with; an equal stamp means nothing is to do.
"""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

from deploy.setup.platform_check import CHECKOUT

STACK = CHECKOUT / ".stack"
LAST_LINES = 15
AGAIN_AFTER_SEC = (5.0, 20.0)
"""Every step only fetches and installs, so it can be done again: a registry may be away for a moment."""


class SetupFailed(Exception):
    """One line for people."""


@dataclass(frozen=True)
class Step:
    """One thing to install. `inputs` are the files that decide what is installed; `made` must exist."""

    name: str
    what: str
    inputs: Sequence[Path]
    made: Path
    do: Callable[[Step], None]
    after: Sequence[str] = field(default=())

    @property
    def stamp(self) -> Path:
        return STACK / "stamps" / self.name

    @property
    def log(self) -> Path:
        return STACK / "logs" / f"setup-{self.name}.log"

    def fingerprint(self) -> str:
        """The same for the same locks, Python and place: an environment cannot be moved."""
        digest = hashlib.sha256(f"{sys.version}\n{sys.base_prefix}\n{STACK}\n".encode())
        for path in self.inputs:
            digest.update(path.read_bytes())
        return digest.hexdigest()

    def is_done(self) -> bool:
        return self.made.exists() and self.stamp.exists() and self.stamp.read_text() == self.fingerprint()


def run_steps(steps: Sequence[Step]) -> None:
    """Those that are to do; side by side where none waits for another."""
    todo = [step for step in steps if not step.is_done()]
    if not todo:
        print("setup: everything is there")
        return
    for folder in (STACK / "stamps", STACK / "logs"):
        folder.mkdir(parents=True, exist_ok=True)
    begun = time.monotonic()
    waiting = {step.name for step in todo}
    while todo:
        ready = [step for step in todo if not waiting & set(step.after)]
        with ThreadPoolExecutor(max_workers=len(ready)) as pool:
            for _ in pool.map(run_step, ready):
                pass
        waiting -= {step.name for step in ready}
        todo = [step for step in todo if step.name in waiting]
    print(f"setup: done in {time.monotonic() - begun:.0f} s")


def run_step(step: Step) -> None:
    print(f"setup: {step.name}: {step.what} …", flush=True)
    begun = time.monotonic()
    step.stamp.unlink(missing_ok=True)
    step.log.write_text("")
    _do(step)
    step.stamp.write_text(step.fingerprint())
    print(f"setup: {step.name}: done in {time.monotonic() - begun:.0f} s", flush=True)


def _do(step: Step) -> None:
    for pause_sec in AGAIN_AFTER_SEC:
        try:
            return step.do(step)
        except SetupFailed as failure:
            print(f"setup: {failure}; once more in {pause_sec:.0f} s", flush=True)
            time.sleep(pause_sec)
    return step.do(step)


def call(step: Step, command: Sequence[str | Path], env: Mapping[str, str] | None = None) -> None:
    """A program, its output into the step's log; when it fails, its last lines are shown."""
    with step.log.open("a") as log:
        log.write(f"$ {' '.join(map(str, command))}\n")
        log.flush()
        done = subprocess.run(
            [str(word) for word in command],
            cwd=CHECKOUT,
            env={**os.environ, **(env or {})},
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            check=False,
        )
    if done.returncode != 0:
        lines = step.log.read_text(errors="replace").splitlines()[-LAST_LINES:]
        print("\n".join(lines), file=sys.stderr)
        raise SetupFailed(f"{step.name}: {Path(command[0]).name} failed; all of its output is in {step.log}")
