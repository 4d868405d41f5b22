"""Status after status of a running stack -> one line when a process goes away, and one when it is back."""

from __future__ import annotations

from deploy.local.supervision.status import Phase, ProcessStatus, StackStatus


class Watch:
    """Remembers what was told last."""

    def __init__(self) -> None:
        self._away: set[str] = set()

    def changes(self, status: StackStatus) -> list[str]:
        away = {process.name: process for process in status.processes if _is_away(process)}
        lines = [_told(away[name]) for name in sorted(away.keys() - self._away)]
        lines += [f"{name} is back" for name in sorted(self._away - away.keys())]
        self._away = set(away)
        return lines


def _is_away(process: ProcessStatus) -> bool:
    return process.phase not in (Phase.READY, Phase.DONE) or not process.answers


def _told(process: ProcessStatus) -> str:
    if process.phase is Phase.READY:
        return f"{process.name} does not answer; what needs it waits"
    return f"{process.name} is away ({process.last_exit or process.phase.value}); what needs it waits"
