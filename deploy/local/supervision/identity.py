"""Which process is ours: a process id is reused, so its start time and the machine's boot go with it."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import msgspec

from contracts.errors import Stop

PROC = Path("/proc")
RUN_VARIABLE = "PLATESTREAM_RUN"
START_TICKS_FIELD = 19  # of /proc/PID/stat, counted after the name in brackets, which may hold spaces
STATE_FIELD = 0


class Identity(msgspec.Struct, frozen=True):
    """One process for as long as the machine runs."""

    pid: int
    start_ticks: int
    boot: str


def identify(pid: int) -> Identity | None:
    """The process that has this id now; None when there is none, or it has ended already."""
    try:
        fields = (PROC / str(pid) / "stat").read_text().rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return None
    if fields[STATE_FIELD] in "ZX":
        return None
    return Identity(pid, int(fields[START_TICKS_FIELD]), boot_id())


def boot_id() -> str:
    return (PROC / "sys/kernel/random/boot_id").read_text().strip()


def is_alive(identity: Identity) -> bool:
    return identify(identity.pid) == identity


def marked(run: str) -> list[Identity]:
    """Every process that carries this run's mark, whoever started it; never the caller itself."""
    mark = f"{RUN_VARIABLE}={run}".encode()
    found = (identify(pid) for pid in all_pids() if pid != os.getpid() and mark in environment_of(pid))
    return [identity for identity in found if identity is not None]


def all_pids() -> Iterator[int]:
    return (int(entry.name) for entry in PROC.iterdir() if entry.name.isdigit())


def environment_of(pid: int) -> list[bytes]:
    try:
        return (PROC / str(pid) / "environ").read_bytes().split(b"\0")
    except OSError:
        # It ended meanwhile, or belongs to somebody else, which ours do not.
        return []


def name_of(pid: int) -> str | None:
    """The program's name as the kernel keeps it, at most 15 characters."""
    try:
        return (PROC / str(pid) / "comm").read_text().strip()
    except OSError:
        return None


def signal_all(identities: Iterable[Identity], number: signal.Signals) -> None:
    for identity in identities:
        # Checked immediately before: a foreign process that took over the id is left alone.
        if is_alive(identity):
            try:
                os.kill(identity.pid, number)
            except ProcessLookupError:
                continue


KILLED_WITHIN_SEC = 20.0


def end_all(find: Callable[[], list[Identity]], grace_sec: float) -> list[Identity]:
    """Asks all that `find` gives to end, then makes them. Returns what was found at first.

    Raises:
        Stop: one does not even end when it is killed (the kernel holds it, mostly for a disk).
    """
    first = find()
    signal_all(first, signal.SIGTERM)
    deadline = time.monotonic() + grace_sec
    while (left := find()) and time.monotonic() < deadline:
        time.sleep(0.05)
    deadline = time.monotonic() + KILLED_WITHIN_SEC
    while left:
        if time.monotonic() > deadline:
            pids = ", ".join(str(identity.pid) for identity in left)
            raise Stop(f"processes {pids} were killed and do not end: the kernel holds them")
        signal_all(left, signal.SIGKILL)
        time.sleep(0.05)
        left = find()
    return first
