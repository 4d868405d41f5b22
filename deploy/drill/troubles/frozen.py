"""A process that stands still for a while, as on a machine that is moved or swaps, and then goes on."""

from __future__ import annotations

import contextlib
import os
import signal

from deploy.local.supervision.identity import Identity, is_alive


class Frozen:
    """Stopped from its making on until `thaw`, by signals that no process can refuse."""

    def __init__(self, process: Identity) -> None:
        self._process = process
        self._send(signal.SIGSTOP)

    def thaw(self) -> bool:
        """Whether it is the same process that goes on."""
        return self._send(signal.SIGCONT)

    def _send(self, number: signal.Signals) -> bool:
        if not is_alive(self._process):
            return False
        with contextlib.suppress(ProcessLookupError):
            os.kill(self._process.pid, number)
        return True
