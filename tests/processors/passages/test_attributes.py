"""What a final says of vehicle and plate beside the text: what most frames show, the clearest most of all."""

from __future__ import annotations

import msgspec

from contracts.messages.common import PlateColour, VehicleKind, VehicleSeen
from contracts.messages.plate import PlateEvent
from contracts.messages.sighting import Sighting
from tests.processors.passages.builders import Drive, a_plate, a_sighting, a_street, plate_box
from tests.processors.passages.test_camera import events

DRIVE = Drive(text="MH12AB1234", starts_sec=0.0)
FRAMES = 20


def seen(
    *,
    kind: VehicleKind = "car",
    sure: float = 0.9,
    colour: PlateColour = "white",
    lines: int = 1,
    sharpness: float = 300,
) -> tuple[VehicleKind, float, PlateColour, int, float]:
    return kind, sure, colour, lines, sharpness


def the_final(*frames: tuple[VehicleKind, float, PlateColour, int, float]) -> PlateEvent:
    """Of one vehicle that is seen so in one frame after the other."""
    stream: list[Sighting] = []
    for number, (kind, sure, colour, lines, sharpness) in enumerate(frames):
        box = DRIVE.box(number / 5.0)
        assert box is not None
        car = VehicleSeen(kind=kind, confidence=sure, xyxy=box)
        plate = a_plate(plate_box(box), DRIVE.text, vehicle=0, sharpness=sharpness)
        told = 0.0 if colour == "other" else 0.9
        plate = msgspec.structs.replace(plate, colour=colour, colour_confidence=told, lines=lines)
        stream.append(a_sighting(number, [plate], [car]))
    stream.append(a_sighting(len(frames), end=True))
    *_, final = events(stream)
    assert final.state == "final"
    return final


def test_the_class_is_the_one_that_most_frames_saw_though_the_best_frame_saw_another() -> None:
    as_car = [seen(kind="car")] * (FRAMES - 3)

    final = the_final(*as_car, *[seen(kind="bus", sharpness=5000)] * 3)

    assert final.vehicle is not None
    assert final.vehicle.kind == "car"
    assert final.vehicle.xyxy in [DRIVE.box(number / 5.0) for number in range(FRAMES - 3, FRAMES)]


def test_of_two_classes_that_were_seen_as_often_the_surer_one_is_told() -> None:
    final = the_final(*[seen(kind="truck", sure=0.4), seen(kind="bus", sure=0.7)] * (FRAMES // 2))

    assert final.vehicle is not None
    assert final.vehicle.kind == "bus"


def test_the_colour_is_what_the_clear_frames_show_and_not_what_more_but_blurred_ones_do() -> None:
    blurred = [seen(colour="white", sharpness=1)] * (FRAMES // 2 + 2)

    final = the_final(*blurred, *[seen(colour="yellow", sharpness=2000)] * (FRAMES // 2 - 2))

    assert final.reading is not None
    assert final.reading.colour == "yellow"


def test_a_grille_that_was_taken_for_the_plate_for_longer_does_not_tell_its_colour() -> None:
    """Hardly anything can be read on it."""
    stream: list[Sighting] = []
    for number in range(FRAMES):
        box = DRIVE.box(number / 5.0)
        assert box is not None
        is_grille = number < FRAMES // 2 + 2
        plate = a_plate(plate_box(box), DRIVE.text, vehicle=0, sure=0.4 if is_grille else 0.95)
        plate = msgspec.structs.replace(plate, colour="white" if is_grille else "yellow")
        stream.append(a_sighting(number, [plate], [VehicleSeen(kind="car", confidence=0.9, xyxy=box)]))
    *_, final = events([*stream, a_sighting(FRAMES, end=True)])

    assert final.reading is not None
    assert final.reading.colour == "yellow"


def test_frames_that_cannot_tell_the_colour_leave_it_to_those_that_can() -> None:
    dark = [seen(colour="other")] * (FRAMES - 3)

    told, untold = the_final(*dark, *[seen(colour="green")] * 3), the_final(*dark)

    assert told.reading is not None
    assert told.reading.colour == "green"
    assert untold.reading is not None
    assert untold.reading.colour == "other"


def test_the_number_of_lines_is_the_one_that_most_frames_show() -> None:
    two = [seen(lines=2)] * (FRAMES - 4)

    final = the_final(*[seen(lines=1)] * 4, *two)

    assert final.reading is not None
    assert final.reading.lines == 2


def test_a_vehicle_of_which_nothing_differs_is_told_as_every_frame_shows_it() -> None:
    *_, final = events(a_street([DRIVE]))

    assert final.reading is not None
    assert final.vehicle is not None
    assert (final.vehicle.kind, final.reading.colour, final.reading.lines) == ("car", "white", 1)
