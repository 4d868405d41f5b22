"""How soon a plate is known: from the decoded picture that showed it, not coded yet, to its preview, while
cameras send a share of what the stages can take."""

from __future__ import annotations

import itertools
import threading
import time
from contextlib import closing
from datetime import UTC, datetime

from msgspec.structs import replace

from contracts.codec import decode
from contracts.errors import Stop
from contracts.messages.frame import FrameHeader, microseconds
from contracts.messages.plate import PlateEvent
from contracts.topics import Topic
from deploy.bench.context import Bench
from deploy.bench.sending import publisher_of
from deploy.local.stack import Stack
from deploy.measure.flow import marks, wait_until_drained
from deploy.measure.log import LogReader
from ingest.publisher import Publisher

_SECONDS = 45.0
_DRAIN_WITHIN_SEC = 60.0


def preview_latencies_ms(
    bench: Bench, stack: Stack, *, frames_per_second: float, cameras: int
) -> list[float]:
    """Of every preview, while so many frames a second come in all, one camera after the other.

    Raises:
        Stop: there was none.
    """
    with closing(LogReader(stack.variables()["PLATESTREAM_KAFKA"])) as log:
        since = marks(log)
        _play(bench, stack, frames_per_second=frames_per_second, cameras=cameras)
        stages = ("sightings", "plates")
        wait_until_drained(
            log, since, within_sec=_DRAIN_WITHIN_SEC, stopping=threading.Event(), stages=stages
        )
        found = []
        for message in log.read(Topic.PLATES, since=since[Topic.PLATES], until=log.ends(Topic.PLATES)):
            event = decode(PlateEvent, message.value() or b"")
            if event.state == "preview":
                # A preview is made at the frame that was last captured by then.
                captured_ms = event.last_captured_at.timestamp() * 1e3
                found.append(message.timestamp()[1] - captured_ms)
        if not found:
            raise Stop("no plate had a preview while the street was played")
        return found


def _play(bench: Bench, stack: Stack, *, frames_per_second: float, cameras: int) -> None:
    """The film on every camera, each at another place of it: a picture is captured when it is due, then coded
    as ingest does it, and sent."""
    with publisher_of(stack) as publisher:
        _play_to(publisher, bench, frames_per_second=frames_per_second, cameras=cameras)


def _play_to(publisher: Publisher, bench: Bench, *, frames_per_second: float, cameras: int) -> None:
    began = datetime.now(UTC)
    headers = [
        FrameHeader(
            camera=f"pace-{number}",
            epoch=f"{began:%Y%m%dT%H%M%S.%fZ}",
            sequence=0,
            captured_at_us=microseconds(began),
            clock="host",
            width=0,
            height=0,
            origin="live",
        )
        for number in range(cameras)
    ]
    due = time.monotonic()
    until = due + _SECONDS
    shift = len(bench.frames) // cameras
    for turn in itertools.count():
        number, sequence = turn % cameras, turn // cameras
        due += 1.0 / frames_per_second
        if due > until:
            break
        time.sleep(max(0.0, due - time.monotonic()))
        captured_at = datetime.now(UTC)
        jpeg = bench.frames[(sequence + number * shift) % len(bench.frames)].encode()
        header = replace(
            headers[number],
            sequence=sequence,
            captured_at_us=microseconds(captured_at),
            width=jpeg.width,
            height=jpeg.height,
        )
        publisher.send_frame(header, jpeg.data, delivered=lambda _arrived: None, wait=False)
