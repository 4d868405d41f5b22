"""The finals that the sightings of a run must have given: the plates stage's own logic, undisturbed."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable
from datetime import UTC, datetime

from contracts.codec import decode
from contracts.errors import Rejected
from contracts.messages.plate import PlateEvent
from contracts.messages.sighting import Sighting
from processors.passages.camera import CameraPassages
from processors.passages.drafts import Draft
from processors.passages.settings import PassageSettings

SightingAt = tuple[int, int, bytes]
"""Partition, offset, value."""


async def expected_finals(
    sightings: Iterable[SightingAt], look: Callable[[Draft], Awaitable[Draft]]
) -> dict[str, PlateEvent]:
    """Last final event of each passage, by event id, as one process that is never killed writes them.

    The topic is the common ground: whatever happened to the workers, these sightings are what they had.
    `look` reads a doubtful final once more, as the stage does.
    """
    cameras: dict[tuple[int, str], CameraPassages] = {}
    finals: dict[str, PlateEvent] = {}
    for partition, offset, value in sorted(sightings, key=lambda each: each[:2]):
        try:
            sighting = decode(Sighting, value)
        except Rejected:
            continue
        camera = cameras.setdefault(
            (partition, sighting.camera),
            CameraPassages(PassageSettings(), settled_below=0, now=lambda: datetime.now(UTC)),
        )
        for draft in camera.take(sighting, offset):
            await _told(draft, look, finals)
    for camera in cameras.values():
        for draft in camera.close_all():
            await _told(draft, look, finals)
    return finals


async def _told(
    draft: Draft, look: Callable[[Draft], Awaitable[Draft]], finals: dict[str, PlateEvent]
) -> None:
    if draft.event.state != "final":
        return
    event = (await look(draft)).event if draft.unsure else draft.event
    if draft.passage is not None and draft.passage.given is draft.event:
        draft.passage.given = event
    finals[event.event_id] = event
