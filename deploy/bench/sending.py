"""Frames onto their topic, as ingest sends them: one producer, opened before any clock runs."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import TypeAlias

from msgspec.structs import replace

from contracts.errors import Stop
from contracts.messages.common import Origin
from contracts.messages.frame import FrameHeader, microseconds
from deploy.bench.context import Frame
from deploy.local.stack import Stack
from ingest.sending.outbox import Outbox
from ingest.sending.publisher import Publisher

Send: TypeAlias = Callable[[str, Sequence[Frame]], None]
"""Sends the frames of one camera and their end."""

_ANSWER_SEC = 30.0
_FLUSH_SEC = 30.0
_WAITING_BYTES = 64 * 1024 * 1024
_WARM_CAMERA = "bench-warm"


@contextmanager
def sender(stack: Stack) -> Iterator[Send]:
    """Raises `Stop` at its end when a frame was not delivered."""
    with publisher_of(stack) as publisher:

        def send(camera: str, frames: Sequence[Frame]) -> None:
            for header, data in messages(camera, frames):
                publisher.send_frame(header, data, delivered=lambda _arrived: None, wait=True)

        yield send


@contextmanager
def publisher_of(stack: Stack) -> Iterator[Publisher]:
    """Ready: a new producer waits for its identity, for seconds where the broker is new, too.

    Raises:
        Stop: Kafka takes nothing, or, at the end, a frame was not delivered.
    """
    publisher = Publisher(stack.variables()["PLATESTREAM_KAFKA"], Outbox(_WAITING_BYTES))
    publisher.check(_ANSWER_SEC)
    arrived = threading.Event()
    for header, data in messages(_WARM_CAMERA, []):  # an end without frames
        publisher.send_frame(header, data, delivered=lambda _arrived: arrived.set(), wait=True)
    if not arrived.wait(_ANSWER_SEC):
        raise Stop(f"Kafka took no message in {_ANSWER_SEC:.0f} s")
    try:
        yield publisher
    finally:
        left = publisher.finish(_FLUSH_SEC)
    if left:
        raise Stop(f"{left} frames were not delivered")


def messages(camera: str, frames: Sequence[Frame]) -> Iterator[tuple[FrameHeader, bytes]]:
    """The frames with their headers, then the mark that the stream ended."""
    began = datetime.now(UTC)
    header = first_header(camera, began, "file")
    for sequence, frame in enumerate(frames):
        at = began + timedelta(seconds=frame.media_sec - frames[0].media_sec)
        header = replace(
            header,
            sequence=sequence,
            captured_at_us=microseconds(at),
            width=frame.jpeg.width,
            height=frame.jpeg.height,
        )
        yield header, frame.jpeg.data
    yield replace(header, sequence=len(frames), end=True), b""


def first_header(camera: str, began: datetime, origin: Origin) -> FrameHeader:
    """Of an opening that began just now; its frame's place, time and size are still to be filled in."""
    return FrameHeader(
        camera=camera,
        epoch=f"{began:%Y%m%dT%H%M%S.%fZ}",
        sequence=0,
        captured_at_us=microseconds(began),
        clock="host",
        width=0,
        height=0,
        origin=origin,
    )
