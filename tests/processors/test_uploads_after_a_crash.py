"""Uploads at a stage `plates` that dies anywhere: each picture is one event, with what it shows."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import pytest

from contracts.messages.common import VehicleSeen
from contracts.messages.plate import PlateEvent
from contracts.messages.sighting import PlateSeen, Sighting
from tests.processors.lives import after_crashes
from tests.processors.passages.builders import Drive, a_plate, a_sighting, a_street
from tests.processors.plates_stage import TEXTS

CAR = VehicleSeen(kind="car", confidence=0.9, xyxy=(300.0, 200.0, 500.0, 360.0))
PLATE = a_plate((360.0, 330.0, 430.0, 350.0), "WB02AK7777", vehicle=0)


def an_upload(
    plates: Sequence[PlateSeen], vehicles: Sequence[VehicleSeen], *, seconds: float, end_after: float = 0.0
) -> list[Sighting]:
    return [
        a_sighting(0, plates, vehicles, camera="upload-1", origin="upload", seconds=seconds),
        a_sighting(1, camera="upload-1", origin="upload", end=True, seconds=seconds + end_after),
    ]


def beside_a_street(upload: Sequence[Sighting]) -> list[Sighting]:
    """The upload amid the sightings of a street camera in the same partition."""
    street = a_street(
        [Drive(text=text, starts_sec=5.0 * number) for number, text in enumerate(TEXTS[:2])],
        frames_per_second=4.0,
    )
    return sorted([*street, *upload], key=lambda each: (each.captured_at, each.camera, each.sequence))


def the_upload_after_crashes(stream: Sequence[Sighting]) -> Iterator[tuple[int, list[PlateEvent]]]:
    """What comes of it when the process dies before each offset after its first."""
    first = [each.camera for each in stream].index("upload-1")
    for cut in range(first + 1, len(stream)):
        yield cut, of_the_upload(after_crashes(stream, [cut]))


def of_the_upload(events: Sequence[PlateEvent]) -> list[PlateEvent]:
    return [event for event in events if event.camera == "upload-1"]


@pytest.mark.parametrize("end_after", [0.0, 2.5])
@pytest.mark.parametrize("plates", [[PLATE], []], ids=["a plate", "no plate"])
def test_an_upload_is_one_event_with_all_it_shows_wherever_the_process_dies(
    plates: list[PlateSeen], end_after: float
) -> None:
    stream = beside_a_street(an_upload(plates, [CAR], seconds=3.0, end_after=end_after))
    (whole,) = of_the_upload(after_crashes(stream, []))
    assert whole.evidence is not None

    for cut, found in the_upload_after_crashes(stream):
        assert all(event == whole for event in found), f"after a crash at {cut}"


def test_an_upload_whose_picture_never_came_is_one_event_wherever_the_process_dies() -> None:
    _, end = an_upload([], [], seconds=3.0)
    stream = beside_a_street([end])
    (whole,) = of_the_upload(after_crashes(stream, []))

    for cut, found in the_upload_after_crashes(stream):
        assert all(event == whole for event in found), f"after a crash at {cut}"


@pytest.mark.parametrize("plates", [[PLATE], []], ids=["a plate", "no plate"])
def test_the_end_of_an_upload_alone_after_a_restart_changes_nothing(plates: list[PlateSeen]) -> None:
    upload = an_upload(plates, [CAR], seconds=0.0)

    assert after_crashes(upload, [1]) == after_crashes(upload, [])
