"""How soon a plate is known: from the decoded picture that showed it, not coded yet, to its preview, while
cameras send a share of what the stages can take."""

from __future__ import annotations

import itertools
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial

from confluent_kafka import Message
from msgspec.structs import replace

from contracts.codec import decode
from contracts.errors import Stop
from contracts.messages.frame import FrameHeader, microseconds
from contracts.messages.plate import PlateEvent
from contracts.topics import Topic
from deploy.bench.context import Bench, Frame
from deploy.bench.sending import first_header, publisher_of
from deploy.local.stack import Stack
from deploy.measure.flow import marks, wait_until_drained
from deploy.measure.log import LogReader

_SECONDS = 90.0
_DRAIN_WITHIN_SEC = 60.0


@dataclass(frozen=True)
class Previews:
    """Milliseconds of each preview, and the frames a second that truly came in meanwhile."""

    latencies_ms: list[float]
    frames_per_second: float


def previews(bench: Bench, stack: Stack, *, frames_per_second: float, cameras: int) -> Previews:
    """Of every preview, while so many frames a second come in all, one camera after the other.

    Raises:
        Stop: there was none, frames were not delivered, or the stages did not finish.
    """
    with closing(LogReader(stack.variables()["PLATESTREAM_KAFKA"])) as log:
        since = marks(log)
        arrived = list[bool]()
        with publisher_of(stack) as publisher:
            send = partial(publisher.send_frame, delivered=arrived.append, wait=False)
            reached = play(
                send, bench.frames, frames_per_second=frames_per_second, cameras=cameras, seconds=_SECONDS
            )
        if not all(arrived):
            raise Stop(f"{arrived.count(False)} frames of the previews were not delivered")
        stages = ("sightings", "plates")
        left = wait_until_drained(
            log, since, within_sec=_DRAIN_WITHIN_SEC, stopping=threading.Event(), stages=stages
        )
        if left:
            raise Stop(f"the stages did not finish the frames of the previews: {left}")
        until = log.ends(Topic.PLATES)
        found = list(latencies_ms(log.read(Topic.PLATES, since=since[Topic.PLATES], until=until)))
    if not found:
        raise Stop("no plate had a preview while the street was played")
    return Previews(found, reached)


def latencies_ms(messages: Iterable[Message]) -> Iterator[float]:
    """Of each preview among them from the frame at which it was made until it was sent to Kafka."""
    for message in messages:
        event = decode(PlateEvent, message.value() or b"")
        if event.state == "preview":
            # A preview is made at the frame that was last captured by then.
            yield message.timestamp()[1] - event.last_captured_at.timestamp() * 1e3


def play(
    send: Callable[[FrameHeader, bytes], None],
    frames: Sequence[Frame],
    *,
    frames_per_second: float,
    cameras: int,
    seconds: float,
) -> float:
    """The film on every camera, each at another place of it: a picture is captured when it is due, whether or
    not there is time for it by then, coded as ingest does it, and sent. At last every camera's end, without
    which its last vehicles would stay open. How many frames a second there were."""
    began, began_sec, due_sec = datetime.now(UTC), time.monotonic(), 0.0
    last = [first_header(f"pace-{number}", began, "live") for number in range(cameras)]
    shift = len(frames) // cameras
    for turn in itertools.count():
        number, sequence = turn % cameras, turn // cameras
        due_sec += 1.0 / frames_per_second
        if due_sec > seconds:
            break
        time.sleep(max(0.0, began_sec + due_sec - time.monotonic()))
        jpeg = frames[(sequence + number * shift) % len(frames)].encode()
        last[number] = replace(
            last[number],
            sequence=sequence,
            captured_at_us=microseconds(began + timedelta(seconds=due_sec)),
            width=jpeg.width,
            height=jpeg.height,
        )
        send(last[number], jpeg.data)
    reached = turn / (time.monotonic() - began_sec)
    for header in last:
        send(replace(header, sequence=header.sequence + 1, end=True), b"")
    return reached
