"""What is on a vehicle and no plate: signs, words, advertising. Read often, it must not become one."""

from __future__ import annotations

from contracts.messages.common import VehicleSeen
from tests.processors.passages.builders import a_plate, a_sighting
from tests.processors.passages.test_camera import events, finals


def test_a_sign_that_is_no_plate_is_no_event_unless_it_is_read_again_and_again() -> None:
    once = [a_sighting(0, [a_plate((100, 100, 180, 120), "HORNPLEASE")]), a_sighting(1, end=True)]
    often = [a_sighting(n, [a_plate((100, 100, 180, 120), "HORNPLEASE", sure=0.99)]) for n in range(9)]
    foreign = [a_sighting(n, [a_plate((100, 100, 180, 120), "BC07NSH", sure=0.99)]) for n in range(9)]

    assert events(once) == []
    assert events([*often, a_sighting(9, end=True)]) == []
    assert finals(events([*foreign, a_sighting(9, end=True)])) == ["BC07NSH"]


def test_a_word_that_is_read_now_so_and_now_so_is_no_event() -> None:
    auto = [a_sighting(n, [a_plate((100, 100, 180, 120), "AU1T0", sure=0.99)]) for n in range(9)]
    market = [
        a_sighting(n, [a_plate((100, 100, 180, 120), text, sure=0.99)])
        for n, text in enumerate(["380MARK4ET", "380MARK", "3B0MARKFT", "380MARK4ET"] * 2)
    ]

    assert events([*auto, a_sighting(9, end=True)]) == []
    assert events([*market, a_sighting(9, end=True)]) == []


def test_the_first_line_of_a_plate_alone_is_no_event() -> None:
    box = (100.0, 100.0, 180.0, 120.0)
    truck = VehicleSeen(kind="truck", confidence=0.9, xyxy=(50.0, 20.0, 450.0, 300.0))
    for line in ("KL01", "MH12", "DL12"):
        stream = [a_sighting(n, [a_plate(box, line, vehicle=0, sure=0.99)], [truck]) for n in range(9)]
        assert events([*stream, a_sighting(9, end=True)]) == []


def test_writing_around_which_no_vehicle_is_found_must_read_the_same_in_most_frames() -> None:
    """Large writing on a truck can be taken for a number, but for another one in the next frame."""
    box = (100.0, 100.0, 400.0, 160.0)
    mistaken = {1: ("T", 0.3), 9: ("6", 0.3)}
    writing = ["OR04PL1455", "TR04PA1455", "OR14PL1495", "OR04PL1455", "DR04BL1455", "OR04NL1155"] * 2
    on_nothing = [a_sighting(n, [a_plate(box, text, mistaken=mistaken)]) for n, text in enumerate(writing)]
    truck = VehicleSeen(kind="truck", confidence=0.9, xyxy=(50.0, 20.0, 450.0, 300.0))
    on_a_truck = [
        a_sighting(n, [a_plate(box, text, vehicle=0, mistaken=mistaken)], [truck])
        for n, text in enumerate(writing)
    ]
    on_one_by_chance = [*on_a_truck[:1], *on_nothing[1:]]
    plate = [a_sighting(n, [a_plate(box, writing[0], mistaken=mistaken)]) for n in range(12)]

    assert finals(events([*on_nothing, a_sighting(12, end=True)])) == []
    assert finals(events([*on_one_by_chance, a_sighting(12, end=True)])) == []
    assert len(finals(events([*on_a_truck, a_sighting(12, end=True)]))) == 1
    assert len(finals(events([*plate, a_sighting(12, end=True)]))) == 1


def test_frames_of_an_irregular_plate_must_nearly_agree() -> None:
    box = (100.0, 100.0, 180.0, 140.0)
    nearly = ["Q90043", "O90043", "Q90043", "Q900043", "Q90043", "G90043"]
    this_and_that = ["K1LT70", "HH02", "7TLP1", "AB00T4", "Q1Z", "0TTL9"]

    for texts, expected in ((nearly, ["Q90043"]), (this_and_that, [])):
        stream = [a_sighting(n, [a_plate(box, text)]) for n, text in enumerate(texts)]
        assert finals(events([*stream, a_sighting(len(texts), end=True)])) == expected
