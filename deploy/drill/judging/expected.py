"""The finals that the sightings of a run must have given: the plates stage's own logic, undisturbed."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Sequence
from contextlib import suppress
from datetime import UTC, datetime, timedelta

from confluent_kafka import Message

from contracts.cameras import Camera
from contracts.codec import decode
from contracts.errors import Rejected
from contracts.messages.common import LogPosition
from contracts.messages.plate import PlateEvent
from contracts.topics import Topic
from processors.engine.stage import Incoming
from processors.passages.events.drafts import Draft
from processors.passages.movement.ways import ways_of
from processors.passages.settings import PassageSettings
from processors.plates import Plates

_LONG_AFTER = timedelta(days=1)


async def expected_finals(
    sightings: Iterable[Incoming],
    look: Callable[[Draft], Awaitable[Draft]],
    cameras: Sequence[Camera] = (),
) -> dict[str, PlateEvent]:
    """Last final event of each passage, by event id, as one process that is never killed writes them.

    The topic is the common ground: whatever happened to the workers, these sightings are what they had.
    `look` reads a doubtful final once more; `cameras` are those of the camera file. No pictures are stored:
    the finals' texts do not depend on them.
    """
    ways = {camera.id: ways_of(camera) for camera in cameras}
    stage = Plates(
        settings=PassageSettings(),
        unread=[camera.id for camera in cameras if camera.unread_vehicles],
        ways={name: found for name, found in ways.items() if found},
        look=look,
    )
    finals: dict[str, PlateEvent] = {}
    partitions = set()
    for message in sorted(sightings, key=lambda each: (each.position.partition, each.position.offset)):
        partitions.add(message.position.partition)
        with suppress(Rejected):
            await _add(finals, stage, stage.take(message))
    for partition in sorted(partitions):
        await _add(finals, stage, stage.tick(partition, datetime.now(UTC) + _LONG_AFTER))
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


async def _add(finals: dict[str, PlateEvent], stage: Plates, drafts: Sequence[Draft]) -> None:
    for draft in drafts:
        for outgoing in await stage.finish(draft):
            if outgoing.topic == Topic.PLATES and draft.event.state == "final":
                finals[draft.event.event_id] = decode(PlateEvent, outgoing.value)
