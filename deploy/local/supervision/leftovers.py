"""Ends what a run may have left behind: its marked processes, the shared memory and folders of its Triton."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path

from deploy.local.parts.triton import shared_memory_prefix
from deploy.local.supervision.identity import Identity, all_pids, end_all, is_alive, marked, name_of
from deploy.local.supervision.status import StackStatus

GRACE_SEC = 8.0
SHARED_MEMORY = Path("/dev/shm")  # noqa: S108 (the kernel's name for shared memory, not a temporary folder)

TRITON_FOLDERS = Path("/tmp"), "python_env_??????"  # noqa: S108 (fixed in Triton's Python backend)


def recorded(status: StackStatus) -> list[Identity]:
    """Processes of the run that still live: recorded with their start time, or carrying its mark."""
    known = [process.identity for process in status.processes if process.identity is not None]
    alive = {identity for identity in known if is_alive(identity)}
    return sorted(alive | set(marked(status.run)), key=lambda identity: identity.pid)


def end_recorded(status: StackStatus) -> list[Identity]:
    """Ends them all; nothing of the run is left when this returns."""
    ended = end_all(lambda: recorded(status), GRACE_SEC)
    remove_shared_memory(status.run)
    remove_triton_folders()
    return ended


def sweep(run: str) -> None:
    """After an orderly end: what a process that was killed before may have left to itself."""
    end_all(lambda: marked(run), GRACE_SEC)
    remove_shared_memory(run)
    remove_triton_folders()


def remove_shared_memory(run: str) -> None:
    for region in SHARED_MEMORY.glob(f"{shared_memory_prefix(run)}*"):
        region.unlink(missing_ok=True)


def remove_triton_folders() -> None:
    """Triton makes an empty folder that only an orderly end removes. Its name does not say whose it is, so
    they stay while any Triton runs; those of other users and those with something in them stay anyway."""
    if any(name_of(pid) == "tritonserver" for pid in all_pids()):
        return
    folder, pattern = TRITON_FOLDERS
    for left in folder.glob(pattern):
        with contextlib.suppress(OSError):
            if left.stat().st_uid == os.geteuid():
                left.rmdir()
