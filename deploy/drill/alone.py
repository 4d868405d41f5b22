"""One stack starts at a time: two that look for free ports at once may find the same ones."""

from __future__ import annotations

import fcntl
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def alone() -> Iterator[None]:
    """For all drills of this user on this machine."""
    with (Path(tempfile.gettempdir()) / f"platestream-drill-{os.getuid()}.lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
