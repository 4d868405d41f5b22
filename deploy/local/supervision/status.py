"""What the supervisor tells about each process, as the file `status.json` between it and everyone else."""

from __future__ import annotations

from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path

import msgspec

from contracts.errors import Stop
from deploy.local.supervision.identity import Identity


class Phase(StrEnum):
    WAITING = "waiting"
    STARTING = "starting"
    READY = "ready"
    PAUSING = "pausing"
    DONE = "done"
    STOPPING = "stopping"
    STOPPED = "stopped"


class ProcessStatus(msgspec.Struct, kw_only=True):
    """One process. `restarts` counts every start after the first; `last_exit` says how it last ended, `exits`
    how often it did in which way, `answers` whether the last look at a ready process found its page well."""

    name: str
    phase: Phase = Phase.WAITING
    once: bool = False
    identity: Identity | None = None
    started_at: datetime | None = None
    answers: bool = True
    restarts: int = 0
    last_exit: str | None = None
    last_exit_at: datetime | None = None
    exits: dict[str, int] = {}
    next_start_at: datetime | None = None
    ports: dict[str, int] = {}
    log: str = ""

    @property
    def came_up(self) -> bool:
        return self.phase is Phase.DONE or (self.phase is Phase.READY and not self.once)


class StackStatus(msgspec.Struct, kw_only=True):
    """The whole stack; `run` is the mark that every process of it carries."""

    run: str
    phase: Phase
    supervisor: Identity | None
    started_at: datetime
    processes: list[ProcessStatus]

    @property
    def came_up(self) -> bool:
        return all(process.came_up for process in self.processes)

    def find(self, name: str) -> ProcessStatus | None:
        return next((process for process in self.processes if process.name == name), None)


def now() -> datetime:
    return datetime.now(UTC)


def write_status(path: Path, status: StackStatus) -> None:
    """Whole or not at all: a reader never sees half a file."""
    draft = path.with_suffix(".draft")
    draft.write_bytes(msgspec.json.encode(status))
    draft.replace(path)


def read_status(path: Path) -> StackStatus | None:
    """None when no stack was ever started here.

    Raises:
        Stop: the file is damaged.
    """
    try:
        return msgspec.json.decode(path.read_bytes(), type=StackStatus)
    except FileNotFoundError:
        return None
    except msgspec.DecodeError as error:
        why = f"{error}; remove it if nothing of the stack runs"
        raise Stop(f"{path} is no status of a stack: {why}") from error


def exit_in_words(code: int) -> str:
    return f"killed by signal {-code}" if code < 0 else f"exit status {code}"
