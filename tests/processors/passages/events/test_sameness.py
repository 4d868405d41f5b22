"""Whether a later passage may be more of an earlier one, by the ways they went."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from contracts.messages.common import VehicleSeen, Xyxy
from contracts.messages.sighting import Sighting
from processors.passages.events.sameness import may_continue, same_plate, stands_there, surely_goes_on
from processors.passages.observations import observations
from processors.passages.passage import Passage
from processors.readings.slots import slots_of
from tests.processors.passages.builders import a_plate, a_sighting, characters, plate_box
from tests.processors.passages.test_camera import a_camera, events

TEXT = "MP25JK3700"


def a_passage(first: int, way: Sequence[tuple[Xyxy, Xyxy]], texts: Sequence[str] = ()) -> Passage:
    """One frame after the other, with plate and vehicle in each; the first of them read as `texts`."""
    passage: Passage | None = None
    for number, (plate, vehicle) in enumerate(way, start=first):
        car = VehicleSeen(kind="car", confidence=0.8, xyxy=vehicle)
        text = texts[number - first] if number - first < len(texts) else TEXT
        sighting = a_sighting(number, [a_plate(plate, text, vehicle=0)], [car])
        (seen,) = observations(sighting)
        passage = passage or Passage.begun(sighting, seen, kept_reads=24)
        passage.add(sighting, seen, number)
    assert passage is not None
    return passage


FAR, NEAR = (480.0, 150.0, 520.0, 160.0), (450.0, 400.0, 550.0, 425.0)
FAR_CAR, NEAR_CAR = (440.0, 50.0, 560.0, 170.0), (380.0, 180.0, 620.0, 440.0)
HALF_HIDDEN: Xyxy = (490.0, 100.0, 560.0, 170.0)


def goes_on(earlier: Passage, later: Passage) -> bool:
    return may_continue(earlier, later, TEXT, within_sec=20.0)


def test_one_whose_box_shrinks_while_its_plate_comes_has_not_turned_back() -> None:
    earlier = a_passage(0, [(FAR, FAR_CAR), ((482.0, 160.0, 523.0, 170.0), HALF_HIDDEN)])
    later = a_passage(5, [((480.0, 180.0, 524.0, 191.0), FAR_CAR), (NEAR, NEAR_CAR)])

    assert goes_on(earlier, later)


def test_one_that_stands_and_is_hidden_in_part_has_not_turned_back() -> None:
    plate, part = (470.0, 300.0, 550.0, 320.0), (510.0, 300.0, 550.0, 320.0)
    earlier = a_passage(0, [(plate, NEAR_CAR), (part, HALF_HIDDEN)])
    later = a_passage(5, [(part, HALF_HIDDEN), (plate, NEAR_CAR)])

    assert goes_on(earlier, later)


def test_one_whose_plate_goes_the_other_way_has_turned_back() -> None:
    came = a_passage(0, [(FAR, FAR_CAR), (NEAR, NEAR_CAR)])
    went = a_passage(5, [(NEAR, NEAR_CAR), (FAR, FAR_CAR)])

    assert not goes_on(came, went)


def test_plates_read_in_one_frame_are_two_vehicles_and_boxes_seen_in_one_need_not_be() -> None:
    one = a_passage(0, [(FAR, FAR_CAR)] * 4)

    assert not goes_on(one, a_passage(3, [(NEAR, NEAR_CAR)] * 3))
    assert goes_on(one, a_passage(4, [(NEAR, NEAR_CAR)] * 3))


def test_a_lettering_read_beside_the_plate_before_that_is_all_that_is_seen_makes_no_second_vehicle() -> None:
    parked = a_passage(0, [(NEAR, NEAR_CAR)] * 4)
    lorry_in_front = a_passage(2, [(NEAR, NEAR_CAR)] * 6, texts=["NALPERMIT", "T0NALPE80M1"])
    covered_in_part = a_passage(2, [(NEAR, NEAR_CAR)] * 6, texts=["25JK3700", "MP25JK37"])

    assert goes_on(parked, lorry_in_front)
    assert not goes_on(parked, covered_in_part)


def test_a_parked_car_goes_on_where_a_lorry_that_hid_it_was_followed_to_its_plate() -> None:
    parked = a_passage(0, [(NEAR, NEAR_CAR)] * 4)
    parked.parked = True
    lorry_in_front = a_passage(2, [(NEAR, NEAR_CAR)] * 6, texts=["NALPERMIT", "T0NALPE80M1"])

    assert stands_there(parked, lorry_in_front, TEXT, within_sec=20.0)
    parked.absorb(lorry_in_front)
    seen_beside_it_once = a_passage(3, [(NEAR, NEAR_CAR)])
    assert not stands_there(parked, seen_beside_it_once, TEXT, within_sec=20.0)


def test_look_alikes_that_pass_together_stay_two_though_one_is_read_as_the_other_in_most_frames() -> None:
    one = a_passage(0, [(NEAR, NEAR_CAR)] * 8)
    other = a_passage(0, [(FAR, FAR_CAR)] * 8, texts=["MP25JK3708", "MP25JK3708", "MP25JK370B"])

    assert not goes_on(one, other)
    assert not goes_on(other, one)
    assert not surely_goes_on(one, other, TEXT, within_sec=20.0)


def test_a_lettering_in_most_frames_leaves_the_one_frame_in_which_both_plates_were_read() -> None:
    beside = ["GOODSCARRIER"] * 5
    one = a_passage(0, [(NEAR, NEAR_CAR)] * 6)
    lorry = a_passage(0, [(FAR, FAR_CAR)] * 6, texts=[*beside, "MP25JK3708"])
    never_both = a_passage(0, [(FAR, FAR_CAR)] * 7, texts=[*beside, "GOODSCARRIER"])

    assert not goes_on(one, lorry)
    assert goes_on(one, never_both)


@pytest.mark.parametrize(
    ("other", "same"),
    [
        ("MP25JK3700", True),
        ("MP25JK3708", False),
        ("25JK3700", True),  # its beginning is hidden
        ("MP25JK37", True),  # its end is
        ("MP25JK", False),  # half a city's plates begin so
        ("3700", False),
        ("GOODSCARRIER", False),
    ],
)
def test_the_same_plate_lacks_a_beginning_or_an_end_and_differs_in_nothing_that_is_sure(
    other: str, same: bool
) -> None:
    assert same_plate(slots_of(characters(TEXT)), slots_of(characters(other))) is same
    assert same_plate(slots_of(characters(other)), slots_of(characters(TEXT))) is same


def test_one_character_that_is_in_doubt_makes_no_other_plate_and_two_do() -> None:
    plate = slots_of(characters(TEXT))
    one, two = {9: ("8", 0.5)}, {9: ("8", 0.5), 8: ("6", 0.7), 7: ("1", 0.7)}

    assert same_plate(plate, slots_of(characters(TEXT, mistaken=one)))
    assert not same_plate(plate, slots_of(characters(TEXT, mistaken=two)))


def test_what_comes_too_late_or_was_over_before_is_not_more_of_it() -> None:
    earlier = a_passage(10, [(NEAR, NEAR_CAR)] * 4)
    beyond, within = a_passage(13 + 5 * 21, [(NEAR, NEAR_CAR)]), a_passage(13 + 5 * 20, [(NEAR, NEAR_CAR)])

    assert goes_on(earlier, within)
    assert not goes_on(earlier, beyond)
    assert not goes_on(earlier, a_passage(2, [(NEAR, NEAR_CAR)] * 4))
    assert not stands_there(earlier, beyond, TEXT, within_sec=20.0)


def test_one_that_begins_elsewhere_and_stands_does_not_surely_go_on() -> None:
    earlier = a_passage(0, [(NEAR, NEAR_CAR)] * 4)
    there, elsewhere = a_passage(9, [(NEAR, NEAR_CAR)] * 2), a_passage(9, [(FAR, FAR_CAR)] * 2)

    assert surely_goes_on(earlier, there, TEXT, within_sec=20.0)
    assert stands_there(earlier, there, TEXT, within_sec=20.0)
    assert goes_on(earlier, elsewhere)
    assert not surely_goes_on(earlier, elsewhere, TEXT, within_sec=20.0)
    assert not stands_there(earlier, elsewhere, TEXT, within_sec=20.0)


def test_one_vehicle_that_two_tracks_have_followed_is_given_once_and_followed_by_one() -> None:
    def seen(number: int, x: float) -> Sighting:
        box = (x, 200.0, x + 120.0, 300.0)
        # So doubtful that it is known to be the same plate only when both are given.
        doubts = {8: ("8", 0.32), 9: ("7", 0.32)}
        plate = a_plate(plate_box(box), "MH12AB1234", vehicle=0, sure=0.9, mistaken=doubts)
        return a_sighting(number, [plate], [VehicleSeen(kind="car", confidence=0.9, xyxy=box)], origin="live")

    here = [seen(n, 100.0 + 3 * n) for n in range(6)]
    elsewhere = [seen(n, 600.0 + 3 * n) for n in range(7, 12)]
    camera = a_camera()
    assert events([*here, a_sighting(6, origin="live"), *elsewhere], camera) == []

    (draft,) = camera.give_all()

    assert draft.event.frames == 11
    assert len(camera.open_passages()) == 1


@pytest.mark.parametrize(("told", "begins"), [(False, 0), (True, 10)])
def test_of_two_tracks_of_one_vehicle_the_one_that_began_first_is_its_passage_unless_the_other_was_told_of(
    told: bool, begins: int
) -> None:
    box = (100.0, 200.0, 300.0, 360.0)
    car = VehicleSeen(kind="car", confidence=0.9, xyxy=box)
    clear, blurred = 0.95, dict.fromkeys((0, 4, 8, 9), ("X", 0.42))
    aside = a_plate((700.0, 300.0, 760.0, 316.0), TEXT, sure=clear, mistaken=None if told else blurred)
    its_own = a_plate(plate_box(box), TEXT, vehicle=0, sure=clear)
    shown = [*[()] * 10, *[(aside,)] * 4, *[(its_own,)] * 10]
    stream = [a_sighting(number, plates, [car]) for number, plates in enumerate(shown)]

    found = events([*stream, a_sighting(24, end=True)])

    assert len({event.event_id for event in found}) == 1
    assert {event.first_captured_at for event in found} == {stream[begins].captured_at}
