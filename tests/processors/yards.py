"""Yards in which vehicles stand, written frame by frame, and what a stage that dies tells of them."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from contracts.messages.common import VehicleSeen, Xyxy
from contracts.messages.plate import PlateEvent
from contracts.messages.sighting import PlateSeen, Sighting
from tests.processors.lives import after_crashes
from tests.processors.passages.builders import a_plate, a_sighting

PER_SECOND = 4
TRUCK: Xyxy = (300.0, 150.0, 640.0, 380.0)
PLATE: Xyxy = (470.0, 320.0, 530.0, 336.0)

Seen = Callable[[float], tuple[Sequence[VehicleSeen], Sequence[PlateSeen]]]


def a_yard(seconds: float, seen: Seen) -> list[Sighting]:
    stream = []
    for number in range(int(seconds * PER_SECOND)):
        vehicles, plates = seen(number / PER_SECOND)
        at_sec = number / PER_SECOND
        stream.append(a_sighting(number, plates, vehicles, seconds=at_sec, origin="live"))
    return stream


def truck(box: Xyxy = TRUCK) -> VehicleSeen:
    return VehicleSeen(kind="truck", confidence=0.9, xyxy=box)


def its_plate(text: str = "MH12AB1234", *, aside_px: float = 0.0, sure: float = 0.95) -> PlateSeen:
    x0, y0, x1, y1 = PLATE
    return a_plate((x0 + aside_px, y0, x1 + aside_px, y1), text, vehicle=0, sure=sure)


def crashed(stream: Sequence[Sighting], *at_sec: float) -> list[PlateEvent]:
    return after_crashes(stream, [int(at * PER_SECOND) for at in at_sec], unread={"gate"})


def finals(events: Sequence[PlateEvent], text: str | None = None) -> list[PlateEvent]:
    read = [(each, each.reading.text if each.reading else None) for each in events if each.state == "final"]
    return [each for each, its_text in read if text in (None, its_text)]
