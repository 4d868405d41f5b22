"""Keeps log files small: a large one is copied aside and emptied; its writer, which appends, goes on."""

from __future__ import annotations

import shutil
from pathlib import Path

LARGEST_BYTES = 16 * 1024 * 1024


def rotate_large(folder: Path, largest_bytes: int = LARGEST_BYTES) -> None:
    for log_file in folder.glob("*.log"):
        if log_file.stat().st_size > largest_bytes:
            shutil.copyfile(log_file, log_file.with_suffix(".log.1"))
            with log_file.open("r+b") as handle:
                handle.truncate(0)
