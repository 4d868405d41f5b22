"""Vehicles that others hide for a while, in part or wholly, are one passage each, and never another's."""

from __future__ import annotations

from collections.abc import Sequence

from hypothesis import given, settings
from hypothesis import strategies as st

from contracts.messages.common import VehicleSeen, Xyxy
from contracts.messages.plate import PlateEvent
from contracts.messages.sighting import Sighting
from tests.processors.passages.builders import a_plate, a_sighting
from tests.processors.passages.test_camera import events

STANDS: Xyxy = (400.0, 200.0, 600.0, 360.0)
PLATE: Xyxy = (470.0, 320.0, 530.0, 336.0)


def a_car(box: Xyxy) -> VehicleSeen:
    return VehicleSeen(kind="car", confidence=0.8, xyxy=box)


def last_finals(stream: Sequence[Sighting]) -> dict[str, PlateEvent]:
    """The last final of each event id."""
    ended = [*stream, a_sighting(len(stream), end=True)]
    return {event.event_id: event for event in events(ended) if event.state == "final"}


def standing(number: int, *, hidden: float = 0.0) -> Sighting:
    """A car that stands; the left `hidden` share of its box is behind something."""
    box = (STANDS[0] + hidden * (STANDS[2] - STANDS[0]), *STANDS[1:])
    return a_sighting(number, [a_plate(PLATE, "MH12AB1234", vehicle=0)], [a_car(box)])


def test_a_standing_car_that_shrinks_and_grows_behind_others_has_not_turned_back() -> None:
    shrinking = [standing(number, hidden=number * 0.015) for number in range(20)]
    gone = [a_sighting(number) for number in range(20, 35)]
    growing = [standing(number, hidden=(55 - number) * 0.015) for number in range(35, 55)]

    found = last_finals([*shrinking, *gone, *growing])

    assert [event.frames for event in found.values()] == [40]


def test_a_car_that_another_box_was_taken_for_meanwhile_is_one_passage() -> None:
    """While its plate is hidden its track goes on with the box of the one that hides it."""
    seen = [standing(number) for number in range(5)]
    beside: Xyxy = (430.0, 210.0, 630.0, 370.0)
    gone_on: Xyxy = (520.0, 230.0, 730.0, 390.0)
    hidden = [a_sighting(number, (), [a_car(beside)]) for number in range(5, 9)]
    again = [
        a_sighting(number, [a_plate(PLATE, "MH12AB1234", vehicle=1)], [a_car(gone_on), a_car(STANDS)])
        for number in range(9, 16)
    ]

    assert len(last_finals([*seen, *hidden, *again])) == 1


@settings(max_examples=25, deadline=None)
@given(cut=st.integers(1, 5), frames=st.integers(2, 6), wait=st.integers(0, 40))
def test_a_plate_that_leaves_the_picture_bit_by_bit_is_one_passage(cut: int, frames: int, wait: int) -> None:
    text = "MH08RJ8578"
    whole = [a_sighting(number, [a_plate((100, 300, 200, 324), text)]) for number in range(12)]
    share = 100 * cut / len(text)
    rest = [a_sighting(number) for number in range(12, 12 + wait)]
    rest += [
        a_sighting(number, [a_plate((100 + share, 300, 200, 324), text[cut:], sure=0.9)])
        for number in range(12 + wait, 12 + wait + frames)
    ]

    found = last_finals([*whole, *rest])

    assert [event.reading.text for event in found.values() if event.reading] == [text]


@settings(max_examples=25, deadline=None)
@given(place=st.integers(6, 9), gap=st.integers(0, 30), digit=st.sampled_from("0123456789"))
def test_cars_of_one_fleet_behind_each_other_stay_apart(place: int, gap: int, digit: str) -> None:
    """Two plates that one digit tells apart, at the same place within seconds."""
    text = "DL1RTA4827"
    other = text[:place] + digit + text[place + 1 :]
    stream: list[Sighting] = []
    for plate, count in ((text, 8), ("", 11 + gap), (other, 8)):
        for _ in range(count):
            number = len(stream)
            found = [a_plate(PLATE, plate, vehicle=0, sure=0.97)] if plate else []
            stream.append(a_sighting(number, found, [a_car(STANDS)] if plate else []))

    assert len(last_finals(stream)) == (1 if other == text else 2)


def test_a_car_that_comes_back_on_the_other_side_is_another_passage() -> None:
    stream: list[Sighting] = []
    for x, step in [(600.0, n) for n in range(15)] + [(0.0, -1)] * 15 + [(150.0, 14 - n) for n in range(15)]:
        near, y = 1.0 + 0.1 * step, 150.0 + 15 * step
        plate = a_plate((x - 30 * near, y, x + 30 * near, y + 16 * near), "MP25JK3700", vehicle=0)
        box = a_car((x - 90 * near, y - 90 * near, x + 90 * near, y + 20 * near))
        stream.append(a_sighting(len(stream), *(([], []) if step < 0 else ([plate], [box]))))

    assert len(last_finals(stream)) == 2
