"""Events of vehicles without a plate are judged by where their boxes were, frame by frame."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from contracts.messages.common import Xyxy
from deploy.measure.tracked import Tracked
from deploy.measure.tracking import Tracking, judge
from processors.passages.settings import PassageSettings
from tests.deploy.measure.test_following import a_film, a_passage
from triton_models.rendering.truth import FrameTruth, PassageTruth

DOWN: list[Xyxy] = [(400.0, 60.0 + 30 * n, 520.0, 160.0 + 30 * n) for n in range(10)]
"""Over the middle of a picture of 540 lines in its fifth frame, five frames a second."""
UP: list[Xyxy] = [(100.0, y0, 220.0, y1) for _, y0, _, y1 in reversed(DOWN)]


def a_vehicle(name: str, boxes: Sequence[Xyxy]) -> PassageTruth:
    frames = tuple(
        FrameTruth(time_sec=number / 5, vehicle_xyxy=box, corners=None, character_px=0.0, legible=False)
        for number, box in enumerate(boxes)
    )
    return msgspec.structs.replace(a_passage(name, name.upper(), 0.0), frames=frames)


CAR, BUS = a_vehicle("car", DOWN), a_vehicle("bus", UP)


def an_event(boxes: Sequence[Xyxy], *, begins: int = 0, crossings: tuple[str, ...] = ("right",)) -> Tracked:
    """Followed from one frame to the next, beginning with this one."""
    seen = [(number / 5, box) for number, box in enumerate(boxes, start=begins)]
    return Tracked(event_id="e", boxes=seen, crossings=crossings)


def found(*events: Tracked, of: Sequence[PassageTruth] = (CAR, BUS), looks: int = 10) -> Tracking:
    return judge(
        a_film(*of), events, looks=[number / 5 for number in range(looks)], settings=PassageSettings()
    )


def counts(tracking: Tracking) -> dict[str, int]:
    """Those that are not 0."""
    return {name: count for name, count in vars(tracking).items() if name != "remarks" and count}


def test_vehicles_that_are_an_event_each_and_went_over_the_line_as_it_says_are_all_well() -> None:
    well = found(an_event(DOWN), an_event(UP, crossings=("left",)))

    assert well == Tracking(passed=2, once=2, crossed=2)


def test_vehicles_that_became_one_event_are_one_that_has_none_and_an_event_of_two() -> None:
    merged = found(an_event([*DOWN[:6], *UP[6:]]))

    assert counts(merged) == {"passed": 2, "once": 1, "crossed": 1, "mixed": 1}
    assert merged.remarks == (
        "gate, without plates: bus BUS (car, 0.0 to 1.8 s) has 0 events: none",
        "gate, without plates: an event of 10 frames, 0.0 to 1.8 s, is of {'car': 6, 'bus': 4}",
    )


def test_one_frame_of_another_vehicle_is_an_accident() -> None:
    assert counts(found(an_event([*DOWN[:9], UP[9]]))) == {"passed": 2, "once": 1, "crossed": 1}


def test_a_vehicle_that_became_two_events_has_not_one() -> None:
    torn = found(an_event(DOWN[:4]), an_event(DOWN[4:], begins=4), of=[CAR])

    assert counts(torn) == {"passed": 1, "double": 1}
    assert torn.remarks == (
        "gate, without plates: car CAR (car, 0.0 to 1.8 s) has 2 events: "
        "an event of 4 frames, 0.0 to 0.6 s; an event of 6 frames, 0.8 to 1.8 s",
    )


def test_an_event_that_goes_over_the_line_to_and_fro_is_not_as_its_vehicle_went() -> None:
    to_and_fro = found(an_event(DOWN, crossings=("right", "left")), of=[CAR])

    assert counts(to_and_fro) == {"passed": 1, "once": 1}
    assert to_and_fro.remarks == (
        "gate, without plates: car CAR (car, 0.0 to 1.8 s) went right, its event right, left",
    )


def test_a_vehicle_that_truly_went_to_and_fro_crosses_as_often() -> None:
    turned = a_vehicle("car", [*DOWN, *reversed(DOWN)])
    event = an_event([*DOWN, *reversed(DOWN)], crossings=("right", "left"))

    assert found(event, of=[turned], looks=20).crossed == 1


def test_wheels_that_tremble_on_the_line_do_not_cross_it() -> None:
    on_the_line: list[Xyxy] = [(400.0, 150.0, 520.0, 270.0 + each) for each in (4.0, -4.0) * 5]

    assert found(an_event(on_the_line, crossings=()), of=[a_vehicle("car", on_the_line)]).crossed == 1


def test_one_that_is_far_away_or_hardly_looked_at_need_not_be_an_event_and_may_be() -> None:
    far = a_vehicle("far", [(400.0, 60.0, 450.0, 110.0)] * 10)

    assert found(of=[far]) == Tracking()
    assert found(of=[CAR], looks=5) == Tracking()
    assert found(an_event(DOWN[:5]), of=[CAR], looks=5) == Tracking()
    assert found(of=[CAR], looks=6).passed == 1


def test_what_is_seen_of_a_vehicle_that_another_one_hides_is_of_it() -> None:
    visible: list[Xyxy] = [(x0, y0, x0 + 30.0, y1) for x0, y0, _, y1 in DOWN]

    assert found(an_event(visible), of=[CAR]).once == 1


def test_an_event_where_no_vehicle_was_is_told() -> None:
    nothing = found(an_event([(700.0, 0.0, 800.0, 100.0)] * 4), of=[])

    assert counts(nothing) == {"strange": 1}
    assert nothing.remarks == (
        "gate, without plates: an event of 4 frames, 0.0 to 0.6 s, is no vehicle of the film",
    )


def test_films_add_up() -> None:
    one = Tracking(passed=3, once=2, crossed=1, mixed=1, remarks=("a",))

    assert one + Tracking(passed=1, strange=1, remarks=("b",)) == Tracking(
        passed=4, once=2, crossed=1, mixed=1, strange=1, remarks=("a", "b")
    )
