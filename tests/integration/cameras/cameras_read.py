"""A camera as these tests read it, and what was sent of it."""

from __future__ import annotations

import itertools
from typing import Any

from contracts.cameras import Camera
from tests.integration.watched import Got

MJPEG = "multipart/x-mixed-replace;boundary=frame"
FPS = 15


def a_camera(name: str, source: str, **fields: Any) -> Camera:
    return Camera(id=name, source=source, silence_sec=1, **fields)


def longest_gap_sec(frames: list[Got]) -> float:
    times = [got.at_sec for got in frames]
    return max(later - earlier for earlier, later in itertools.pairwise(times))
