"""Ends what a run may have left behind: its marked processes and the shared memory of its Triton."""

from __future__ import annotations

from pathlib import Path

from deploy.local.identity import Identity, end_all, is_alive, marked
from deploy.local.status import StackStatus
from deploy.local.triton import shared_memory_prefix

GRACE_SEC = 8.0
SHARED_MEMORY = Path("/dev/shm")  # noqa: S108 (the kernel's name for shared memory, not a temporary folder)


def recorded(status: StackStatus) -> list[Identity]:
    """Processes of the run that still live: recorded with their start time, or carrying its mark."""
    known = [process.identity for process in status.processes if process.identity is not None]
    alive = {identity for identity in known if is_alive(identity)}
    return sorted(alive | set(marked(status.run)), key=lambda identity: identity.pid)


def end_recorded(status: StackStatus) -> list[Identity]:
    """Ends them all; nothing of the run is left when this returns."""
    ended = end_all(lambda: recorded(status), GRACE_SEC)
    remove_shared_memory(status.run)
    return ended


def sweep(run: str) -> None:
    """After an orderly end: what a process that was killed before may have left to itself."""
    end_all(lambda: marked(run), GRACE_SEC)
    remove_shared_memory(run)


def remove_shared_memory(run: str) -> None:
    for region in SHARED_MEMORY.glob(f"{shared_memory_prefix(run)}*"):
        region.unlink(missing_ok=True)
