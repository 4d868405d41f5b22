"""What a person sees while the stack starts: every process, and which are still waited for."""

from __future__ import annotations

import threading

from rich.console import Console

from contracts.errors import Stop
from deploy.local.stack import Stack
from deploy.local.supervision.status import StackStatus


def show_start(stack: Stack, console: Console, *, interrupted: threading.Event) -> None:
    """Start the stack with a line that tells what is still coming up.

    Raises:
        Stop: it does not start, or the user interrupted it.
    """
    with console.status("starting …") as line:

        def tell(status: StackStatus) -> None:
            if interrupted.is_set():
                raise Stop("interrupted while starting")
            waiting = [process.name for process in status.processes if not process.came_up]
            done = len(status.processes) - len(waiting)
            line.update(f"starting: {done} of {len(status.processes)} up, waiting for {', '.join(waiting)}")

        stack.up(progress=tell)
