"""Vehicles whose plate nobody could read, at cameras that ask for them: which are events, and how shown."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
import pytest

from contracts.messages.common import VehicleSeen, Xyxy
from contracts.messages.plate import PlateEvent
from contracts.messages.sighting import Sighting
from tests.processors.passages.builders import FRAME_WH, a_plate, a_sighting, plate_box
from tests.processors.passages.test_camera import a_camera, events

ASKED = frozenset({"gate"})


def a_car(box: Xyxy) -> VehicleSeen:
    return VehicleSeen(kind="car", confidence=0.8, xyxy=box)


def a_car_at(x: float, foot: float, width: float) -> VehicleSeen:
    """As far as the picture shows it."""
    left, top, right = x - width / 2, foot - 0.8 * width, x + width / 2
    return a_car((max(0.0, left), max(0.0, top), min(right, FRAME_WH[0]), min(foot, FRAME_WH[1])))


def unread(frames: Sequence[Sequence[VehicleSeen]]) -> list[PlateEvent]:
    stream: list[Sighting] = [a_sighting(number, (), seen) for number, seen in enumerate(frames)]
    return events([*stream, a_sighting(len(stream), end=True)], a_camera(unread=ASKED))


def test_a_car_that_drives_out_of_the_picture_is_shown_while_it_was_whole() -> None:
    nearing = [[a_car_at(500.0, 300.0 + 40 * n, 160.0 + 22 * n)] for n in range(10)]

    (event,) = unread(nearing)

    assert event.vehicle is not None
    assert event.vehicle.xyxy[3] == 500.0


def test_a_car_that_never_was_whole_is_shown_as_far_as_it_was() -> None:
    passing = [[a_car_at(500.0, 560.0 + 10 * n, 200.0 + 22 * n)] for n in range(6)]

    (event,) = unread(passing)

    assert event.vehicle is not None
    assert event.vehicle.xyxy[3] == FRAME_WH[1]


def test_writing_around_which_a_vehicle_was_found_for_a_moment_is_no_vehicle() -> None:
    sign = a_plate((300, 200, 380, 220), "X", sure=0.3)
    stream = [
        a_sighting(n, [msgspec.structs.replace(sign, vehicle=0)], [a_car((240, 100, 440, 240))])
        if n in (3, 4)
        else a_sighting(n, [sign])
        for n in range(12)
    ]

    assert events([*stream, a_sighting(12, end=True)], a_camera(unread=ASKED)) == []


@pytest.mark.parametrize(("frames", "told"), [(1, 0), (2, 1)])
def test_a_far_vehicle_is_not_made_large_by_the_box_of_one_frame(frames: int, told: int) -> None:
    far = [[a_car((400, 200, 450, 240))] for _ in range(8)]
    with_another = [[a_car((395, 190, 475, 250))]] * frames

    assert len(unread([*far, *with_another, *far])) == told


def test_a_vehicle_that_comes_into_view_where_one_that_filled_the_picture_has_left_is_another_one() -> None:
    """Trucks that queue under a low camera: the first one leaves while the next one is still small."""
    nearing = [[a_car((400.0, 0.0, 640.0 + 32 * n, 160.0 + 38 * n))] for n in range(11)]
    next_one = [[a_car((410.0, 0.0, 600.0 + 30 * n, 130.0 + 36 * n))] for n in range(11)]

    found = unread([*nearing, [], [], *next_one])

    assert len({event.event_id for event in found}) == 2


def test_a_vehicle_that_drives_off_is_not_the_one_that_follows_it() -> None:
    leaving = [[a_car((400.0 + 6 * n, 0.0, 700.0 - 10 * n, 360.0 - 30 * n))] for n in range(10)]
    follower = [[a_car((100.0 + 20 * n, 60.0, 560.0, 540.0 - 20 * n))] for n in range(10)]

    found = unread([*leaving, [], *follower])

    assert len({event.event_id for event in found}) == 2


def test_a_box_around_two_vehicles_that_are_seen_is_none() -> None:
    left, right = a_car((100.0, 100.0, 400.0, 500.0)), a_car((420.0, 100.0, 720.0, 500.0))
    around = a_car((100.0, 95.0, 725.0, 505.0))

    assert len(unread([[left, right, around]] * 8)) == 2


def test_a_truck_that_stands_out_above_two_cars_before_it_is_one() -> None:
    truck = a_car((100.0, 60.0, 500.0, 460.0))
    cars = [a_car((95.0, 160.0, 298.0, 470.0)), a_car((302.0, 160.0, 505.0, 470.0))]

    assert len(unread([[truck, *cars]] * 8)) == 3


def test_a_truck_with_motorcycles_before_it_is_one() -> None:
    truck = a_car((100.0, 50.0, 500.0, 500.0))
    riders = [a_car((120.0, 300.0, 200.0, 500.0)), a_car((350.0, 300.0, 430.0, 500.0))]

    assert len(unread([[truck, *riders]] * 8)) == 3


def test_a_part_of_a_parked_vehicle_whose_plate_was_read_is_no_unread_one_beside_it() -> None:
    car = a_car((300.0, 200.0, 500.0, 360.0))
    box = plate_box(car.xyxy)
    clear = a_plate(box, "MH12AB1234", vehicle=0)
    # So doubtful that only with the end of what shows it, it is known to be the same plate.
    blurred = a_plate(box, "MH12AB1234", vehicle=0, sure=0.9, mistaken={8: ("8", 0.45), 9: ("7", 0.45)})
    shown = [*[clear] * 325, *[None] * 15, *[blurred] * 10, *[None] * 15, *[blurred] * 10, *[None] * 15]
    stream = [a_sighting(n, [plate], [car]) if plate else a_sighting(n) for n, plate in enumerate(shown)]

    found = events(stream, a_camera(unread=ASKED))

    assert len({event.event_id for event in found}) == 1
    assert all(event.reading for event in found)
