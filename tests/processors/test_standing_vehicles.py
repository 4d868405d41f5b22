"""Vehicles that stand for long: few events, and little that is held back for them, whatever hides them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

import msgspec
import pytest

from contracts.messages.common import VehicleSeen, Xyxy
from contracts.messages.plate import PlateEvent
from contracts.messages.sighting import Sighting
from processors.passages.settings import PassageSettings
from tests.processors.lives import after_crashes
from tests.processors.passages.builders import Drive, a_plate, a_sighting, plate_box
from tests.processors.plates_stage import PARTITION, a_message, a_stage

PLATE: Xyxy = (470.0, 320.0, 530.0, 336.0)
FRAMES_PER_SECOND = 4.0
SETTINGS = PassageSettings()


def a_standing_car(
    seconds: float, *, every_sec: float, seen_sec: float, sure: float = 0.95
) -> list[Sighting]:
    """Its plate is to be seen for the first `seen_sec` of `every_sec`, then something hides the car."""
    stream = []
    for number in range(int(seconds * FRAMES_PER_SECOND)):
        at_sec = number / FRAMES_PER_SECOND
        plates = [a_plate(PLATE, "MH12AB1234", sure=sure)] if at_sec % every_sec < seen_sec else []
        stream.append(a_sighting(number, plates, seconds=at_sec, origin="live"))
    return stream


def most_held_back(stream: Sequence[Sighting]) -> float:
    """So many seconds of sightings would be read again after a restart, at most."""
    stage, most = a_stage(), 0
    for offset, sighting in enumerate(stream):
        stage.take(a_message(sighting, offset))
        progress = stage.progress(PARTITION)
        most = max(most, offset - progress.replay_from if progress else 0)
    return most / FRAMES_PER_SECOND


def finals(events: Sequence[PlateEvent]) -> list[PlateEvent]:
    return [event for event in events if event.state == "final"]


def test_a_car_that_is_hidden_again_and_again_parks_and_is_told_of_rarely() -> None:
    stream = a_standing_car(900.0, every_sec=30.0, seen_sec=26.0)

    found = finals(after_crashes(stream, []))

    assert len({event.event_id for event in found}) == 1
    # Two hidings before it parks, its parking, that it was gone for once, and then a refresh now and then.
    assert len(found) <= 4 + 900 / SETTINGS.refresh_sec
    assert most_held_back(stream) <= SETTINGS.longest_sec + SETTINGS.repeat_sec


def test_a_car_of_which_only_glimpses_are_seen_parks_too() -> None:
    stream = a_standing_car(600.0, every_sec=10.0, seen_sec=0.5, sure=0.9)

    found = finals(after_crashes(stream, []))

    assert len({event.event_id for event in found}) == 1
    assert len(found) <= 600 / SETTINGS.refresh_sec + SETTINGS.longest_sec / 10 + 2
    assert most_held_back(stream) <= SETTINGS.longest_sec + SETTINGS.repeat_sec


def test_when_a_car_left_that_had_been_hidden_before_is_told_in_time() -> None:
    hidden = a_standing_car(200.0, every_sec=30.0, seen_sec=26.0)
    left_at = hidden[-1].captured_at
    empty = [
        a_sighting(len(hidden) + number, seconds=200.0 + number, origin="live")
        for number in range(round(SETTINGS.refresh_sec))
    ]

    last = finals(after_crashes([*hidden, *empty], []))[-1]

    assert left_at - last.last_captured_at <= timedelta(seconds=4)


def test_the_end_of_a_film_tells_when_a_car_was_last_seen_that_is_hidden_just_then() -> None:
    film = a_standing_car(178.0, every_sec=30.0, seen_sec=26.0)
    film.append(a_sighting(len(film), seconds=178.0, end=True))

    last = finals(after_crashes(film, []))[-1]

    assert (film[-1].captured_at - last.last_captured_at).total_seconds() <= 3


@pytest.mark.parametrize("cuts", [[40.0], [61.0], [75.0, 100.0], [62.0, 88.5, 119.0, 121.0]])
def test_a_car_that_is_hidden_again_and_again_is_one_event_whoever_dies(cuts: list[float]) -> None:
    stream = a_standing_car(170.0, every_sec=20.0, seen_sec=15.0)

    found = after_crashes(stream, [int(cut * FRAMES_PER_SECOND) for cut in cuts])

    assert len({event.event_id for event in found}) == 1


def a_standing_truck(seconds: float, *, from_number: int = 0) -> list[Sighting]:
    """Its plate cannot be seen; its box trembles."""
    stream = []
    for number in range(from_number, from_number + int(seconds * FRAMES_PER_SECOND)):
        shift = float(number % 3)
        truck = VehicleSeen(kind="truck", confidence=0.9, xyxy=(300 + shift, 200.0, 500 + shift, 360 - shift))
        at_sec = number / FRAMES_PER_SECOND
        stream.append(a_sighting(number, [], [truck], seconds=at_sec, origin="live"))
    return stream


def an_empty_yard(seconds: float, *, from_number: int) -> list[Sighting]:
    return [
        a_sighting(number, seconds=number / FRAMES_PER_SECOND, origin="live")
        for number in range(from_number, from_number + int(seconds * FRAMES_PER_SECOND))
    ]


def crashed(stream: Sequence[Sighting], *at_sec: float) -> list[PlateEvent]:
    return after_crashes(stream, [int(at * FRAMES_PER_SECOND) for at in at_sec], unread={"gate"})


@pytest.mark.parametrize("at_sec", [(61.0,), (60.0, 60.25, 60.5), (30.0, 90.0, 200.0, 310.0, 361.0)])
def test_a_standing_vehicle_that_nobody_can_read_is_one_event_whoever_dies(at_sec: Sequence[float]) -> None:
    standing = a_standing_truck(370.0)
    stream = [*standing, *an_empty_yard(5.0, from_number=len(standing))]

    found = crashed(stream, *at_sec)

    assert len({event.event_id for event in found}) == 1
    # Its parking, a refresh, and that it left.
    assert [event.state for event in found[-3:]] == ["final"] * 3
    assert (found[-1].revision, found[-1].last_captured_at) == (36976, standing[-1].captured_at)
    assert found[-1].evidence is not None


def test_one_that_shows_its_plate_after_a_restart_is_still_the_same_event() -> None:
    stream = a_standing_truck(80.0)
    plate = a_plate(PLATE, "MH12AB1234", vehicle=0)
    seen = a_standing_truck(10.0, from_number=len(stream))
    stream += [msgspec.structs.replace(each, plates=(plate,)) for each in seen]
    stream += an_empty_yard(5.0, from_number=len(stream))

    found = crashed(stream, 75.0)

    assert len({event.event_id for event in found}) == 1
    assert found[-1].reading is not None
    assert found[-1].reading.text == "MH12AB1234"


def test_another_one_that_stops_there_later_is_another_event_after_a_restart_too() -> None:
    stream = a_standing_truck(70.0)
    stream += an_empty_yard(20.0, from_number=len(stream))
    stream += a_standing_truck(70.0, from_number=len(stream))

    assert len({event.event_id for event in crashed(stream)}) == 2
    assert len({event.event_id for event in crashed(stream, 80.0)}) == 2


def one_that_drives_in_and_stands(seconds: float, *, plate: bool) -> list[Sighting]:
    """It is nearest, and seen best, when it drives in."""
    drive = Drive(
        text="MH12AB1234",
        starts_sec=0.0,
        from_xy=(250.0, 400.0),
        to_xy=(700.0, 180.0),
        from_width=260.0,
        to_width=120.0,
    )
    stream = []
    for number in range(int(seconds * FRAMES_PER_SECOND)):
        at_sec = number / FRAMES_PER_SECOND
        box = drive.box(min(at_sec, drive.lasts_sec))
        assert box is not None
        car = VehicleSeen(kind="car", confidence=0.9, xyxy=box)
        plates = [a_plate(plate_box(box), drive.text, vehicle=0)] if plate else []
        stream.append(a_sighting(number, plates, [car], seconds=at_sec, origin="live"))
    return stream


@pytest.mark.parametrize("plate", [True, False])
def test_one_that_drove_in_is_known_where_it_stands_after_a_restart(plate: bool) -> None:
    standing = one_that_drives_in_and_stands(120.0, plate=plate)
    stream = [*standing, *an_empty_yard(5.0, from_number=len(standing))]
    whole = crashed(stream)[-1]

    for at_sec in (70.0, 100.0):
        found = crashed(stream, at_sec)
        assert {event.event_id for event in found} == {whole.event_id}
        assert found[-1].vehicle == whole.vehicle
        assert found[-1].last_captured_at == whole.last_captured_at


def test_one_that_moved_in_its_bay_is_known_there_after_a_restart() -> None:
    stood = one_that_drives_in_and_stands(70.0, plate=True)
    moved = Drive(text="MH12AB1234", starts_sec=70.0, lasts_sec=20.0, from_xy=(700.0, 180.0),
                  to_xy=(200.0, 180.0), from_width=120.0, to_width=120.0)  # fmt: skip
    stream = [*stood]
    for number in range(len(stood), int(500 * FRAMES_PER_SECOND)):
        at_sec = number / FRAMES_PER_SECOND
        box = moved.box(min(at_sec, 90.0))
        assert box is not None
        plate = a_plate(plate_box(box), moved.text, vehicle=0)
        car = VehicleSeen(kind="car", confidence=0.9, xyxy=box)
        stream.append(a_sighting(number, [plate], [car], seconds=at_sec, origin="live"))

    assert len({event.event_id for event in crashed(stream, 450.0)}) == 1
