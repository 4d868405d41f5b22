"""Area `stream`: frames a second from Kafka to plates beside the same functions in one process, and the
time from a frame on its topic to the plate on the live board."""

from __future__ import annotations

import asyncio
import os
import tempfile
import threading
import time
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

from contracts.errors import Stop
from deploy.bench.board import Board
from deploy.bench.context import Bench, Frame
from deploy.bench.figures import Figure, at_least, at_most, percentile
from deploy.bench.previews import previews
from deploy.bench.sending import Send, messages, sender
from deploy.local.stack import Stack
from deploy.measure.flow import marks, wait_until_drained
from deploy.measure.log import LogReader
from deploy.reading.reader import PictureReader
from deploy.reading.stages import StagesInProcess, frame_message
from processors.adapters.evidence import ObjectStoreEvidence
from processors.cascade.pictures import decode_jpeg
from processors.engine.stage import Incoming
from processors.passages.settings import PassageSettings
from processors.reading import read
from processors.readings.slots import slots_of

CAMERAS = 4
PROBES = 12
LOAD = 0.7
DRAIN_WITHIN_SEC = 300.0


def measure(bench: Bench) -> list[Figure]:
    """The stack runs alone while it is measured, then the one process alone."""
    with bench.stack() as stack, sender(stack) as send:
        latencies = _frame_to_board_ms(bench, stack, send)
        through_stack = _frames_per_second(bench, stack, send)
        load = LOAD * through_stack
        shown = previews(bench, stack, frames_per_second=load, cameras=CAMERAS)
    in_process = asyncio.run(_in_one_process(bench, threads=1))
    cores = os.cpu_count() or 1
    side_by_side = asyncio.run(_in_one_process(bench, threads=cores))
    ratio = through_stack / in_process
    goal, holds = at_least(0.9, ratio)
    preview_goal, preview_holds = at_most(300.0, percentile(shown.latencies_ms, 0.95))
    load_goal, loaded = at_least(0.95, shown.frames_per_second / load)
    board_goal, board_holds = at_most(1000.0, percentile(latencies, 0.95))
    return [
        Figure(area="stream", name="whole stream, frames to plates", value=through_stack, unit="frames/s",
               reference=in_process),
        Figure(area="stream", name="… against the same functions in one loop in one process", value=ratio,
               unit="x", goal=goal, holds=holds),
        Figure(area="stream", name=f"… against that loop with {cores} requests to the models at a time",
               value=through_stack / side_by_side, unit="x", reference=side_by_side),
        Figure(area="stream", name=f"frames that came in, of {LOAD:.0%} load",
               value=shown.frames_per_second / load, unit="x", goal=load_goal, holds=loaded),
        Figure(area="stream", name="… previews of them", value=float(len(shown.latencies_ms)), unit=""),
        Figure(area="stream", name="… from the decoded picture, median",
               value=percentile(shown.latencies_ms, 0.5), unit="ms"),
        Figure(area="stream", name="… from the decoded picture, p95",
               value=percentile(shown.latencies_ms, 0.95), unit="ms", goal=preview_goal, holds=preview_holds),
        Figure(area="stream", name="frame on its topic to the live board, median",
               value=percentile(latencies, 0.5), unit="ms"),
        Figure(area="stream", name="frame on its topic to the live board, p95",
               value=percentile(latencies, 0.95), unit="ms", goal=board_goal, holds=board_holds),
    ]  # fmt: skip


def _frames_per_second(bench: Bench, stack: Stack, send: Send) -> float:
    """All frames stand on the topic of four cameras; the clock runs until the last plate is out."""
    with closing(LogReader(stack.variables()["PLATESTREAM_KAFKA"])) as log:
        since = marks(log)
        began = time.monotonic()
        for number in range(CAMERAS):
            send(f"bench-{number}", bench.frames)
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


async def _in_one_process(bench: Bench, *, threads: int) -> float:
    """The work of the stages on the very same frames: cameras beside each other, evidence kept."""
    ready = [
        [frame_message(*each, partition=number) for each in messages(f"bench-{number}", bench.frames)]
        for number in range(CAMERAS)
    ]
    reader = PictureReader(threads=threads)
    with tempfile.TemporaryDirectory(prefix="platestream-bench-") as folder:
        store = ObjectStoreEvidence.open(Path(folder).as_uri())
        stages = StagesInProcess(reader, PassageSettings(reading=reader.how.reading), store)
        began = time.monotonic()
        await asyncio.gather(*(_through(stages, camera) for camera in ready))
        took_sec = time.monotonic() - began
    await reader.close()
    return CAMERAS * len(bench.frames) / took_sec


async def _through(stages: StagesInProcess, frames: Sequence[Incoming]) -> None:
    for frame in frames:
        async for _event in stages.take(frame):
            pass


def _frame_to_board_ms(bench: Bench, stack: Stack, send: Send) -> list[float]:
    """A camera of one clear frame: its plate is final at once, so the time holds every stage, and no waiting
    for a vehicle to leave."""
    frame = asyncio.run(_clearest(bench))
    portal, sign_in = stack.portal(), stack.sign_in()
    if portal is None or sign_in is None:
        raise Stop("the bench's stack has no portal to measure")
    took_ms = []
    with closing(Board(portal, name=sign_in.name, password=sign_in.password)) as board:
        for number in range(PROBES + 1):
            camera = f"probe-{number}-"
            began = time.monotonic()
            send(camera, [frame])
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
