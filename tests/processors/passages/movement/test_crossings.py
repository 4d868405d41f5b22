"""Zones, lines and speed of a passage, by what the camera's file says of them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from contracts.cameras import Camera, Line, Zone
from contracts.messages.common import VehicleSeen, Xyxy
from contracts.messages.plate import Movement, PlateEvent
from contracts.messages.sighting import Sighting
from processors.passages.camera import CameraPassages
from processors.passages.movement.crossings import Movements
from processors.passages.movement.ways import Ways, ways_of
from processors.passages.settings import PassageSettings
from tests.processors.passages.builders import NOON, Drive, a_plate, a_sighting, a_street, plate_box

LEFT_HALF = Zone(name="left half", corners=((0, 0), (0.5, 0), (0.5, 1), (0, 1)))
BELOW = Zone(name="below", corners=((0, 0.75), (1, 0.75), (1, 1), (0, 1)))
ACROSS = Line(name="across", ends=((0, 0.5), (1, 0.5)))
SHORT = Line(name="far off", ends=((0.8, 0.5), (1, 0.5)))
FROM_ABOVE = Drive(text="MH12AB1234", starts_sec=0.0, from_xy=(200.0, 120.0), to_xy=(220.0, 400.0))


def ways(**told: object) -> Ways | None:
    return ways_of(Camera(id="gate", source="gate.mp4", **told))  # type: ignore[arg-type]


def finals_of(street: Sequence[Sighting], told: Ways | None) -> list[PlateEvent]:
    camera = CameraPassages(
        PassageSettings(),
        settled_below=0,
        now=lambda: datetime(2026, 3, 1, 7, 0, tzinfo=UTC),
        ways={"gate": told} if told else {},
    )
    drafts = [draft for offset, each in enumerate(street) for draft in camera.take(each, offset)]
    return [draft.event for draft in drafts if draft.event.state == "final"]


def movement(drive: Drive, told: Ways | None) -> Movement | None:
    (event,) = finals_of(a_street([drive]), told)
    return event.movement


def test_a_camera_that_tells_nothing_gives_no_movement() -> None:
    assert ways() is None
    assert movement(FROM_ABOVE, None) is None


def test_zones_stand_in_the_order_in_which_they_were_entered() -> None:
    found = movement(FROM_ABOVE, ways(zones=(BELOW, LEFT_HALF)))

    assert found is not None
    assert found.zones == ("left half", "below")


def test_a_line_is_crossed_once_and_to_the_side_that_its_ends_say() -> None:
    down = movement(FROM_ABOVE, ways(lines=(ACROSS, SHORT)))
    up = movement(
        Drive(text="MH12AB1234", starts_sec=0.0, from_xy=(220.0, 400.0), to_xy=(200.0, 120.0)),
        ways(lines=(ACROSS, SHORT)),
    )

    assert down is not None
    assert up is not None
    assert [(each.line, each.to) for each in down.crossings] == [("across", "right")]
    assert [(each.line, each.to) for each in up.crossings] == [("across", "left")]


def test_a_vehicle_that_stands_and_trembles_on_a_line_crosses_nothing() -> None:
    foot = 270.0 - 0.4 * 200.0
    still = Drive(
        text="MH12AB1234",
        starts_sec=0.0,
        from_xy=(300.0, foot - 2),
        to_xy=(300.0, foot + 2),
        from_width=200.0,
        to_width=200.0,
    )

    found = movement(still, ways(lines=(ACROSS,)))

    assert found is not None
    assert found.crossings == ()


def test_a_box_that_for_one_frame_holds_only_half_of_the_vehicle_crosses_nothing() -> None:
    told = ways(lines=(ACROSS,))
    street = a_street(
        [Drive(text="MH12AB1234", starts_sec=0.0, from_xy=(300.0, 300.0), to_xy=(300.0, 420.0))]
    )
    (whole,) = street[8].vehicles
    x0, y0, x1, _ = whole.xyxy
    upper = msgspec.structs.replace(whole, xyxy=(x0, y0, x1, 200.0))
    street[8] = msgspec.structs.replace(street[8], vehicles=(upper,))

    (event,) = finals_of(street, told)

    assert event.movement is not None
    assert event.movement.crossings == ()


def test_lines_of_a_picture_that_is_cut_to_its_zones_are_where_they_were() -> None:
    lower_half = Zone(name="lower half", corners=((0, 0.5), (1, 0.5), (1, 1), (0, 1)))
    told = ways(zones=(lower_half,), cut_to_zones=True, lines=(Line(name="l", ends=((0, 0.75), (1, 0.75))),))

    assert told is not None
    assert told.lines[0].start == (0.0, 0.5)
    assert told.centre == (0.5, 0.0)


@given(
    st.tuples(st.floats(0.0, 1.0), st.floats(0.0, 0.45)),
    st.tuples(st.floats(0.0, 1.0), st.floats(0.55, 1.0)),
)
def test_whoever_goes_from_one_side_to_the_other_crosses_a_line_that_spans_the_picture(
    one: tuple[float, float], other: tuple[float, float]
) -> None:
    told = ways(lines=(ACROSS,))
    assert told is not None
    (line,) = told.lines

    assert line.is_between(one, other)
    assert line.distance(one) < 0 < line.distance(other)


def test_a_crossing_that_is_seen_again_after_a_restart_is_told_once() -> None:
    told = movement(FROM_ABOVE, ways(lines=(ACROSS,)))
    assert told is not None
    before, again = Movements(told), Movements(told)

    before.absorb(again)

    assert before.told(None) == told


def test_a_line_that_was_crossed_while_something_hid_the_vehicle_for_long_is_told() -> None:
    hidden = Drive(
        text="MH12AB1234",
        starts_sec=0.0,
        lasts_sec=8.0,
        from_xy=(300.0, 100.0),
        to_xy=(320.0, 350.0),
        hidden_sec=(2.0, 5.0),
    )

    *_, last = finals_of(a_street([hidden]), ways(lines=(ACROSS,)))

    assert last.movement is not None
    (crossing,) = last.movement.crossings
    # When it was seen beyond it first.
    assert (crossing.to, crossing.captured_at) == ("right", NOON + timedelta(seconds=5))


def test_a_standing_vehicle_of_which_only_the_plate_is_seen_again_crosses_nothing() -> None:
    """The line lies between its plate and its wheels."""
    box: Xyxy = (300.0, 200.0, 500.0, 360.0)
    car = VehicleSeen(kind="car", confidence=0.9, xyxy=box)
    told = ways(lines=(Line(name="stop", ends=((0, 0.64), (1, 0.64))),))
    whole = {n: a_sighting(n, [a_plate(plate_box(box), "MH12AB1234", vehicle=0)], [car]) for n in range(60)}
    alone = {n: a_sighting(n, [a_plate(plate_box(box), "MH12AB1234")]) for n in range(25, 29)}
    hidden = {n: a_sighting(n) for n in (*range(10, 25), *range(39, 60))}

    found = finals_of([(whole | alone | hidden)[n] for n in range(60)], told)

    assert [event.movement.crossings for event in found if event.movement] == [(), ()]
