"""A second worker of a stage beside the one that the supervisor keeps: joining and leaving it rebalances."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import httpx

from contracts.errors import Stop
from deploy.drill.schedule import Visit
from deploy.local.plan import ProcessSpec
from deploy.local.ports import HOST, free_ports
from deploy.local.stack import Stack
from deploy.local.supervision import child

_ENDS_WITHIN_SEC = 30.0
_ANSWERS_WITHIN_SEC = 1.0


class Visitor:
    """One such worker. Kafka does not know it by name, as it does the one whose place it shares. `took_part`:
    it had partitions when it left, so that somebody else had lost them."""

    def __init__(self, stack: Stack, visit: Visit, *, log: Path) -> None:
        spec = _spec(stack, visit.stage)
        self._health = f"{HOST}:{free_ports(['health'])['health']}"
        env = {**os.environ, **spec.env, "PLATESTREAM_HEALTH": self._health}
        env.pop("PLATESTREAM_SLOT", None)
        wrapper = [
            sys.executable,
            "-I",
            "-S",
            child.__file__,
            str(os.getpid()),
            str(int(signal.SIGKILL)),
            "same",
        ]
        self.visit = visit
        self.took_part = False
        self._left = False
        with log.open("ab") as output:
            self._process = subprocess.Popen(
                [*wrapper, *spec.command], cwd=spec.cwd, env=env, stdout=output, stderr=output
            )

    def leave(self) -> None:
        """Asks or makes it to end, as its visit says."""
        self.took_part = self._has_partitions()
        self._left = self._process.poll() is None
        self._process.send_signal(signal.SIGKILL if self.visit.killed else signal.SIGTERM)

    def ended(self) -> str | None:
        """Waits until it has; what was wrong with it, if anything. One that lost Kafka as it started says so
        by its status, for a supervisor to start it again; it has none."""
        who = f"a second worker of {self.visit.stage}"
        if not self._left and self._process.returncode == os.EX_TEMPFAIL:
            return None
        if not self._left:
            return f"{who} ended by itself, status {self._process.returncode}"
        try:
            status = self._process.wait(_ENDS_WITHIN_SEC)
        except subprocess.TimeoutExpired:
            self.end()
            return f"{who} did not end in {_ENDS_WITHIN_SEC:.0f} s"
        # Asked before it was ready to hear, it ends by the signal itself.
        if status not in (0, -signal.SIGTERM) and not self.visit.killed:
            return f"{who} ended with status {status} when it was asked to"
        return None

    def end(self) -> None:
        """At once, whatever it does."""
        self._process.kill()
        self._process.wait()

    def _has_partitions(self) -> bool:
        """By its own page; one that has not come up yet has none."""
        try:
            page = httpx.get(f"http://{self._health}/healthz", timeout=_ANSWERS_WITHIN_SEC).json()
        except (httpx.HTTPError, ValueError):
            return False
        return any(stage["partitions"] for stage in page["stages"])


def _spec(stack: Stack, stage: str) -> ProcessSpec:
    for spec in stack.plan().processes:
        if spec.name == stage:
            return spec
    raise Stop(f"the stack has no stage {stage}")
