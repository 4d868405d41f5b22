"""Parked vehicles stay one event, and others keep theirs, whatever the camera makes of them for a moment."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

import msgspec
import pytest

from contracts.codec import decode, encode
from contracts.messages.common import VehicleSeen
from contracts.messages.parked import ParkedVehicles
from contracts.messages.plate import PlateEvent
from contracts.messages.sighting import PlateSeen
from tests.processors.passages.builders import NOON, Drive, a_plate, a_sighting, plate_box
from tests.processors.plates_stage import PARTITION, a_message, a_stage, given_out, with_pictures
from tests.processors.yards import PLATE, a_yard, crashed, finals, its_plate, truck


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
