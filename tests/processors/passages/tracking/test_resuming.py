"""A vehicle that nobody could read goes on where it stood, when it is seen again, and nowhere else."""

from __future__ import annotations

from datetime import timedelta

from contracts.messages.common import VehicleSeen, Xyxy
from contracts.messages.parked import Stand
from contracts.messages.plate import PlateEvent
from processors.passages.events.event import event_of_nothing
from processors.passages.observations import Observation
from processors.passages.passage import Passage
from processors.passages.settings import PassageSettings
from processors.passages.tracking.association import associate
from processors.passages.tracking.resuming import Resuming
from processors.passages.tracking.track import Track
from tests.contracts.builders import a_plate_event
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
    seen: Xyxy,
    *,
    seconds: float = 60.0,
    first_seconds: float | None = None,
    epoch: str = "e1",
    meanwhile: Xyxy | None = None,
) -> list[str]:
    """The events that go on at this time, when the first sightings after the restart showed nothing but,
    where that is given, a vehicle `meanwhile`."""
    resuming = Resuming(PassageSettings(), [parked()])
    first = seconds - 1.0 if first_seconds is None else first_seconds
    others = [] if meanwhile is None else [a_truck(meanwhile)]
    for number in range(int(seconds - first)):
        before = a_sighting(number, vehicles=others, seconds=first + number, epoch=epoch)
        resuming.given_up(before)
        assert resuming.tracks(before, first + number, []) == []
    sighting = a_sighting(99, vehicles=[a_truck(seen)], seconds=seconds, epoch=epoch)
    resuming.given_up(sighting)
    return [track.passage.origins.event_id for track in resuming.tracks(sighting, seconds, [])]


def test_what_is_seen_where_it_stood_is_the_same_event() -> None:
    assert resumed(STOOD) == [unread().event_id]
    assert resumed((310.0, 195.0, 515.0, 360.0)) == [unread().event_id]


def test_what_is_seen_beside_it_or_too_late_or_in_another_epoch_is_not() -> None:
    assert resumed((420.0, 200.0, 620.0, 360.0)) == []
    assert resumed(DROVE_IN) == []
    assert resumed(STOOD, first_seconds=55.0) == []
    assert resumed(STOOD, seconds=700.0) == []
    assert resumed(STOOD, epoch="e2") == []


def test_it_is_waited_for_while_another_one_stands_before_it() -> None:
    before_it: Xyxy = (380.0, 220.0, 700.0, 500.0)

    assert resumed(STOOD, first_seconds=20.0, meanwhile=before_it) == [unread().event_id]
    assert resumed(STOOD, first_seconds=20.0, meanwhile=DROVE_IN) == []
    assert resumed(STOOD, seconds=700.0, first_seconds=20.0, meanwhile=before_it) == []


def test_one_that_was_lost_is_waited_for_as_long_as_the_same_plate_would_be() -> None:
    for seconds, again in ((19.0, 1), (21.0, 0)):
        resuming, passage = Resuming(PassageSettings(), []), parked()
        resuming.wait_for(passage)
        sighting = a_sighting(1, vehicles=[a_truck()], seconds=seconds)
        given_up = resuming.given_up(sighting)
        assert (len(given_up), len(resuming.tracks(sighting, seconds, []))) == (1 - again, again)


def test_one_that_was_read_is_not_waited_for_by_its_place() -> None:
    resuming = Resuming(PassageSettings(), [])
    resuming.wait_for(Passage.still_parked(a_plate_event(), Stand(vehicle_xyxy=STOOD), kept_reads=1))
    assert resuming.waiting == []


def test_one_that_was_seen_to_leave_its_place_is_not_waited_for() -> None:
    for last, waits in (((420.0, 200.0, 500.0, 360.0), True), (DROVE_IN, False)):
        resuming, passage = Resuming(PassageSettings(), []), parked()
        passage.vehicle_place.add(last, passage.last_captured_at + timedelta(seconds=0.5))
        resuming.wait_for(passage)
        assert bool(resuming.waiting) is waits


def test_what_another_track_expects_at_the_place_is_not_it() -> None:
    resuming = Resuming(PassageSettings(), [parked()])
    other = Observation("vehicle-0", a_truck(), None)
    sighting = a_sighting(1, vehicles=[a_truck()], seconds=1.0)
    passage = Passage.begun(sighting, other, kept_reads=1)

    assert resuming.tracks(sighting, 1.0, [Track(passage, other, 0.8)]) == []
    assert len(resuming.tracks(sighting, 1.0, [])) == 1


def test_a_track_that_goes_on_does_not_reach_for_what_appears_beside_it() -> None:
    resuming = Resuming(PassageSettings(), [parked()])
    (track,) = resuming.tracks(a_sighting(1, vehicles=[a_truck()], seconds=1.0), 1.0, [])
    aside = Observation("vehicle-1", a_truck((700.0, 200.0, 900.0, 360.0)), None)

    assert associate([track], [aside], 1.0) == []
