"""The health page of a process that has just been started."""

from __future__ import annotations

import json
import time
import urllib.request
from typing import Any


def the_health(address: str) -> dict[str, Any]:
    stage: dict[str, Any] = json.loads(got(f"http://{address}/healthz"))["stages"][0]
    return stage


def got(url: str) -> bytes:
    """What the page says, as soon as somebody listens there."""
    until = time.monotonic() + 30
    while True:
        try:
            with urllib.request.urlopen(url, timeout=5) as answer:
                content: bytes = answer.read()
                return content
        except OSError:
            if time.monotonic() > until:
                raise
            time.sleep(0.1)
