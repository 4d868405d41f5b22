"""A plate seen in the box of a vehicle before its own stays with the vehicle that showed it."""

from __future__ import annotations

from contracts.messages.common import VehicleSeen, Xyxy
from processors.passages.observations import Observation, observations
from processors.passages.tracking.claims import without_false_claims
from processors.passages.tracking.track import Track
from tests.processors.passages.builders import a_plate, a_sighting
from tests.processors.passages.tracking.test_association import a_track, seen
from tests.processors.passages.tracking.test_hidden_vehicles import a_car, last_finals

BEHIND: Xyxy = (400.0, 50.0, 560.0, 170.0)
PLATE: Xyxy = (460.0, 140.0, 500.0, 150.0)
BEFORE: Xyxy = (300.0, 60.0, 620.0, 420.0)


def a_car_and_one_before_it() -> list[Track]:
    return [
        a_track(*(seen(number, plate=PLATE, vehicle=BEHIND) for number in range(4))),
        a_track(*(seen(number, vehicle=BEFORE) for number in range(4))),
    ]


def in_the_box_before(text: str, plate: Xyxy = PLATE) -> Observation:
    found = observations(a_sighting(4, [a_plate(plate, text, vehicle=0)], [a_car(BEFORE)]))
    return found[0]


def test_a_plate_that_a_box_lays_claim_to_is_seen_apart_from_it() -> None:
    claimed = in_the_box_before("MH12AB1234")

    plate, vehicle = without_false_claims(a_car_and_one_before_it(), [claimed], 0.8)

    assert (plate.name, plate.read, plate.vehicle) == (claimed.name, claimed.read, None)
    assert (vehicle.name, vehicle.read, vehicle.vehicle) == (f"{claimed.name}-vehicle", None, claimed.vehicle)


def test_a_plate_of_its_own_stays_with_its_box() -> None:
    tracks = a_car_and_one_before_it()
    own = in_the_box_before("KA05MN7007", (430.0, 380.0, 490.0, 395.0))
    another = in_the_box_before("KA05MN7007")
    behind = observations(a_sighting(4, [a_plate(PLATE, "MH12AB1234", vehicle=0)], [a_car(BEHIND)]))

    for found in (own, another, *behind):
        assert without_false_claims(tracks, [found], 0.8) == [found]


def test_a_car_that_leaves_behind_another_is_one_passage_however_its_plate_is_read_there() -> None:
    stream = []
    for number in range(24):
        far = 1.0 - 0.02 * number
        behind: Xyxy = (480 - 80 * far, 110 - 60 * far, 480 + 80 * far, 110 + 60 * far)
        plate: Xyxy = (480 - 20 * far, 105 + 35 * far, 480 + 20 * far, 105 + 45 * far)
        hidden = number >= 14
        boxes: list[VehicleSeen] = [a_car(BEFORE)] if number >= 8 else []
        if not hidden:
            boxes.insert(0, a_car(behind))
        text = "KL02UJ9537" if hidden else "KL82UJ9537"
        stream.append(a_sighting(number, [a_plate(plate, text, vehicle=0)], boxes))

    found = last_finals(stream)

    assert [event.frames for event in found.values()] == [24]
