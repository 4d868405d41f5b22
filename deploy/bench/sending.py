"""Frames onto their topic, as ingest sends them: one producer, opened before any clock runs."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import TypeAlias

from msgspec.structs import replace

from contracts.errors import Stop
from contracts.messages.frame import FrameHeader, microseconds
from deploy.bench.context import Frame
from deploy.local.stack import Stack
from ingest.outbox import Outbox
from ingest.publisher import Publisher

Send: TypeAlias = Callable[[str, Sequence[Frame]], None]
"""Sends the frames of one camera and their end."""

_ANSWER_SEC = 10.0
_FLUSH_SEC = 30.0
_WAITING_BYTES = 64 * 1024 * 1024
_WARM_CAMERA = "bench-warm"


@contextmanager
def sender(stack: Stack) -> Iterator[Send]:
    """Raises `Stop` at its end when a frame was not delivered."""
    publisher = Publisher(stack.variables()["PLATESTREAM_KAFKA"], Outbox(_WAITING_BYTES))
    publisher.check(_ANSWER_SEC)

    def send(camera: str, frames: Sequence[Frame]) -> None:
        for header, data in messages(camera, frames):
            publisher.send_frame(header, data, delivered=lambda _arrived: None, wait=True)

    send(_WARM_CAMERA, [])  # an end without frames: the producer gets its identity now
    try:
        yield send
    finally:
        left = publisher.finish(_FLUSH_SEC)
    if left:
        raise Stop(f"{left} frames were not delivered")


def messages(camera: str, frames: Sequence[Frame]) -> Iterator[tuple[FrameHeader, bytes]]:
    """The frames with their headers, then the mark that the stream ended."""
    began = datetime.now(UTC)
    header = FrameHeader(
        camera=camera,
        epoch=f"{began:%Y%m%dT%H%M%S.%fZ}",
        sequence=0,
        captured_at_us=microseconds(began),
        clock="host",
        width=0,
        height=0,
        origin="file",
    )
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
