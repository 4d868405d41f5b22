"""Vehicles without a plate are followed by the passages' own code, and where they were is kept beside it."""

from __future__ import annotations

from collections.abc import Sequence

from contracts.messages.common import VehicleSeen, Xyxy
from contracts.messages.sighting import PlateSeen
from deploy.measure.tracked import Tracked, track_without_plates
from processors.passages.settings import PassageSettings
from tests.processors.passages.builders import NOON, a_plate, a_sighting

DOWN: list[Xyxy] = [(400.0, 60.0 + 30 * n, 520.0, 160.0 + 30 * n) for n in range(10)]
"""Over the middle of a picture of 540 lines in its fifth frame."""
UP: list[Xyxy] = [(100.0, y0, 220.0, y1) for _, y0, _, y1 in reversed(DOWN)]


def followed(*vehicles: Sequence[Xyxy], plates: Sequence[PlateSeen] = ()) -> list[Tracked]:
    """Five frames a second, with as many boxes as the vehicles have then."""
    frames = [
        [boxes[number] for boxes in vehicles if number < len(boxes)]
        for number in range(max(len(boxes) for boxes in vehicles))
    ]
    stream = [a_sighting(number, plates, list(map(a_car, boxes))) for number, boxes in enumerate(frames)]
    stream.append(a_sighting(len(stream), end=True))
    return track_without_plates(stream, PassageSettings(), began=NOON)


def a_car(box: Xyxy) -> VehicleSeen:
    return VehicleSeen(kind="car", confidence=0.8, xyxy=box)


def test_a_car_is_one_event_with_its_box_in_every_frame_and_the_line_that_it_went_over() -> None:
    (event,) = followed(DOWN)

    assert list(event.boxes) == [(number / 5, box) for number, box in enumerate(DOWN)]
    assert event.crossings == ("right",)


def test_cars_that_meet_keep_their_boxes_apart() -> None:
    events = followed(DOWN, UP)

    assert {event.crossings: [box for _, box in event.boxes] for event in events} == {
        ("right",): DOWN,
        ("left",): UP,
    }


def test_plates_play_no_part() -> None:
    sign = a_plate((700.0, 200.0, 780.0, 220.0), "MH12AB1234")

    assert followed(DOWN, plates=[sign]) == followed(DOWN)


def test_a_car_that_stands_for_long_is_one_event_with_all_its_boxes() -> None:
    standing = [DOWN[0]] * 400

    (event,) = followed(standing)

    assert [box for _, box in event.boxes] == standing
    assert event.crossings == ()


def test_an_empty_film_has_no_events() -> None:
    assert track_without_plates([], PassageSettings(), began=NOON) == []
