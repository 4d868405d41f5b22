"""Keeps one process of the plan running: starts it, sees when it is ready, starts it again when it dies."""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import sys
import time
from collections.abc import Callable, Mapping
from datetime import timedelta
from pathlib import Path

from deploy.local.plan import ProcessSpec
from deploy.local.supervision import child
from deploy.local.supervision.identity import identify
from deploy.local.supervision.pauses import Pauses
from deploy.local.supervision.probes import is_ready
from deploy.local.supervision.status import Phase, ProcessStatus, exit_in_words, now

log = logging.getLogger(__name__)

PROBE_EVERY_SEC = 0.1


class Runner:
    """One process. `changed` is called whenever its status has something new to tell."""

    def __init__(
        self, spec: ProcessSpec, *, env: Mapping[str, str], log_file: Path, changed: Callable[[], None]
    ) -> None:
        self.spec = spec
        self.status = ProcessStatus(name=spec.name, once=spec.once, ports=spec.ports, log=str(log_file))
        self.up = asyncio.Event()
        self._env = {**env, **spec.env}
        self._log_file = log_file
        self._changed = changed
        self._process: asyncio.subprocess.Process | None = None

    async def run(self, wait_for: list[Runner]) -> None:
        """Until cancelled; a `once` or `may_end` process until it has ended well."""
        for other in wait_for:
            await other.up.wait()
        pauses = Pauses()
        while True:
            begun = time.monotonic()
            code = await self._run_once()
            if code == 0 and (self.spec.once or self.spec.may_end):
                self.up.set()
                self._tell(Phase.DONE)
                return
            pauses = pauses.after_run(time.monotonic() - begun)
            await self._pause(pauses.pause_sec)

    async def stop(self) -> None:
        """Asks the process to end, waits for as long as it may take, then ends it."""
        process = self._process
        if process is not None and process.returncode is None:
            self._tell(Phase.STOPPING)
            process.send_signal(self.spec.stop_signal)
            try:
                await asyncio.wait_for(process.wait(), self.spec.grace_sec)
            except TimeoutError:
                log.warning("%s did not end within %s s and is killed", self.spec.name, self.spec.grace_sec)
                process.kill()
                await process.wait()
        if self.status.phase is not Phase.DONE:
            self._tell(Phase.STOPPED)

    async def _run_once(self) -> int:
        process = await self._start()
        probing = asyncio.create_task(self._probe())
        probing.add_done_callback(self._probe_ended)
        try:
            code = await process.wait()
        finally:
            probing.cancel()
        self.status.last_exit = how = exit_in_words(code)
        self.status.last_exit_at = now()
        self.status.exits[how] = self.status.exits.get(how, 0) + 1
        return code

    async def _start(self) -> asyncio.subprocess.Process:
        spec = self.spec
        identity = "plain" if spec.as_plain_user else "same"
        with self._log_file.open("ab") as output:
            self._process = await asyncio.create_subprocess_exec(
                *(sys.executable, "-I", "-S", child.__file__),
                *(str(os.getpid()), str(end_signal(spec)), identity, *spec.command),
                env=self._env,
                cwd=spec.cwd,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=output,
                stderr=output,
            )
        if self.status.last_exit is not None:
            self.status.restarts += 1
        self.status.identity = identify(self._process.pid)
        self.status.started_at = now()
        self.status.next_start_at = None
        self.status.answers = True
        self._tell(Phase.STARTING)
        return self._process

    async def _probe(self) -> None:
        if self.spec.once:
            return
        # The other process tells nobody when it is ready: it has to be asked again and again.
        while self.spec.probe is not None and not await is_ready(self.spec.probe):  # noqa: ASYNC110
            await asyncio.sleep(PROBE_EVERY_SEC)
        self.up.set()
        self._tell(Phase.READY)
        while self.spec.probe is not None:
            await asyncio.sleep(self.spec.watch_every_sec)
            self._note_answer(await is_ready(self.spec.probe))

    def _probe_ended(self, probing: asyncio.Task[None]) -> None:
        """A bug in probing must be seen: without it a process would be starting for ever, in silence."""
        if not probing.cancelled() and (error := probing.exception()) is not None:
            log.error("%s is not watched any more", self.spec.name, exc_info=error)

    def _note_answer(self, answers: bool) -> None:
        """A process that lives and does not answer is shown so; it is not ended, since it may be waiting."""
        if answers != self.status.answers:
            log.warning("%s %s", self.spec.name, "answers again" if answers else "does not answer")
            self.status.answers = answers
            self._changed()

    async def _pause(self, pause_sec: float) -> None:
        log.warning(
            "%s ended (%s); it is started again in %.1f s", self.spec.name, self.status.last_exit, pause_sec
        )
        self.status.identity = None
        self.status.next_start_at = now() + timedelta(seconds=pause_sec)
        self._tell(Phase.PAUSING)
        await asyncio.sleep(pause_sec)

    def _tell(self, phase: Phase) -> None:
        self.status.phase = phase
        self._changed()


def end_signal(spec: ProcessSpec) -> signal.Signals:
    """What the kernel sends when the supervisor is gone: the polite signal, so that data is put away."""
    return signal.Signals(spec.stop_signal)
