"""Sightings of one camera -> the finals of its vehicles, each with where its vehicle was frame by frame.

A passage itself keeps no boxes: after every sighting it is asked where it has seen its vehicle last.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

import msgspec

from contracts.messages.common import Xyxy
from contracts.messages.sighting import Sighting
from processors.passages.camera import CameraPassages
from processors.passages.events.drafts import Draft
from processors.passages.movement.ways import Line, Ways
from processors.passages.passage import Passage
from processors.passages.settings import PassageSettings

MIDDLE = 0.5
"""So far down the picture, in shares of its height, a line lies across it."""
_WAYS = Ways(lines=(Line("middle", (0.0, MIDDLE), (1.0, MIDDLE)),))

Boxes = Sequence[tuple[float, Xyxy]]
"""Where a vehicle was, each time at a second of the film."""


@dataclass(frozen=True, kw_only=True)
class Tracked:
    """The last final of one event: `boxes` are those of its vehicle in every frame in which it was found,
    `crossings` the sides of the line that it went to, in order."""

    event_id: str
    boxes: Boxes
    crossings: tuple[str, ...]


def track_without_plates(
    sightings: Sequence[Sighting], settings: PassageSettings, *, began: datetime
) -> list[Tracked]:
    """What becomes of them at a camera that asks for vehicles whose plate nobody could read, if it never sees
    a plate, and has a line across its picture's middle."""
    cameras = {each.camera for each in sightings}
    camera = CameraPassages(
        settings,
        settled_below=0,
        now=lambda: datetime.now(UTC),
        unread=cameras,
        ways=dict.fromkeys(cameras, _WAYS),
    )
    found: dict[Passage, list[tuple[float, Xyxy]]] = defaultdict(list)
    finals: dict[str, Draft] = {}
    for each in sightings:
        sighting = msgspec.structs.replace(each, plates=())
        for draft in camera.take(sighting, sighting.frame.offset):
            if draft.event.state == "final":
                finals[draft.event.event_id] = draft
        at_sec = (sighting.captured_at - began).total_seconds()
        for passage, box in _seen_in(sighting, camera):
            found[passage].append((at_sec, box))
    return [_tracked(draft, found[draft.passage]) for draft in finals.values() if draft.passage is not None]


def _seen_in(sighting: Sighting, camera: CameraPassages) -> Iterator[tuple[Passage, Xyxy]]:
    """Every passage that this sighting was one more frame of, and its box there."""
    shown = {vehicle.xyxy for vehicle in sighting.vehicles}
    for passage in (*camera.open_passages(), *camera.parked):
        box = passage.vehicle_place.last
        if passage.last_offset == sighting.frame.offset and box in shown:
            yield passage, box


def _tracked(draft: Draft, boxes: Boxes) -> Tracked:
    movement = draft.event.movement
    return Tracked(
        event_id=draft.event.event_id,
        boxes=boxes,
        crossings=tuple(crossing.to for crossing in movement.crossings) if movement else (),
    )
