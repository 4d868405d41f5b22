"""Which observation continues which track: a plate that is surely the same decides before anything else."""

from __future__ import annotations

from typing import Any

import pytest

from contracts.messages.common import VehicleSeen, Xyxy
from processors.passages.observations import Observation, observations
from processors.passages.passage import Passage
from processors.passages.tracking import association
from processors.passages.tracking.association import associate, vehicle_distance, without_stray_plate
from processors.passages.tracking.track import Track
from processors.readings.alignment import surely_differing_in_part
from tests.processors.passages.builders import a_plate, a_sighting


def seen(
    number: int, *, plate: Xyxy | None = None, vehicle: Xyxy | None = None, text: str = "MH12AB1234"
) -> Observation:
    vehicles = () if vehicle is None else (VehicleSeen(kind="car", confidence=0.8, xyxy=vehicle),)
    plates = () if plate is None else (a_plate(plate, text, vehicle=0 if vehicle else None),)
    (found,) = observations(a_sighting(number, plates, vehicles))
    return found


def a_track(*observed: Observation) -> Track:
    sightings = [a_sighting(number) for number in range(len(observed))]
    passage = Passage.begun(sightings[0], observed[0], kept_reads=24)
    track = Track(passage, observed[0], 0.0)
    for number, (sighting, each) in enumerate(zip(sightings, observed, strict=True)):
        passage.add(sighting, each, number)
        if number:
            track.follow(each, number / 5)
    return track


def test_a_plate_goes_to_its_own_track_though_another_one_then_finds_nothing() -> None:
    """A wrong box that stands beside is near enough to take the plate, and a neighbour to take its track."""
    car = a_track(
        seen(0, plate=(120.0, 200.0, 200.0, 220.0), vehicle=(70.0, 100.0, 250.0, 240.0)),
        seen(1, plate=(250.0, 200.0, 330.0, 220.0), vehicle=(200.0, 100.0, 380.0, 240.0)),
    )
    stands = (410.0, 100.0, 590.0, 240.0)
    flicker = a_track(seen(0, vehicle=stands), seen(1, vehicle=stands))
    plate = seen(2, plate=(380.0, 200.0, 460.0, 220.0), vehicle=(330.0, 100.0, 510.0, 240.0))
    neighbour = seen(2, vehicle=(250.0, 100.0, 430.0, 240.0))

    pairs = {id(track): found for track, found in associate([flicker, car], [neighbour, plate], 0.4)}

    assert pairs[id(car)] is plate
    assert id(flicker) not in pairs


def test_a_track_that_may_go_on_where_it_is_does_not_leave_for_the_plate_of_a_look_alike() -> None:
    """For a frame its own plate is not found, and that of the car beside it is read as its own."""
    at, beside = (100.0, 100.0, 280.0, 240.0), (320.0, 100.0, 500.0, 240.0)
    on, on_beside = (150.0, 200.0, 230.0, 220.0), (370.0, 200.0, 450.0, 220.0)
    car = a_track(*(seen(number, plate=on, vehicle=at) for number in range(3)))
    look_alike = a_track(
        *(seen(number, plate=on_beside, vehicle=beside, text="MH12AB1284") for number in range(3))
    )
    unread, misread = seen(3, vehicle=at), seen(3, plate=on_beside, vehicle=beside)

    pairs = {id(track): found for track, found in associate([car, look_alike], [unread, misread], 0.6)}

    assert pairs == {id(car): unread, id(look_alike): misread}


def test_of_thirty_plates_only_those_that_are_near_each_other_are_compared_by_text(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Comparing every text with every other is what took half a second a frame."""
    numbers = [f"MH12AB{1000 + 37 * place}" for place in range(30)]
    boxes = [(150.0 * place, 200.0, 150.0 * place + 90, 220.0) for place in range(30)]
    found = observations(
        a_sighting(1, [a_plate(box, text) for box, text in zip(boxes, numbers, strict=True)])
    )
    tracks = [a_track(each) for each in found]
    compared: list[object] = []

    def counted(one: Any, other: Any) -> float:
        compared.append(one)
        return surely_differing_in_part(one, other)

    monkeypatch.setattr(association, "surely_differing_in_part", counted)
    pairs = associate(tracks, found, 0.2)

    assert {id(track): each for track, each in pairs} == {
        id(track): each for track, each in zip(tracks, found, strict=True)
    }
    assert len(compared) <= 3 * len(found)


def test_a_plate_that_is_found_twice_half_a_height_apart_is_one_and_two_that_overlap_are_two() -> None:
    plate = a_plate((760.0, 156.0, 831.0, 173.0), "UP15LJ5294", confidence=0.9)
    again = a_plate((761.0, 141.0, 835.0, 165.0), "UP15LJ5794", confidence=0.3)
    other = a_plate((761.0, 141.0, 835.0, 165.0), "MH44TE7415", confidence=0.3)

    assert len(observations(a_sighting(0, [plate, again]))) == 1
    assert len(observations(a_sighting(0, [plate, other]))) == 2


def test_a_plate_far_from_its_vehicle_is_not_taken_for_a_blurred_one() -> None:
    """A parked car was read once, badly; another car's plate appears where nothing is known to have gone."""
    standing = (850.0, 220.0, 950.0, 300.0)
    blurred = a_plate((880.0, 280.0, 920.0, 292.0), "KA05MN7007", vehicle=0, sure=0.4)
    far = a_plate((500.0, 300.0, 540.0, 312.0), "MH12AB1234")
    (parked,) = observations(
        a_sighting(0, [blurred], [VehicleSeen(kind="car", confidence=0.8, xyxy=standing)])
    )
    (plate,) = observations(a_sighting(1, [far]))

    assert associate([a_track(parked)], [plate], 0.2) == []


def test_an_ornament_is_not_taken_for_the_plate_that_was_read_elsewhere_on_the_vehicle() -> None:
    car = (300.0, 100.0, 600.0, 340.0)
    track = a_track(*(seen(number, plate=(400.0, 300.0, 480.0, 320.0), vehicle=car) for number in range(4)))
    ornament = a_plate((560.0, 120.0, 600.0, 130.0), "KL", vehicle=0)
    (found,) = observations(a_sighting(4, [ornament], [VehicleSeen(kind="car", confidence=0.8, xyxy=car)]))

    kept = without_stray_plate(track, found, 0.8)

    assert kept.read is None
    assert kept.vehicle == found.vehicle
    own = seen(4, plate=(400.0, 300.0, 480.0, 320.0), vehicle=car)
    assert without_stray_plate(track, own, 0.8) is own


@pytest.mark.parametrize(("high_px", "follows"), [(20.0, False), (11.0, True)])
def test_characters_too_small_to_be_told_apart_take_no_plate_from_its_track(
    high_px: float, follows: bool
) -> None:
    """As it drives away a reader is sure of other characters all the same."""
    box = (400.0, 300.0, 400.0 + 4 * high_px, 300.0 + high_px)
    track = a_track(*(seen(number, plate=box) for number in range(3)))
    (other,) = observations(a_sighting(3, [a_plate(box, "TH22RL0078")]))

    assert associate([track], [other], 0.6) == ([(track, other)] if follows else [])


def test_a_vehicle_goes_with_the_plate_at_its_bottom_and_not_with_one_of_a_vehicle_behind_it() -> None:
    """Boxes of a rendered street: the truck behind the car was not found as one."""
    car = (210.0, 26.0, 705.0, 660.0)
    behind = a_plate((502.0, 48.0, 544.0, 70.0), "MH06RA4522", vehicle=0, confidence=0.91)
    own = a_plate((388.0, 566.0, 518.0, 594.0), "KA11U7068", vehicle=0, confidence=0.77)
    found = observations(a_sighting(0, [behind, own], [VehicleSeen(kind="car", confidence=0.8, xyxy=car)]))

    vehicles = {each.read.text: each.vehicle for each in found if each.read}
    assert vehicles["MH06RA4522"] is None
    assert vehicles["KA11U7068"] is not None
    (alone,) = observations(a_sighting(0, [behind], [VehicleSeen(kind="car", confidence=0.8, xyxy=car)]))
    assert alone.vehicle is not None


def a_blur(number: int, *, plate: Xyxy, vehicle: Xyxy) -> Observation:
    """A vehicle with something on it that is taken for a plate and that nobody can read."""
    found = a_plate(plate, "K", vehicle=0, confidence=0.35, sure=0.3)
    (one,) = observations(
        a_sighting(number, [found], [VehicleSeen(kind="car", confidence=0.8, xyxy=vehicle)])
    )
    return one


def test_a_vehicle_is_not_lost_to_a_box_of_a_moment_because_of_what_nobody_can_read_on_it() -> None:
    """Boxes of a real street: the grille was taken for a plate, then a lamp; once, two cars were one box."""
    nearing: list[tuple[Xyxy, Xyxy]] = [
        ((263, 163, 276, 166), (227, 121, 297, 177)),
        ((268, 166, 280, 169), (233, 126, 312, 185)),
        ((274, 168, 286, 171), (237, 129, 334, 194)),
        ((282, 170, 294, 173), (246, 129, 355, 210)),
    ]
    car = a_track(*(a_blur(number, plate=plate, vehicle=box) for number, (plate, box) in enumerate(nearing)))
    moment = a_track(seen(0, vehicle=(168.0, 96.0, 264.0, 154.0)))
    now = a_blur(4, plate=(350, 206, 370, 210), vehicle=(256, 134, 383, 226))

    assert associate([moment, car], [now], 0.8) == [(car, now)]


@pytest.mark.parametrize(("unseen_frames", "goes_on"), [(2, True), (5, False)])
def test_lamps_of_the_next_vehicle_do_not_keep_one_that_has_gone(unseen_frames: int, goes_on: bool) -> None:
    """Found where its plate would be, without characters, and no vehicle has been seen there since."""
    car = a_track(
        *(
            seen(number, plate=(150.0, 200.0, 230.0, 220.0), vehicle=(100.0, 100.0, 280.0, 240.0))
            for number in range(4)
        )
    )
    lamp = seen(3 + unseen_frames, plate=(152.0, 200.0, 228.0, 222.0), text="")

    assert bool(associate([car], [lamp], (3 + unseen_frames) / 5)) is goes_on


def test_a_plate_that_can_be_read_keeps_it_though_no_vehicle_is_found_around_it() -> None:
    car = a_track(
        *(
            seen(number, plate=(150.0, 200.0, 230.0, 220.0), vehicle=(100.0, 100.0, 280.0, 240.0))
            for number in range(4)
        )
    )

    assert associate([car], [seen(9, plate=(150.0, 200.0, 230.0, 220.0))], 1.8)


def test_what_cannot_be_read_on_another_vehicle_is_not_the_plate_that_was_read() -> None:
    """It is not far from where that one was last, by the reach of a plate unseen for a while."""
    plate, vehicle = (400.0, 460.0, 490.0, 482.0), (380.0, 260.0, 780.0, 540.0)
    gone = a_track(*(seen(number, plate=plate, vehicle=vehicle) for number in range(4)))
    next_one = seen(8, plate=(310.0, 370.0, 390.0, 395.0), vehicle=(150.0, 180.0, 400.0, 420.0), text="")

    assert associate([gone], [next_one], 1.6) == []


STANDS: Xyxy = (300.0, 200.0, 500.0, 360.0)
LEFT_PART: Xyxy = (300.0, 200.0, 380.0, 360.0)


def is_in_reach(box: Xyxy, *before: Xyxy) -> bool:
    """Of a track that was seen at the boxes `before`, five a second."""
    track = a_track(*(seen(number, vehicle=each) for number, each in enumerate(before)))
    distance = vehicle_distance(track, seen(len(before), vehicle=box), len(before) / 5)
    return distance is not None and distance <= 1.0


@pytest.mark.parametrize(("frames", "known"), [(60, True), (10, False)])
def test_who_stands_firmly_is_there_with_one_side_hidden_and_whole_again(frames: int, known: bool) -> None:
    assert is_in_reach(LEFT_PART, *[STANDS] * frames) is known
    assert is_in_reach(STANDS, *[STANDS] * frames, *[LEFT_PART] * 10) is known


def test_a_small_vehicle_in_the_corner_of_a_firm_place_is_another_one() -> None:
    assert not is_in_reach((300.0, 280.0, 380.0, 360.0), *[STANDS] * 60)
