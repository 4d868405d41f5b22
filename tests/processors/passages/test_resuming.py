"""After a restart a vehicle that nobody could read goes on where it stood, and nowhere else."""

from __future__ import annotations

from contracts.messages.common import VehicleSeen, Xyxy
from contracts.messages.parked import Stand
from contracts.messages.plate import PlateEvent
from processors.passages.event import event_of_nothing
from processors.passages.passage import Passage
from processors.passages.resuming import Resuming
from processors.passages.settings import PassageSettings
from tests.processors.passages.builders import NOON, a_sighting

DROVE_IN: Xyxy = (40.0, 300.0, 340.0, 530.0)
STOOD: Xyxy = (300.0, 200.0, 500.0, 360.0)


def a_truck(xyxy: Xyxy = STOOD) -> VehicleSeen:
    return VehicleSeen(kind="truck", confidence=0.9, xyxy=xyxy)


def unread() -> PlateEvent:
    """It was seen best where it drove in."""
    return event_of_nothing(a_sighting(0, vehicles=[a_truck(DROVE_IN)]), now=NOON)


def parked() -> Passage:
    return Passage.still_parked(unread(), Stand(vehicle_xyxy=STOOD), kept_reads=1)


def resumed(
    seen: Xyxy, *, seconds: float = 60.0, first_seconds: float | None = None, epoch: str = "e1"
) -> list[str]:
    """The events that go on at this time, when the first sighting after the restart was empty."""
    resuming = Resuming(PassageSettings(), [parked()])
    first = seconds - 1.0 if first_seconds is None else first_seconds
    assert resuming.tracks(a_sighting(1, seconds=first, epoch=epoch), first) == []
    sighting = a_sighting(2, vehicles=[a_truck(seen)], seconds=seconds, epoch=epoch)
    return [track.passage.origins.event_id for track in resuming.tracks(sighting, seconds)]


def test_what_is_seen_where_it_stood_is_the_same_event() -> None:
    assert resumed(STOOD) == [unread().event_id]
    assert resumed((310.0, 195.0, 515.0, 360.0)) == [unread().event_id]


def test_what_is_seen_beside_it_or_too_late_or_in_another_epoch_is_not() -> None:
    assert resumed((420.0, 200.0, 620.0, 360.0)) == []
    assert resumed(DROVE_IN) == []
    assert resumed(STOOD, first_seconds=55.0) == []
    assert resumed(STOOD, seconds=700.0) == []
    assert resumed(STOOD, epoch="e2") == []
