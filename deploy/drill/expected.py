"""The finals that the sightings of a run must have given: the plates stage's own logic, undisturbed."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Sequence
from contextlib import suppress
from datetime import UTC, datetime, timedelta

from confluent_kafka import Message

from contracts.cameras import Camera
from contracts.errors import Rejected, Stop
from contracts.messages.common import LogPosition
from contracts.messages.plate import PlateEvent, StoredPicture, StoredReads
from contracts.topics import Topic
from processors.engine.stage import Incoming
from processors.passages.drafts import Draft
from processors.passages.settings import PassageSettings
from processors.passages.ways import ways_of
from processors.plates import Plates

_LONG_AFTER = timedelta(days=1)


async def expected_finals(
    sightings: Iterable[Incoming],
    look: Callable[[Draft], Awaitable[Draft]],
    cameras: Sequence[Camera] = (),
) -> dict[str, PlateEvent]:
    """Last final event of each passage, by event id, as one process that is never killed writes them.

    The topic is the common ground: whatever happened to the workers, these sightings are what they had.
    `look` reads a doubtful final once more, as the stage does; `cameras` are those of the camera file.
    """
    nothing = _Nothing()
    ways = {camera.id: ways_of(camera) for camera in cameras}
    stage = Plates(
        settings=PassageSettings(),
        frames=nothing,
        evidence=nothing,
        unread=[camera.id for camera in cameras if camera.unread_vehicles],
        ways={name: found for name, found in ways.items() if found},
    )
    finals: dict[str, PlateEvent] = {}
    partitions = set()
    for message in sorted(sightings, key=lambda each: (each.position.partition, each.position.offset)):
        partitions.add(message.position.partition)
        with suppress(Rejected):
            for draft in stage.take(message):
                await _told(draft, look, finals)
    for partition in sorted(partitions):
        for draft in stage.tick(partition, datetime.now(UTC) + _LONG_AFTER):
            await _told(draft, look, finals)
    return finals


def incoming(message: Message) -> Incoming:
    """A sighting as the stage is given it."""
    _, millis = message.timestamp()
    position = LogPosition(
        topic=Topic.SIGHTINGS, partition=message.partition() or 0, offset=message.offset() or 0
    )
    return Incoming(
        value=message.value() or b"",
        key=message.key(),
        headers=(),
        position=position,
        timestamp=datetime.fromtimestamp(max(millis, 0) / 1000, UTC),
    )


async def _told(
    draft: Draft, look: Callable[[Draft], Awaitable[Draft]], finals: dict[str, PlateEvent]
) -> None:
    if draft.event.state != "final":
        return
    event = (await look(draft)).event if draft.unsure else draft.event
    if draft.passage is not None and draft.passage.given is draft.event:
        draft.passage.given = event
    finals[event.event_id] = event


class _Nothing:
    """Frames and evidence, which the finals' texts do not depend on."""

    async def read(self, position: LogPosition) -> bytes | None:
        raise Stop(f"no frame is kept, not that of {position}")

    async def add(self, jpeg: bytes) -> StoredPicture:
        raise Stop(f"no picture is kept, not this one of {len(jpeg)} bytes")

    async def add_reads(self, data: bytes) -> StoredReads:
        raise Stop(f"no store for {len(data)} bytes of reads")
