"""A final by what its stored frame shows now: which text counts, and what of the old event stays."""

from __future__ import annotations

from typing import Any

import pytest

from contracts.messages.plate import PlateEvent
from contracts.messages.sighting import PlateSeen
from deploy.replay.comparison import Pair
from deploy.replay.stored import event_of
from processors.cascade.recognise import Recognised
from processors.passages.settings import PassageSettings
from tests.contracts.builders import MODEL, TEXT, a_plate_event, a_vehicle
from tests.processors.passages.builders import FRAME_WH, a_plate, corners_of

PLATE = (120.0, 200.0, 220.0, 224.0)


def now_seen(event: PlateEvent, *plates: PlateSeen, **vehicle: Any) -> PlateEvent:
    """What becomes of the event where its frame shows these plates on a vehicle of its place."""
    found = Recognised(vehicles=(a_vehicle(**vehicle),), plates=plates)
    return event_of(event, found, FRAME_WH, PassageSettings(), (MODEL,))


def an_unread_event(**changes: Any) -> PlateEvent:
    return a_plate_event(reading=None, corners=None, reads=0, agreement=0.0, **changes)


@pytest.mark.parametrize(
    ("plate", "outcome"),
    [
        (a_plate(PLATE, TEXT, vehicle=0, sure=0.999), "read otherwise"),
        (a_plate(PLATE, TEXT, vehicle=0, sure=0.96), "same"),
        (a_plate(PLATE, "GOODS", vehicle=0, sure=0.9), "same"),
        (a_plate(PLATE, "7", vehicle=0, sure=0.9), "same"),
        (a_plate(PLATE, TEXT, vehicle=None, sure=0.999), "same"),
    ],
)
def test_a_vehicle_that_nobody_read_is_read_otherwise_only_where_the_stage_would_call_it_a_plate(
    plate: PlateSeen, outcome: str
) -> None:
    event = an_unread_event()

    assert Pair(event, now_seen(event, plate)).outcome == outcome


@pytest.mark.parametrize(
    ("plate", "text"),
    [
        (a_plate(PLATE, TEXT, vehicle=0, confidence=0.6, sure=0.96), TEXT),
        (a_plate(PLATE, TEXT, vehicle=0, confidence=0.15, sure=0.96), None),
    ],
)
def test_in_an_upload_in_which_nothing_was_read_only_a_plate_that_is_worth_showing_counts(
    plate: PlateSeen, text: str | None
) -> None:
    seen = now_seen(an_unread_event(origin="upload"), plate)

    assert (seen.reading and seen.reading.text) == text


def test_a_plate_that_was_read_is_compared_however_unsure_it_is_now() -> None:
    event = a_plate_event(corners=corners_of(PLATE))

    seen = now_seen(event, a_plate(PLATE, "MH12AB1284", vehicle=0, sure=0.7))

    assert seen.reading is not None
    assert (seen.reading.text, seen.reading.accepted) == ("MH12AB1284", False)


def test_the_vehicle_is_the_one_that_is_found_now() -> None:
    event = a_plate_event(vehicle=a_vehicle(kind="car"))

    seen = now_seen(event, kind="truck", xyxy=(60.0, 60.0, 300.0, 260.0))
    assert seen.vehicle == a_vehicle(kind="truck", xyxy=(60.0, 60.0, 300.0, 260.0))
    assert now_seen(event, xyxy=(600.0, 60.0, 850.0, 260.0)).vehicle is None


def test_of_its_pictures_the_frame_alone_is_still_its_own() -> None:
    event = a_plate_event()
    assert event.evidence is not None

    seen = now_seen(event).evidence

    assert seen is not None
    assert (seen.position, seen.frame) == (event.evidence.position, event.evidence.frame)
    assert (seen.vehicle, seen.plate, seen.reads) == (None, None, None)
