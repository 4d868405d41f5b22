"""Vehicles whose plates are nearly the same, or that bear the same lettering, stay as many as they are."""

from __future__ import annotations

import random
from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contracts.messages.common import VehicleSeen, Xyxy
from contracts.messages.sighting import PlateSeen, Sighting
from tests.processors.passages.builders import Drive, a_plate, a_sighting, plate_box
from tests.processors.passages.tracking.test_hidden_vehicles import last_finals

ONE, OTHER = "MH12AB1234", "MH12AB1284"
AS_THE_ONE = {8: ("3", 0.9)}
Lane = tuple[tuple[float, float], tuple[float, float]]
LEFT: Lane = ((200.0, 100.0), (300.0, 400.0))
RIGHT: Lane = ((420.0, 100.0), (590.0, 400.0))


def driven(text: str, lane: Lane, starts_sec: float = 0.0) -> Drive:
    return Drive(text=text, starts_sec=starts_sec, from_xy=lane[0], to_xy=lane[1])


def texts_of(stream: Sequence[Sighting]) -> list[str]:
    """What the last final of each event id reads, in order."""
    return sorted(event.reading.text if event.reading else "" for event in last_finals(stream).values())


def together(
    *, misread: float, after_sec: float, frames_per_second: float, seed: int, missed: float = 0.0
) -> list[Sighting]:
    """Two side by side: the other's plate is read as the one's in a share of its frames that is `misread`;
    so many plates are `missed`."""
    dice = random.Random(seed)
    drives = [driven(ONE, LEFT), driven(OTHER, RIGHT, after_sec)]
    stream = []
    for number in range(int((after_sec + 4.5) * frames_per_second)):
        boxes = [(drive.text, drive.box(number / frames_per_second)) for drive in drives]
        there = [(text, box) for text, box in boxes if box is not None]
        plates = [
            a_plate(
                plate_box(box),
                text,
                vehicle=place,
                mistaken=AS_THE_ONE if text == OTHER and dice.random() < misread else None,
            )
            for place, (text, box) in enumerate(there)
            if dice.random() >= missed
        ]
        cars = [VehicleSeen(kind="car", confidence=0.9, xyxy=box) for _, box in there]
        stream.append(a_sighting(number, plates, cars, frames_per_second=frames_per_second))
    return stream


@settings(max_examples=15, deadline=None)
@given(
    misread=st.floats(0.55, 1.0),
    after_sec=st.floats(0.0, 3.0),
    frames_per_second=st.sampled_from([5.0, 8.0]),
    seed=st.integers(0, 1000),
)
def test_two_that_pass_together_stay_two_though_one_is_read_as_the_other_in_most_frames(
    misread: float, after_sec: float, frames_per_second: float, seed: int
) -> None:
    stream = together(misread=misread, after_sec=after_sec, frames_per_second=frames_per_second, seed=seed)

    found = texts_of(stream)

    assert len(found) == 2
    assert ONE in found


@pytest.mark.parametrize("seed", range(6))
def test_a_plate_that_is_missed_now_and_then_does_not_make_a_third_vehicle_of_them(seed: int) -> None:
    stream = together(misread=0.6, after_sec=0.5, frames_per_second=15.0, seed=seed, missed=0.05)

    assert len(texts_of(stream)) == 2


def lettered(box: Xyxy, text: str, lettering: str, vehicle: int) -> list[PlateSeen]:
    """A plate, and a lettering above it that was taken for one."""
    left, top, right, bottom = plate_box(box)
    half, high = (right - left) / 2, bottom - top
    sign = (left - half, top - 3 * high, right + half, bottom - 3 * high)
    return [
        a_plate((left, top, right, bottom), text, vehicle=vehicle),
        a_plate(sign, lettering, vehicle=vehicle, confidence=0.8),
    ]


@pytest.mark.parametrize("lettering", ["GOODSCARRIER", "NALPERMIT"])
@pytest.mark.parametrize("other", ["KA05MN7007", OTHER])
@pytest.mark.parametrize(("after_sec", "lane"), [(0.3, RIGHT), (1.5, LEFT), (5.0, LEFT)])
def test_lorries_with_one_lettering_are_told_apart_by_their_plates(
    lettering: str, other: str, after_sec: float, lane: Lane
) -> None:
    """Side by side, close behind, and when the first is gone."""
    drives = [driven(ONE, LEFT), driven(other, lane, after_sec)]
    stream = []
    for number in range(int((after_sec + 4.5) * 5)):
        boxes = [(drive.text, drive.box(number / 5)) for drive in drives]
        there = [(text, box) for text, box in boxes if box is not None]
        plates = [
            plate
            for place, (text, box) in enumerate(there)
            for plate in lettered(box, text, lettering, place)
        ]
        lorries = [VehicleSeen(kind="truck", confidence=0.9, xyxy=box) for _, box in there]
        stream.append(a_sighting(number, plates, lorries))

    assert texts_of(stream) == sorted([ONE, other])
