"""Unread vehicles that park, move up and leave around the moment in which the stage dies: still one event
each, since what is read again begins where another vehicle came into view."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

import pytest

from contracts.messages.common import VehicleSeen, Xyxy
from contracts.messages.plate import PlateEvent
from contracts.messages.sighting import PlateSeen
from processors.passages.settings import PassageSettings
from processors.plates import Plates
from tests.processors.passages.builders import NOON, a_plate, plate_box
from tests.processors.passages.fakes import EvidenceInMemory, SameFrame
from tests.processors.plates_stage import GREY, PARTITION, a_message, with_pictures
from tests.processors.yards import a_yard, crashed, finals, truck

Shown = tuple[Sequence[VehicleSeen], Sequence[PlateSeen]]
PLACE: Xyxy = (300.0, 100.0, 460.0, 240.0)
CAR: Xyxy = (700.0, 300.0, 860.0, 440.0)


def moved(box: Xyxy, by_px: float) -> Xyxy:
    return box[0] + by_px, box[1], box[2] + by_px, box[3]


def a_read_car(vehicle: int) -> tuple[VehicleSeen, PlateSeen]:
    car = VehicleSeen(kind="car", confidence=0.9, xyxy=CAR)
    return car, a_plate(plate_box(CAR), "KA05MN7007", vehicle=vehicle)


def ids_and_last(events: Sequence[PlateEvent]) -> dict[str, timedelta]:
    return {each.event_id: each.last_captured_at - NOON for each in finals(events)}


@pytest.mark.parametrize("crash_sec", [65.0, 70.0])
def test_one_that_was_still_driving_in_where_a_restart_begins_to_read_is_the_one_that_stands_there(
    crash_sec: float,
) -> None:
    def seen(at: float) -> Shown:
        vehicles = [truck(moved(PLACE, min(0.0, (at - 6) * 70)))] if 2 <= at < 100 else []
        car, plate = a_read_car(len(vehicles))
        return ([*vehicles, car], [plate]) if 3 <= at < 58 else (vehicles, [])

    stream = a_yard(130.0, seen)

    assert ids_and_last(crashed(stream, crash_sec)) == ids_and_last(crashed(stream))


def test_one_that_stood_there_before_it_came_is_another_one_also_when_both_are_read_again() -> None:
    def seen(at: float) -> Shown:
        second = truck(moved(truck().xyxy, min(0.0, (at - 28) * 120)))
        there = [truck()] if 4 <= at < 20 else [second] if 25 <= at < 105 else []
        car, plate = a_read_car(len(there))
        return ([*there, car], [plate]) if 3 <= at < 62 else (there, [])

    stream = a_yard(110.0, seen)

    assert ids_and_last(crashed(stream, 90.0)) == ids_and_last(crashed(stream))
    assert len(ids_and_last(crashed(stream))) == 3


@pytest.mark.parametrize("crash_sec", [110.0, 125.0, 139.0])
def test_one_that_has_left_is_still_known_while_it_may_be_read_again(crash_sec: float) -> None:
    def seen(at: float) -> Shown:
        other = [VehicleSeen(kind="car", confidence=0.9, xyxy=CAR)] if 95 <= at < 140 else []
        return ([truck(), *other] if at < 100 else other), ()

    stream = a_yard(170.0, seen)

    assert ids_and_last(crashed(stream, crash_sec)) == ids_and_last(crashed(stream))


def test_one_that_takes_the_place_of_one_that_has_left_is_another_one_after_a_restart_too() -> None:
    def seen(at: float) -> Shown:
        other = [VehicleSeen(kind="car", confidence=0.9, xyxy=CAR)] if 95 <= at < 140 else []
        return ([truck(), *other] if at < 100 or 130 <= at < 160 else other), ()

    stream = a_yard(170.0, seen)

    assert ids_and_last(crashed(stream, 135.0)) == ids_and_last(crashed(stream))
    assert len(ids_and_last(crashed(stream))) == 3


@pytest.mark.parametrize("crash_sec", [84.0, 86.0, 90.0])
def test_a_queue_that_moved_up_just_before_a_crash_goes_on_as_it_stands(crash_sec: float) -> None:
    places = [moved(PLACE, by) for by in (-200.0, 0.0, 200.0)]

    def seen(at: float) -> Shown:
        up = min(1.0, max(0.0, (at - 80) / 1.5)) * 200
        return [truck(moved(each, up)) for each in places if each[0] + up < 680], ()

    stream = a_yard(130.0, seen)

    assert ids_and_last(crashed(stream, crash_sec)) == ids_and_last(crashed(stream))


async def test_what_was_not_told_of_one_at_a_camera_that_never_sends_again_is_told_after_a_restart() -> None:
    stream = with_pictures(a_yard(88.0, lambda at: ((), ()) if 70 <= at < 75 else ([truck()], ())))
    stage = a_stage()
    for offset, sighting in enumerate(stream):
        for draft in stage.take(a_message(sighting, offset)):
            await stage.finish(draft)
    kept = [out.value for out in stage.to_keep(PARTITION)]

    later = a_stage()
    later.assigned(PARTITION, len(stream), kept)
    minutes = (later.tick(PARTITION, NOON + timedelta(minutes=each)) for each in range(1, 13))
    told = [draft.event for drafts in minutes for draft in drafts]

    assert [event.last_captured_at for event in told] == [stream[-1].captured_at]


def a_stage() -> Plates:
    return Plates(
        settings=PassageSettings(),
        frames=SameFrame(GREY),
        evidence=EvidenceInMemory(),
        unread={"gate"},
        now=lambda: NOON,
    )
