"""The frames that Kafka still has, each camera in order; times and cameras -> the live finals of them."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import cast

from confluent_kafka import Message

from contracts.codec import decode
from contracts.errors import Rejected
from contracts.messages.common import LogPosition
from contracts.messages.frame import FrameHeader, decode_headers
from contracts.messages.plate import PlateEvent
from contracts.topics import Topic
from deploy.measure.log import LogReader
from deploy.replay.kept import Span
from processors.engine.stage import Incoming


@dataclass(frozen=True, kw_only=True)
class Window:
    """Capture times, both ends included. No cameras named: all."""

    begins_at: datetime
    ends_at: datetime
    cameras: frozenset[str] = frozenset()

    def holds(self, header: FrameHeader) -> bool:
        return self._wants(header.camera) and self.begins_at <= header.captured_at <= self.ends_at

    def whole(self, events: Collection[PlateEvent], margin_sec: float) -> list[PlateEvent]:
        """Those of its cameras that its edges do not cut, nor come nearer to than that."""
        wanted = [each for each in events if self._wants(each.camera)]
        return inside(wanted, {each.camera: (self.begins_at, self.ends_at) for each in wanted}, margin_sec)

    def touched_by(self, events: Collection[PlateEvent]) -> list[PlateEvent]:
        """Those of its cameras of which at least a part lies in it."""
        return [
            each
            for each in events
            if self._wants(each.camera)
            and each.first_captured_at <= self.ends_at
            and each.last_captured_at >= self.begins_at
        ]

    def _wants(self, camera: str) -> bool:
        return not self.cameras or camera in self.cameras


@dataclass(frozen=True, kw_only=True)
class LiveFinals:
    """Each in one list: those that can be compared; those that come too near to the window's edges or to a
    camera's first or last frame; those of which Kafka does not have all frames any more."""

    whole: list[PlateEvent]
    near_edges: list[PlateEvent]
    lost: list[PlateEvent]


def retained_frames(log: LogReader) -> Iterator[tuple[FrameHeader, Incoming]]:
    """All that Kafka has, whatever the window: those of a file that is played faster than it was filmed are
    written before the time at which they are captured.

    Headers that nobody can read are passed over: the stage `sightings` has set them aside already.

    Raises:
        TryAgain: the broker does not answer.
    """
    for message in log.read(Topic.FRAMES, since={}, until=log.ends(Topic.FRAMES)):
        incoming = _incoming(message)
        try:
            header = decode_headers(incoming.headers)
        except Rejected:
            continue
        yield header, incoming


def live_finals(log: LogReader, window: Window, *, written_from: datetime) -> dict[str, PlateEvent]:
    """The finals that stand on `plates` since the window began, or since the first of its frames was
    `written_from`, whichever was earlier; the last revision of each."""
    finals: dict[str, PlateEvent] = {}
    since = log.at(Topic.PLATES, min(window.begins_at, written_from))
    for message in log.read(Topic.PLATES, since=since, until=log.ends(Topic.PLATES)):
        try:
            event = decode(PlateEvent, message.value())
        except Rejected:
            continue
        before = finals.get(event.event_id)
        if event.state == "final" and (before is None or before.revision <= event.revision):
            finals[event.event_id] = event
    return finals


def inside(events: Collection[PlateEvent], seen: Mapping[str, Span], margin_sec: float) -> list[PlateEvent]:
    """Events of which all frames are there to be seen again, and frames of so long before and after them:
    without those a passage may have been longer, or end otherwise. Of an upload there is one frame alone.

    `seen`: for each camera the capture times of its first and its last frame.
    """
    whole = []
    for event in events:
        first, last = seen.get(event.camera, (None, None))
        if first is None or last is None:
            continue
        before_sec = (event.first_captured_at - first).total_seconds()
        after_sec = (last - event.last_captured_at).total_seconds()
        if min(before_sec, after_sec) >= (0.0 if event.origin == "upload" else margin_sec):
            whole.append(event)
    return whole


def sorted_out(
    finals: Collection[PlateEvent],
    window: Window,
    seen: Mapping[str, Span],
    margin_sec: float,
) -> LiveFinals:
    """The live finals of the window, even those that lie in it only in part. `seen` is as for `inside`."""
    within = window.whole(finals, margin_sec)
    there = inside(within, seen, 0.0)
    whole, lost = inside(there, seen, margin_sec), without(within, there)
    near_edges = without(window.touched_by(finals), [*whole, *lost])
    return LiveFinals(whole=whole, near_edges=near_edges, lost=lost)


def without(events: Collection[PlateEvent], others: Collection[PlateEvent]) -> list[PlateEvent]:
    ids = {each.event_id for each in others}
    return [each for each in events if each.event_id not in ids]


def _incoming(message: Message) -> Incoming:
    _, millis = message.timestamp()
    stood = cast("list[tuple[str, bytes | None]]", message.headers() or [])
    headers = tuple((name, value or b"") for name, value in stood)
    return Incoming(
        value=message.value(),
        key=message.key(),
        headers=headers,
        position=LogPosition(
            topic=Topic.FRAMES, partition=message.partition() or 0, offset=message.offset() or 0
        ),
        timestamp=datetime.fromtimestamp(max(millis, 0) / 1000, UTC),
    )
