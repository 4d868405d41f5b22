"""Parked vehicles whose plate nobody could read: known by their place alone."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

import pytest

from contracts.messages.common import VehicleSeen
from contracts.messages.sighting import PlateSeen
from processors.passages.settings import PassageSettings
from processors.plates import Plates
from tests.processors.passages.builders import NOON, Drive, a_plate, a_sighting, plate_box
from tests.processors.plates_stage import PARTITION, a_message, given_out
from tests.processors.yards import PER_SECOND, a_yard, crashed, finals, its_plate, truck


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


def test_one_that_stops_where_an_unread_one_was_seen_to_drive_off_is_another_event() -> None:
    def seen(at: float) -> tuple[Sequence[VehicleSeen], Sequence[PlateSeen]]:
        if at < 74:
            x = max(0.0, at - 70) * 150
            return [truck((300.0 + x, 200.0, 480.0 + x, 340.0))] if x < 450 else (), ()
        return [truck((300.0, 200.0, 480.0, 340.0))] if 82 <= at < 87 else (), ()

    assert len({event.event_id for event in crashed(a_yard(95.0, seen))}) == 2


@pytest.mark.parametrize("clock_back", [False, True])
def test_where_time_breaks_nobody_is_waited_for_and_all_is_told(clock_back: bool) -> None:
    stands = a_yard(86.0, lambda at: ((), ()) if 70 <= at < 74 else ([truck()], ()))
    gone = a_sighting(len(stands), seconds=86.0, origin="live")
    again = [
        a_sighting(
            number if clock_back else number - len(stands),
            [],
            [truck()] if number % 40 < 30 else [],
            seconds=(-3600.0 if clock_back else 0.0) + 90.0 + number / PER_SECOND,
            epoch="e1" if clock_back else "e2",
            origin="live",
        )
        for number in range(len(stands) + 1, len(stands) + 80)
    ]

    found = crashed([*stands, gone, *again])

    first = [event for event in found if event.event_id == found[0].event_id]
    assert first[-1].last_captured_at == stands[-1].captured_at
    assert len({event.event_id for event in found}) >= 2


def test_the_end_of_a_film_tells_when_an_unread_one_was_last_seen() -> None:
    film = a_yard(140.0, lambda at: ((), ()) if 86 <= at < 90 else ([truck()], ()))
    film.append(a_sighting(len(film), seconds=140.0, end=True))

    last = crashed(film)[-1]

    assert (last.last_captured_at, last.frames) == (film[-2].captured_at, 136 * PER_SECOND)


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
    assert len(passage.texts_at) <= 4096


def test_one_that_trembles_is_known_by_a_part_of_it_after_a_restart_no_better_than_before() -> None:
    def seen(at: float) -> tuple[Sequence[VehicleSeen], Sequence[PlateSeen]]:
        x = 300.0 + 18.0 * (int(at) % 2)
        half = (300.0, 200.0, 372.0, 360.0)
        box = (x, 200.0, x + 200.0, 360.0) if at < 66 else half
        return ([truck(box)], ()) if at < 69 else ((), ())

    stream = a_yard(96.0, seen)

    whole, restarted = ({event.event_id for event in crashed(stream, *at)} for at in ((), (65.0,)))

    assert restarted == whole
