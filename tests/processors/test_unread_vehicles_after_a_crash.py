"""Unread vehicles that park, move up and leave around the moment in which the stage dies: still one event
each, since what is read again begins where another vehicle came into view."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

import pytest

from contracts.messages.common import VehicleSeen, Xyxy
from contracts.messages.plate import PlateEvent
from contracts.messages.sighting import PlateSeen, Sighting
from processors.passages.settings import PassageSettings
from processors.plates import Plates
from tests.processors.passages.builders import NOON, a_plate, a_sighting, plate_box
from tests.processors.passages.fakes import EvidenceInMemory, SameFrame
from tests.processors.plates_stage import GREY, PARTITION, a_message, given_out, with_pictures
from tests.processors.yards import a_yard, crashed, finals, truck

Shown = tuple[Sequence[VehicleSeen], Sequence[PlateSeen]]
PLACE: Xyxy = (300.0, 100.0, 460.0, 240.0)
CAR: Xyxy = (700.0, 300.0, 860.0, 440.0)


def moved(box: Xyxy, by_px: float) -> Xyxy:
    return box[0] + by_px, box[1], box[2] + by_px, box[3]


def the_other() -> VehicleSeen:
    """For as long as its event is to come, what is read again begins where it came."""
    return VehicleSeen(kind="car", confidence=0.9, xyxy=CAR)


def a_read_car(vehicle: int) -> tuple[VehicleSeen, PlateSeen]:
    return the_other(), a_plate(plate_box(CAR), "KA05MN7007", vehicle=vehicle)


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
        other = [the_other()] if 95 <= at < 140 else []
        return ([truck(), *other] if at < 100 else other), ()

    stream = a_yard(170.0, seen)

    assert ids_and_last(crashed(stream, crash_sec)) == ids_and_last(crashed(stream))


def test_one_that_takes_the_place_of_one_that_has_left_is_another_one_after_a_restart_too() -> None:
    def seen(at: float) -> Shown:
        other = [the_other()] if 95 <= at < 140 else []
        return ([truck(), *other] if at < 100 or 130 <= at < 160 else other), ()

    stream = a_yard(170.0, seen)

    assert ids_and_last(crashed(stream, 135.0)) == ids_and_last(crashed(stream))
    assert len(ids_and_last(crashed(stream))) == 3


@pytest.mark.parametrize("crash_sec", [84.0, 86.0, 90.0])
@pytest.mark.parametrize("holds_back", [False, True])
def test_a_queue_that_moved_up_just_before_a_crash_goes_on_as_it_stands(
    crash_sec: float, holds_back: bool
) -> None:
    """Also when what is read again begins before it moved."""
    places = [moved(PLACE, by) for by in (-200.0, 0.0, 200.0)]

    def seen(at: float) -> Shown:
        up = min(1.0, max(0.0, (at - 80) / 1.5)) * 200
        queue = [truck(moved(each, up)) for each in places if each[0] + up < 680]
        return ([*queue, the_other()] if holds_back and 75 <= at < 120 else queue), ()

    stream = a_yard(150.0, seen)

    assert ids_and_last(crashed(stream, crash_sec)) == ids_and_last(crashed(stream))


@pytest.mark.parametrize("crash_sec", [74.0, 76.0, 80.0, 90.0])
def test_one_that_stood_at_a_place_before_the_one_that_stands_there_now_moved_up_stays_itself(
    crash_sec: float,
) -> None:
    def seen(at: float) -> Shown:
        up = min(1.0, max(0.0, (at - 70) / 1.5)) * 200
        behind = [truck(moved(PLACE, up - 200))] if at < 150 else []
        x0, y0, x1, y1 = moved(PLACE, up)
        in_px = max(0.0, 54 - at) * 60
        ahead = [truck((x0, y0 + in_px, x1, y1 + in_px))] if 50 <= at < 110 else []
        return [*behind, *ahead], ()

    stream = a_yard(180.0, seen)

    assert ids_and_last(crashed(stream, crash_sec)) == ids_and_last(crashed(stream))


@pytest.mark.parametrize("crash_sec", [66.0, 75.0])
def test_two_that_drive_in_close_to_one_another_are_not_taken_for_each_other(crash_sec: float) -> None:
    def seen(at: float) -> Shown:
        first = [truck(moved(PLACE, min(0.0, (at - 6) * 70)))] if 2 <= at < 100 else []
        second = [truck(moved(PLACE, min(0.0, (at - 9) * 70) - 45))] if 4 <= at < 110 else []
        there = [*first, *second]
        car, plate = a_read_car(len(there))
        return ([*there, car], [plate]) if 3 <= at < 58 else (there, [])

    stream = a_yard(140.0, seen)

    assert ids_and_last(crashed(stream, crash_sec)) == ids_and_last(crashed(stream))


@pytest.mark.parametrize("crash_sec", [104.0, 110.0, 125.0, 139.0])
def test_one_that_was_seen_to_drive_off_is_still_known_while_it_may_be_read_again(crash_sec: float) -> None:
    def seen(at: float) -> Shown:
        there = [truck(moved(PLACE, min(0.0, (100 - at) * 90)))] if at < 103 else []
        return ([*there, the_other()] if 95 <= at < 140 else there), ()

    stream = a_yard(170.0, seen)

    assert ids_and_last(crashed(stream, crash_sec)) == ids_and_last(crashed(stream))


@pytest.mark.parametrize("crash_sec", [108.0, 115.0, 129.0])
def test_one_that_comes_to_light_as_another_drives_off_keeps_its_event(crash_sec: float) -> None:
    def seen(at: float) -> Shown:
        leaves = [truck(moved(PLACE, max(0.0, at - 100) * -200))] if at < 102.5 else []
        stays = [truck(PLACE)] if 101 <= at < 130 else []
        return [*leaves, *stays], ()

    stream = a_yard(170.0, seen)

    whole, restarted = ids_and_last(crashed(stream)), ids_and_last(crashed(stream, crash_sec))
    assert whole.items() <= restarted.items()


@pytest.mark.parametrize("half_sec", [3, 6])
def test_one_that_is_half_hidden_and_then_hidden_is_one_event(half_sec: int) -> None:
    x0, y0, x1, y1 = PLACE
    half = truck((x0, y0, x0 + 0.45 * (x1 - x0), y1))

    def seen(at: float) -> Shown:
        if 90 <= at < 90 + half_sec:
            return [half], ()
        return [] if 90 + half_sec <= at < 94 + half_sec else [truck(PLACE)], ()

    assert len(ids_and_last(crashed(a_yard(160.0, seen)))) == 1


def test_the_same_recording_played_again_after_a_restart_is_another_vehicle() -> None:
    def film(epoch: str) -> list[Sighting]:
        shown = [a_sighting(n, [], [truck()], seconds=n / 4, epoch=epoch) for n in range(400)]
        return [*shown, a_sighting(400, seconds=100.0, epoch=epoch, end=True)]

    assert len(ids_and_last(crashed([*film("e1"), *film("e2")], 401 / 4))) == 2


async def test_one_whose_camera_is_caught_up_with_late_is_still_known() -> None:
    stream = with_pictures(a_yard(300.0, lambda at: ([truck()], ()) if at < 290 else ((), ())))
    stage = a_stage()
    before = await given_out(stage, stream[:400])
    kept = [out.value for out in stage.to_keep(PARTITION)]

    later = a_stage()
    later.assigned(PARTITION, 400, kept)
    for minutes in range(1, 15):
        later.tick(PARTITION, NOON + timedelta(minutes=minutes))
    after = [
        draft.event
        for offset, sighting in enumerate(stream[400:], start=400)
        for draft in later.take(a_message(sighting, offset))
    ]

    assert {event.event_id for event in after} == {event.event_id for event in before}


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
