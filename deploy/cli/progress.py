"""The state of a starting stack -> what a person sees: a live table on a terminal, else a line a change."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.live import Live
from rich.table import Table

from deploy.local.supervision.status import Phase, StackStatus

Show = Callable[[StackStatus], None]

STYLES = {
    Phase.READY: "green",
    Phase.DONE: "green",
    Phase.STARTING: "yellow",
    Phase.PAUSING: "red",
    Phase.STOPPING: "yellow",
    Phase.STOPPED: "red",
}
NO_ANSWER = "[red]no answer[/]"


@contextmanager
def show_start() -> Iterator[Show]:
    console = Console(stderr=True)
    if not console.is_terminal:
        yield lines()
        return
    with Live(console=console, refresh_per_second=8, transient=True) as live:
        yield lambda status: live.update(as_table(status))
    console.print("[green]everything is ready[/green]")


def lines() -> Show:
    """One line for each process that became ready, or had to be started again."""
    told: set[tuple[str, Phase, int]] = set()

    def show(status: StackStatus) -> None:
        for process in status.processes:
            news = (process.name, process.phase, process.restarts)
            if news not in told and (process.came_up or process.phase is Phase.PAUSING):
                told.add(news)
                reason = f" ({process.last_exit})" if process.phase is Phase.PAUSING else ""
                print(f"{process.name}: {process.phase}{reason}", file=sys.stderr)

    return show


def as_table(status: StackStatus) -> Table:
    table = Table(box=None, pad_edge=False)
    for heading in ("process", "state", "ports", "pid", "restarts", "last exit"):
        table.add_column(heading, justify="right" if heading in ("pid", "restarts") else "left")
    for process in status.processes:
        table.add_row(
            process.name,
            f"[{STYLES.get(process.phase, 'dim')}]{process.phase}[/]" if process.answers else NO_ANSWER,
            " ".join(f"{name} {port}" for name, port in process.ports.items()),
            str(process.identity.pid) if process.identity else "",
            str(process.restarts) if process.restarts else "",
            process.last_exit or "",
        )
    return table
