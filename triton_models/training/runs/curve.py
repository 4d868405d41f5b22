"""The curve of a training: one line of JSON each time its held-out examples are judged."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from contracts.errors import Stop


def add_to_curve(curve: Path, *, seconds: float, step: int, judged: Mapping[str, Any]) -> None:
    """What was `judged` after so many seconds of training.

    Raises:
        Stop: it cannot be written, most often because the disk is full.
    """
    line = {
        "at": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
        "minutes": round(seconds / 60, 2),
        "step": step,
        **judged,
    }
    try:
        with curve.open("a", encoding="utf-8") as file:
            file.write(json.dumps(line) + "\n")
    except OSError as error:
        raise Stop(f"{curve}: the curve cannot be written ({error.strerror}); go on with --resume") from error
