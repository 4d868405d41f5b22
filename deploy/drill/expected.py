"""The finals that the sightings of a run must have given: the plates stage's own logic, undisturbed."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime

from contracts.codec import decode
from contracts.errors import Rejected
from contracts.messages.plate import PlateEvent
from contracts.messages.sighting import Sighting
from processors.passages.camera import CameraPassages
from processors.passages.settings import PassageSettings

SightingAt = tuple[int, int, bytes]
"""Partition, offset, value."""


def expected_finals(sightings: Iterable[SightingAt]) -> dict[str, PlateEvent]:
    """Last final event of each passage, by event id, as one process that is never killed writes them.

    The topic is the common ground: whatever happened to the workers, these sightings are what they had.
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
            if draft.event.state == "final":
                finals[draft.event.event_id] = draft.event
    for camera in cameras.values():
        for draft in camera.close_all():
            finals[draft.event.event_id] = draft.event
    return finals
