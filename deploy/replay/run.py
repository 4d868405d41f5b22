"""One replay: frames from Kafka through the stages' functions, events to `plates.replay`, the comparison."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from contracts.codec import encode
from contracts.errors import Rejected, SetAside, TryAgain
from contracts.messages.frame import FrameHeader
from contracts.messages.plate import PlateEvent
from contracts.topics import Topic
from deploy.measure.log import LogReader
from deploy.reading.reader import PictureReader
from deploy.reading.stages import StagesInProcess
from deploy.replay.comparison import Pair, compare
from deploy.replay.kept import NoFrames, Span, widened, without_frames
from deploy.replay.stored import seen_in_its_frame
from deploy.replay.window import LiveFinals, Window, inside, live_finals, retained_frames, sorted_out, without
from processors.adapters.camera_book import CameraBook
from processors.asked import Asked
from processors.cascade.regard import EVERYTHING
from processors.engine.delivery import KafkaDelivery
from processors.engine.drivers.desk import Delivery
from processors.engine.stage import Incoming, Outgoing
from processors.passages.settings import PassageSettings
from webapp.pictures import PictureShelf

_LATER = datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True)
class _Again:
    """A live final, and what is seen in its stored frame."""

    live: PlateEvent
    replayed: PlateEvent


@dataclass
class _Seen:
    """What came past: counts, for each camera the first and last capture time, those of all that Kafka has,
    the finals given, and when the first frame of all was written."""

    frames: int = 0
    unreadable: int = 0
    events: int = 0
    finals: dict[str, PlateEvent] = field(default_factory=dict)
    partitions: set[int] = field(default_factory=set)
    times: dict[str, Span] = field(default_factory=dict)
    kept: dict[str, Span] = field(default_factory=dict)
    written_from: datetime = _LATER

    def pass_by(self, header: FrameHeader) -> None:
        self.kept[header.camera] = widened(self.kept.get(header.camera), header.captured_at)

    def take(self, header: FrameHeader, message: Incoming) -> None:
        self.frames += 1
        self.partitions.add(message.position.partition)
        self.written_from = min(self.written_from, message.timestamp)
        self.times[header.camera] = widened(self.times.get(header.camera), header.captured_at)

    def give(self, event: PlateEvent) -> None:
        self.events += 1
        if event.state == "final":
            self.finals[event.event_id] = event


@dataclass(frozen=True, kw_only=True)
class NearEdges:
    """How many finals were not compared because they come nearer than that to the window's edges or to a
    camera's first or last frame."""

    live: int
    replayed: int
    margin_sec: float


@dataclass(frozen=True, kw_only=True)
class Replayed:
    """`pairs` leave out finals that are `near_edges`, and live ones of which Kafka does not have all frames
    any more: those alone were looked at in their `stored` frame, or are `gone`."""

    frames: int
    without_frames: tuple[NoFrames, ...]
    unreadable: int
    events: int
    pairs: list[Pair]
    near_edges: NearEdges
    stored: list[Pair]
    gone: list[PlateEvent]


async def replay(
    kafka: str,
    window: Window,
    reader: PictureReader,
    cameras: CameraBook,
    progress: Callable[[int], None],
    evidence: PictureShelf | None = None,
) -> Replayed:
    """`progress` is told the frames so far. What the cameras ask for holds as it does for the live events.
    With `evidence` a final without frames in Kafka is looked at in the frame that is stored with it.

    Raises:
        TryAgain: the broker or the store does not answer, or did not take an event in time.
        SetAside: it refuses an event for good.
        Stop: a model is missing, or a right.
    """
    settings = PassageSettings(reading=reader.how.reading)
    log, delivery, seen = LogReader(kafka), KafkaDelivery(kafka), _Seen()
    try:
        stages = StagesInProcess(reader, settings, None, cameras)
        async for event in _events(log, window, stages, seen, progress):
            await send(delivery, event)
            seen.give(event)
        finals = live_finals(log, window, written_from=seen.written_from).values()
        live = sorted_out(finals, window, seen.times, settings.lost_after_sec)
        stored = [] if evidence is None else await _stored(live.lost, evidence, reader, cameras)
        for pair in stored:
            await send(delivery, pair.replayed)
    finally:
        log.close()
        await delivery.close()
    return _told(window, seen, live, stored, settings.lost_after_sec)


def _told(
    window: Window, seen: _Seen, live: LiveFinals, stored: Sequence[_Again], margin_sec: float
) -> Replayed:
    replayed = inside(seen.finals.values(), seen.times, margin_sec)
    return Replayed(
        frames=seen.frames,
        without_frames=without_frames(window.cameras, seen.times, seen.kept),
        unreadable=seen.unreadable,
        events=seen.events + len(stored),
        pairs=compare(live.whole, replayed),
        near_edges=NearEdges(
            live=len(live.near_edges),
            replayed=len(seen.finals) - len(replayed),
            margin_sec=margin_sec,
        ),
        stored=[Pair(pair.live, pair.replayed) for pair in stored],
        gone=without(live.lost, [pair.live for pair in stored]),
    )


async def _stored(
    finals: Sequence[PlateEvent], evidence: PictureShelf, reader: PictureReader, cameras: CameraBook
) -> list[_Again]:
    """Those whose frame is in the store, each beside what is seen in it now."""
    regards, found = Asked(cameras).regards, []
    for final in finals:
        picture = final.evidence.frame if final.evidence else None
        frame = None if picture is None else await asyncio.to_thread(evidence.read, key=picture.key)
        if frame is None:
            continue
        with contextlib.suppress(Rejected):
            regard = regards.get(final.camera, EVERYTHING)
            found.append(_Again(final, await seen_in_its_frame(final, frame, reader, regard)))
    return found


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
    for header, message in retained_frames(log):
        seen.pass_by(header)
        if not window.holds(header):
            continue
        seen.take(header, message)
        progress(seen.frames)
        try:
            async for event in stages.take(message):
                yield event
        except Rejected:
            seen.unreadable += 1
    async for event in stages.close(sorted(seen.partitions)):
        yield event
