"""The files that a command is to write: what keeps them from being written is told in one line, and early."""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from contracts.errors import Stop

_LEAST_ROOM_BYTES = 1 << 20


@contextmanager
def writing(path: Path) -> Iterator[None]:
    """Around what writes a file.

    Raises:
        Stop: it cannot be written; names it.
    """
    try:
        yield
    except OSError as error:
        raise Stop(f"{path}: cannot be written: {error.strerror or error}") from error


def check_writable(*paths: Path) -> None:
    """Before what takes long. Makes their folders; a file that is there stays as it is, and none is left.

    Raises:
        Stop: one of them cannot be written, or its disk is full.
    """
    for path in paths:
        with writing(path):
            path.parent.mkdir(parents=True, exist_ok=True)
            is_new = not (path.exists() or path.is_symlink())
            if is_new or path.is_file() or path.is_dir():  # to open a pipe is an event for who reads it
                with path.open("ab") as file:
                    _check_room(file.fileno())
            if is_new:
                path.unlink()


def _check_room(file: int) -> None:
    """A file system that does not count its blocks has room."""
    disk = os.fstatvfs(file)
    if disk.f_blocks > 0 and disk.f_bavail * disk.f_frsize < _LEAST_ROOM_BYTES:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
