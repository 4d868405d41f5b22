"""One replay: frames from Kafka through the stages' functions, events to `plates.replay`, the comparison."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from datetime import datetime

from confluent_kafka import KafkaException, Producer

from contracts.codec import encode
from contracts.errors import Rejected, TryAgain
from contracts.messages.frame import FrameHeader
from contracts.messages.plate import PlateEvent
from contracts.topics import PARTITIONER, Topic
from deploy.measure.log import LogReader
from deploy.reading.reader import PictureReader
from deploy.reading.stages import StagesInProcess
from deploy.replay.comparison import Pair, compare
from deploy.replay.window import Window, inside, live_finals, retained_frames
from processors.adapters.camera_book import CameraBook
from processors.passages.settings import PassageSettings

_FLUSH_SEC = 30.0


@dataclass
class _Seen:
    """What came past: counts, and for each camera the first and last capture time."""

    frames: int = 0
    unreadable: int = 0
    partitions: set[int] = field(default_factory=set)
    times: dict[str, tuple[datetime, datetime]] = field(default_factory=dict)

    def take(self, header: FrameHeader, partition: int) -> None:
        self.frames += 1
        self.partitions.add(partition)
        first, last = self.times.get(header.camera, (header.captured_at, header.captured_at))
        self.times[header.camera] = (min(first, header.captured_at), max(last, header.captured_at))


@dataclass(frozen=True, kw_only=True)
class Replayed:
    """`pairs` leave out passages that the window's edges cut."""

    frames: int
    unreadable: int
    events: int
    pairs: list[Pair]


async def replay(
    kafka: str, window: Window, reader: PictureReader, cameras: CameraBook, progress: Callable[[int], None]
) -> Replayed:
    """`progress` is told the frames so far. What the cameras ask for holds as it does for the live events.

    Raises:
        TryAgain: the broker does not answer.
        Stop: a model is missing.
    """
    settings = PassageSettings(reading=reader.how.reading)
    log, producer, seen = LogReader(kafka), _producer(kafka), _Seen()
    finals: dict[str, PlateEvent] = {}
    sent = 0
    try:
        stages = StagesInProcess(reader, settings, None, cameras)
        async for event in _events(log, window, stages, seen, progress):
            producer.produce(Topic.PLATES_REPLAY, key=event.camera.encode(), value=encode(event))
            producer.poll(0)
            sent += 1
            if event.state == "final":
                finals[event.event_id] = event
        _flush(producer)
        live = live_finals(log, window)
    finally:
        log.close()
    margin_sec = settings.lost_after_sec
    pairs = compare(
        inside(live.values(), seen.times, margin_sec), inside(finals.values(), seen.times, margin_sec)
    )
    return Replayed(frames=seen.frames, unreadable=seen.unreadable, events=sent, pairs=pairs)


async def _events(
    log: LogReader, window: Window, stages: StagesInProcess, seen: _Seen, progress: Callable[[int], None]
) -> AsyncIterator[PlateEvent]:
    for header, message in retained_frames(log, window):
        seen.take(header, message.position.partition)
        progress(seen.frames)
        try:
            async for event in stages.take(message):
                yield event
        except Rejected:
            seen.unreadable += 1
    async for event in stages.close(sorted(seen.partitions)):
        yield event


def _producer(kafka: str) -> Producer:
    return Producer(
        {"bootstrap.servers": kafka, "partitioner": PARTITIONER, "enable.idempotence": True, "linger.ms": 5}
    )


def _flush(producer: Producer) -> None:
    try:
        left = producer.flush(_FLUSH_SEC)
    except KafkaException as error:
        raise TryAgain("Kafka", str(error)) from error
    if left:
        raise TryAgain("Kafka", f"{left} events of the replay were not delivered")
