"""One replay: frames from Kafka through the stages' functions, events to `plates.replay`, the comparison."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from datetime import datetime

from contracts.codec import encode
from contracts.errors import Rejected, SetAside, TryAgain
from contracts.messages.frame import FrameHeader
from contracts.messages.plate import PlateEvent
from contracts.topics import Topic
from deploy.measure.log import LogReader
from deploy.reading.reader import PictureReader
from deploy.reading.stages import StagesInProcess
from deploy.replay.comparison import Pair, compare
from deploy.replay.window import Window, inside, live_finals, retained_frames
from processors.adapters.camera_book import CameraBook
from processors.engine.delivery import KafkaDelivery
from processors.engine.desk import Delivery
from processors.engine.stage import Outgoing
from processors.passages.settings import PassageSettings


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
    """`pairs` leave out passages that the window's edges cut, and `gone`: live finals of which Kafka does not
    have all frames any more."""

    frames: int
    unreadable: int
    events: int
    pairs: list[Pair]
    gone: list[PlateEvent]


async def replay(
    kafka: str, window: Window, reader: PictureReader, cameras: CameraBook, progress: Callable[[int], None]
) -> Replayed:
    """`progress` is told the frames so far. What the cameras ask for holds as it does for the live events.

    Raises:
        TryAgain: the broker does not answer, or did not take an event in time.
        SetAside: it refuses an event for good.
        Stop: a model is missing.
    """
    settings = PassageSettings(reading=reader.how.reading)
    log, delivery, seen = LogReader(kafka), KafkaDelivery(kafka), _Seen()
    finals: dict[str, PlateEvent] = {}
    sent = 0
    try:
        stages = StagesInProcess(reader, settings, None, cameras)
        async for event in _events(log, window, stages, seen, progress):
            await send(delivery, event)
            sent += 1
            if event.state == "final":
                finals[event.event_id] = event
        live = live_finals(log, window)
    finally:
        log.close()
        await delivery.close()
    margin_sec = settings.lost_after_sec
    whole = window.whole(live.values(), margin_sec)
    there = inside(whole, seen.times, margin_sec)
    return Replayed(
        frames=seen.frames,
        unreadable=seen.unreadable,
        events=sent,
        pairs=compare(there, inside(finals.values(), seen.times, margin_sec)),
        gone=[each for each in whole if each not in there],
    )


async def send(delivery: Delivery, event: PlateEvent) -> None:
    """Returns once the broker has it: an event that is not on the topic would be missed in silence.

    Raises:
        TryAgain, SetAside: it does not have it; both name the event and where it was to go.
    """
    about = f"topic {Topic.PLATES_REPLAY}, key {event.camera}, event {event.event_id}"
    key, value = event.camera.encode(), encode(event)
    try:
        await delivery.send((Outgoing(topic=Topic.PLATES_REPLAY, key=key, value=value),))
    except TryAgain as error:
        raise TryAgain(error.dependency, f"{about}: {error.reason}") from error
    except SetAside as error:
        raise SetAside(f"{about}: {error}") from error


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
