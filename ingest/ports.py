"""The edges of a worker, as it sees them."""

from __future__ import annotations

import threading
from typing import Protocol

from contracts.messages.frame import FrameHeader


class FrameSink(Protocol):
    """Where frames go: `Publisher` in production."""

    def send_frame(self, header: FrameHeader, data: bytes, *, delivered: Delivered, wait: bool) -> None: ...


class Brake(Protocol):
    """What a file at full speed waits for: `Backlog` in production."""

    def wait(self, camera: str, stopping: threading.Event, /) -> None: ...


class Delivered(Protocol):
    def __call__(self, delivered: bool, /) -> None: ...
