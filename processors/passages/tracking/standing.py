"""The vehicles that stand at a camera -> what is kept of them for a restart, whenever that is new."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from datetime import datetime

from contracts.messages.common import CameraId, Xyxy
from contracts.messages.parked import ParkedVehicles, Stand
from contracts.messages.plate import PlateEvent
from processors.passages.passage import Passage
from processors.passages.tracking.motion import centre, size

_MOVED_SIZES = 0.5
_TOLD_EVERY_SEC = 30.0


class Standing:
    """Of one camera. It is new when other vehicles stand there, when an event was given, when one has moved,
    and every half minute while one is seen: more is not lost of how long it stood there."""

    def __init__(self, camera: CameraId, known: Sequence[Passage]) -> None:
        self._camera = camera
        self._kept = _as_kept(known)

    def news(self, parked: Sequence[Passage]) -> ParkedVehicles | None:
        """What is to be kept from now on; None while what is kept will do."""
        now = _as_kept(parked)
        if now.keys() == self._kept.keys() and not any(_is_new(self._kept[name], now[name]) for name in now):
            return None
        self._kept = now
        return ParkedVehicles(
            camera=self._camera,
            events=tuple(event for event, _ in now.values()),
            stands=tuple(stand for _, stand in now.values()),
        )


def _as_kept(parked: Sequence[Passage]) -> Mapping[str, tuple[PlateEvent, Stand]]:
    return {each.given.event_id: (each.given, each.stand) for each in parked if each.given is not None}


def _is_new(before: tuple[PlateEvent, Stand], now: tuple[PlateEvent, Stand]) -> bool:
    (event_before, stood), (event, stands) = before, now
    return (
        event.revision != event_before.revision
        or stands.gone != stood.gone
        or _has_moved(stood.vehicle_xyxy, stands.vehicle_xyxy)
        or _has_moved(stood.plate_xyxy, stands.plate_xyxy)
        or _is_later(stood.last_captured_at, stands.last_captured_at)
    )


def _has_moved(before: Xyxy | None, now: Xyxy | None) -> bool:
    if before is None or now is None:
        return before is not now
    return math.dist(centre(before), centre(now)) > _MOVED_SIZES * size(before)


def _is_later(before: datetime | None, now: datetime | None) -> bool:
    if before is None or now is None:
        return before is not now
    return (now - before).total_seconds() >= _TOLD_EVERY_SEC
