"""Area `stream`: frames a second from Kafka to plates beside the same functions in one process, and the
time from a frame on its topic to the plate on the live board."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Sequence
from contextlib import closing
from datetime import UTC, datetime, timedelta

from msgspec.structs import replace

from contracts.errors import Stop
from contracts.messages.frame import FrameHeader, microseconds
from deploy.bench.board import Board
from deploy.bench.context import Bench, Frame
from deploy.bench.figures import Figure, at_least, at_most, percentile
from deploy.local.stack import Stack
from deploy.measure.flow import marks, wait_until_drained
from deploy.measure.log import LogReader
from deploy.reading.reader import PictureReader
from deploy.reading.video import VideoProcessor, video_of
from ingest.publisher import Publisher
from processors.cascade.pictures import decode_jpeg
from processors.passages.settings import PassageSettings
from processors.reading import read
from processors.readings.slots import slots_of

CAMERAS = 4
PROBES = 12
DRAIN_WITHIN_SEC = 300.0
_FLUSH_SEC = 10.0


def measure(bench: Bench) -> list[Figure]:
    """The stack runs alone while it is measured, then the one process alone."""
    with bench.stack() as stack:
        latencies = _frame_to_board_ms(bench, stack)
        through_stack = _frames_per_second(bench, stack)
    in_process = asyncio.run(_in_one_process(bench))
    ratio = through_stack / in_process
    goal, holds = at_least(0.9, ratio)
    board_goal, board_holds = at_most(1000.0, percentile(latencies, 0.95))
    return [
        Figure(area="stream", name="whole stream, frames to plates", value=through_stack, unit="frames/s",
               reference=in_process),
        Figure(area="stream", name="… against the same functions in one process", value=ratio, unit="x",
               goal=goal, holds=holds),
        Figure(area="stream", name="frame on its topic to the live board, median",
               value=percentile(latencies, 0.5), unit="ms"),
        Figure(area="stream", name="frame on its topic to the live board, p95",
               value=percentile(latencies, 0.95), unit="ms", goal=board_goal, holds=board_holds),
    ]  # fmt: skip


def _frames_per_second(bench: Bench, stack: Stack) -> float:
    """All frames stand on the topic of four cameras; the clock runs until the last plate is out."""
    kafka = stack.variables()["PLATESTREAM_KAFKA"]
    with closing(LogReader(kafka)) as log:
        since = marks(log)
        began = time.monotonic()
        for number in range(CAMERAS):
            send(kafka, f"bench-{number}", bench.frames)
        left = wait_until_drained(
            log,
            since,
            within_sec=DRAIN_WITHIN_SEC,
            stopping=threading.Event(),
            stages=("sightings", "plates"),
        )
        if left:
            raise Stop(f"the stream did not finish in {DRAIN_WITHIN_SEC:.0f} s: {left}")
        return CAMERAS * len(bench.frames) / (time.monotonic() - began)


async def _in_one_process(bench: Bench) -> float:
    reader = PictureReader()
    processor = VideoProcessor(reader, PassageSettings(reading=reader.how.reading), None)
    video = video_of(bench.film, frames_per_second=5.0)
    began = time.monotonic()
    async for _event in processor.events(video, lambda _at_sec: None):
        pass
    took_sec = time.monotonic() - began
    await reader.close()
    return len(bench.frames) / took_sec


def _frame_to_board_ms(bench: Bench, stack: Stack) -> list[float]:
    """A camera of one clear frame: its plate is final at once, so the time holds every stage, and no waiting
    for a vehicle to leave."""
    frame = asyncio.run(_clearest(bench))
    kafka = stack.variables()["PLATESTREAM_KAFKA"]
    portal, sign_in = stack.portal(), stack.sign_in()
    if portal is None or sign_in is None:
        raise Stop("the bench's stack has no portal to measure")
    took_ms = []
    with closing(Board(portal, name=sign_in.name, password=sign_in.password)) as board:
        for number in range(PROBES + 1):
            camera = f"probe-{number}-"
            began = time.monotonic()
            send(kafka, camera, [frame])
            board.wait_for(camera)
            took_ms.append((time.monotonic() - began) * 1e3)
    return took_ms[1:]  # the first warms every process up


async def _clearest(bench: Bench) -> Frame:
    """The frame whose plate is read with most confidence."""
    reader = PictureReader()
    best: tuple[float, Frame] | None = None
    try:
        for frame in bench.frames:
            found = await reader.recognise(decode_jpeg(frame.jpeg.data))
            for plate in found.plates:
                slots, how = slots_of(plate.characters), reader.how.reading
                reading = read(slots, lines=plate.lines, colour=plate.colour, settings=how)
                if reading is not None and (best is None or reading.confidence > best[0]):
                    best = (reading.confidence, frame)
    finally:
        await reader.close()
    if best is None:
        raise Stop("no frame of the street film shows a plate")
    return best[1]


def send(kafka: str, camera: str, frames: Sequence[Frame]) -> None:
    """The frames of one camera and their end, as ingest or the portal sends them."""
    publisher = Publisher(kafka)
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
        publisher.send_frame(header, frame.jpeg.data, delivered=lambda _arrived: None, wait=True)
    end = replace(header, sequence=len(frames), end=True)
    publisher.send_frame(end, b"", delivered=lambda _arrived: None, wait=True)
    if publisher.close(_FLUSH_SEC):
        raise Stop(f"frames of {camera} were not delivered")
