"""Parked vehicles stay one event, and others keep theirs, whatever the camera makes of them for a moment."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import timedelta

import msgspec
import pytest

from contracts.codec import decode, encode
from contracts.messages.common import VehicleSeen, Xyxy
from contracts.messages.parked import ParkedVehicles
from contracts.messages.plate import PlateEvent
from contracts.messages.sighting import PlateSeen, Sighting
from processors.passages.settings import PassageSettings
from processors.plates import Plates
from tests.processors.lives import after_crashes
from tests.processors.passages.builders import NOON, Drive, a_plate, a_sighting, plate_box
from tests.processors.plates_stage import PARTITION, a_message, a_stage, given_out, with_pictures

PER_SECOND = 4
TRUCK: Xyxy = (300.0, 150.0, 640.0, 380.0)
PLATE: Xyxy = (470.0, 320.0, 530.0, 336.0)

Seen = Callable[[float], tuple[Sequence[VehicleSeen], Sequence[PlateSeen]]]


def a_yard(seconds: float, seen: Seen) -> list[Sighting]:
    stream = []
    for number in range(int(seconds * PER_SECOND)):
        vehicles, plates = seen(number / PER_SECOND)
        at_sec = number / PER_SECOND
        stream.append(a_sighting(number, plates, vehicles, seconds=at_sec, origin="live"))
    return stream


def truck(box: Xyxy = TRUCK) -> VehicleSeen:
    return VehicleSeen(kind="truck", confidence=0.9, xyxy=box)


def its_plate(text: str = "MH12AB1234", *, aside_px: float = 0.0, sure: float = 0.95) -> PlateSeen:
    x0, y0, x1, y1 = PLATE
    return a_plate((x0 + aside_px, y0, x1 + aside_px, y1), text, vehicle=0, sure=sure)


def crashed(stream: Sequence[Sighting], *at_sec: float) -> list[PlateEvent]:
    return after_crashes(stream, [int(at * PER_SECOND) for at in at_sec], unread={"gate"})


def finals(events: Sequence[PlateEvent], text: str | None = None) -> list[PlateEvent]:
    read = [(each, each.reading.text if each.reading else None) for each in events if each.state == "final"]
    return [each for each, its_text in read if text in (None, its_text)]


@pytest.mark.parametrize("aside_px", [-130.0, -150.0])
@pytest.mark.parametrize("at_sec", [(), (90.0,)])
def test_a_stray_plate_in_the_last_frame_before_it_is_hidden_does_not_move_it(
    aside_px: float, at_sec: Sequence[float]
) -> None:
    def seen(at: float) -> tuple[Sequence[VehicleSeen], Sequence[PlateSeen]]:
        if 80.25 <= at < 110:
            return (), ()
        if 79.25 <= at < 80:
            return [truck()], ()
        return [truck()], [its_plate("X", aside_px=aside_px, sure=0.3) if 80 <= at < 80.25 else its_plate()]

    assert len({event.event_id for event in crashed(a_yard(130.0, seen), *at_sec)}) == 1


def test_one_that_is_half_hidden_as_it_parks_is_known_whole_after_a_restart() -> None:
    def seen(at: float) -> tuple[Sequence[VehicleSeen], Sequence[PlateSeen]]:
        return [truck((420.0, 200.0, 500.0, 360.0) if 59.9 < at < 61 else (300.0, 200.0, 500.0, 360.0))], ()

    assert len({event.event_id for event in crashed(a_yard(120.0, seen), 70.0)}) == 1


@pytest.mark.parametrize("at_sec", [(), (100.0, 243.0)])
def test_an_unread_one_that_is_hidden_again_and_again_is_one_event_and_told_of_rarely(
    at_sec: Sequence[float],
) -> None:
    stream = a_yard(600.0, lambda at: ((), ()) if at > 65 and at % 30 >= 26 else ([truck()], ()))

    found = crashed(stream, *at_sec)

    assert len({event.event_id for event in found}) == 1
    # Its parking, that it was gone for once (and once more after each restart), a refresh.
    assert len(found) <= 4 + len(at_sec)


def test_an_unread_one_that_is_gone_for_good_is_told_in_time() -> None:
    def seen(at: float) -> tuple[Sequence[VehicleSeen], Sequence[PlateSeen]]:
        return ((), ()) if at > 140 or 86 <= at < 90 else ([truck()], ())

    last = crashed(a_yard(170.0, seen))[-1]

    assert last.last_captured_at == NOON + timedelta(seconds=140)


@pytest.mark.parametrize("text", ["MH12AB1234", "MH12AB1284"])
def test_one_that_passes_a_parked_vehicle_with_a_look_alike_plate_is_another_event(text: str) -> None:
    passing = Drive(text=text, starts_sec=75.0, from_xy=(800.0, 100.0), to_xy=(760.0, 420.0))

    def seen(at: float) -> tuple[Sequence[VehicleSeen], Sequence[PlateSeen]]:
        box = passing.box(at)
        if box is None:
            return [truck()], [its_plate()]
        car = VehicleSeen(kind="car", confidence=0.9, xyxy=box)
        doubt = {8: ("3", 0.45)} if text[8] == "8" else None
        return [truck(), car], [its_plate(), a_plate(plate_box(box), text, vehicle=1, mistaken=doubt)]

    found = crashed(a_yard(95.0, lambda at: seen(at) if at < 90 else ((), ())))

    assert len({event.event_id for event in found}) == 2
    parked = [event for event in finals(found) if event.frames > 200]
    assert parked[-1].last_captured_at == NOON + timedelta(seconds=89.75)


def test_what_is_read_of_one_as_it_stands_or_drives_off_leaves_the_way_it_came() -> None:
    came = Drive(text="", starts_sec=0.0, from_xy=(480.0, 150.0), to_xy=(480.0, 300.0))
    went = Drive(text="", starts_sec=80.0, from_xy=(480.0, 300.0), to_xy=(480.0, 150.0), from_width=240.0,
                 to_width=120.0)  # fmt: skip

    def seen(at: float) -> tuple[Sequence[VehicleSeen], Sequence[PlateSeen]]:
        box = went.box(at) if at > 80 else came.box(min(at, 4.0))
        if box is None:
            return (), ()
        plates = [a_plate(plate_box(box), "MH12AB1234", vehicle=0)] if at > 70 else []
        return [truck(box)], plates

    found = finals(crashed(a_yard(95.0, seen)))

    assert [event.direction for event in found] == ["approaching"] * len(found)
    assert found[-1].reading is not None


def test_frames_that_are_read_again_after_a_restart_count_once_and_give_no_revision() -> None:
    passing = Drive(text="KA05MN4321", starts_sec=66.0, from_xy=(800.0, 100.0), to_xy=(700.0, 400.0))

    def seen(at: float) -> tuple[Sequence[VehicleSeen], Sequence[PlateSeen]]:
        box = passing.box(at)
        cars = [VehicleSeen(kind="car", confidence=0.9, xyxy=box)] if box else []
        plates = [a_plate(plate_box(box), passing.text, vehicle=0)] if box else []
        stands = at < 80 and not 75 <= at < 79
        return cars, [*plates, a_plate(PLATE, "MH12AB1234")] if stands else plates

    stream = a_yard(400.0, seen)

    told = [
        {(each.revision, each.frames) for each in finals(crashed(stream, *at_sec), "MH12AB1234")}
        for at_sec in ((), (78.0,), (78.0, 80.0, 82.0, 84.0))
    ]

    assert told[1:] == [told[0]] * 2


def test_a_doubtful_plate_of_one_that_stood_long_is_read_after_a_restart_too() -> None:
    plate = its_plate("Q90043", sure=0.85)
    stream = a_yard(320.0, lambda at: ([truck()], [plate] if at > 305 else []) if at < 317 else ((), ()))

    whole, restarted = crashed(stream)[-1], crashed(stream, 300.0)[-1]

    assert whole.reading is not None
    assert restarted.reading is not None
    assert restarted.reading.text == whole.reading.text


async def test_a_camera_that_no_longer_asks_for_unread_vehicles_is_heard_at_once() -> None:
    asked = {"gate"}
    stage = Plates(settings=PassageSettings(), unread=asked, now=lambda: NOON)
    stream = a_yard(500.0, lambda at: ([truck()], ()) if at < 480 else ((), ()))

    before = await given_out(stage, stream[: 100 * PER_SECOND])
    asked.clear()

    assert len(before) == 1
    assert await given_out(stage, stream[100 * PER_SECOND :]) == []


def test_what_one_shows_that_reads_as_something_else_each_time_is_not_kept_for_ever() -> None:
    stage = Plates(settings=PassageSettings(), unread={"gate"}, now=lambda: NOON)
    stream = a_yard(400.0, lambda at: ([truck()], [its_plate(f"Q{int(at * 4):05d}", sure=0.5)]))
    for offset, sighting in enumerate(stream):
        stage.take(a_message(sighting, offset))

    (passage,) = stage._partitions[PARTITION].cameras["gate"].passages.parked
    assert passage.read_count > 256
    assert len(passage.texts) <= 256
    assert len(passage.read_offsets) <= 4096


async def test_when_a_parked_vehicle_was_seen_last_is_told_when_its_camera_is_forgotten() -> None:
    stage = a_stage()
    stream = with_pictures(a_yard(88.0, lambda at: ((), ()) if 70 <= at < 75 else ([truck()], [its_plate()])))
    told = await given_out(stage, stream)
    silent = [
        draft
        for minutes in range(1, 13)
        for draft in stage.tick(PARTITION, stream[-1].captured_at + timedelta(minutes=minutes))
    ]

    assert told[-1].last_captured_at < stream[-1].captured_at
    assert [draft.event.last_captured_at for draft in silent] == [stream[-1].captured_at]


async def test_one_that_an_earlier_release_kept_goes_on_with_its_own_settings() -> None:
    stream = with_pictures(a_yard(90.0, lambda _: ([truck()], [its_plate()])))
    stage = a_stage()
    for offset, sighting in enumerate(stream[:300]):
        for draft in stage.take(a_message(sighting, offset)):
            await stage.finish(draft)
    (kept,) = stage.to_keep(PARTITION)
    known = decode(ParkedVehicles, kept.value)
    events = tuple(msgspec.structs.replace(each, settings=None) for each in known.events)
    later = a_stage()
    later.assigned(PARTITION, 300, [encode(ParkedVehicles(camera=known.camera, events=events))])

    found = []
    for offset, sighting in enumerate([*stream[300:], a_sighting(999, seconds=90.0, end=True)], start=300):
        for draft in later.take(a_message(sighting, offset)):
            found += [decode(PlateEvent, out.value) for out in await later.finish(draft)]

    assert {(event.event_id, event.settings) for event in found} == {(known.events[0].event_id, None)}
