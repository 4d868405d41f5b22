"""The stage `plates` that dies anywhere: the same events come out."""

from __future__ import annotations

from collections.abc import Sequence

from hypothesis import Phase, example, given, settings
from hypothesis import strategies as st

from contracts.messages.common import VehicleSeen
from contracts.messages.plate import PlateEvent
from contracts.messages.sighting import Sighting
from tests.processors.lives import after_crashes
from tests.processors.passages.builders import Drive, a_plate, a_sighting, a_street
from tests.processors.plates_stage import PARTITION, TEXTS, a_message, a_stage


def a_busy_partition(seed: int, gaps: Sequence[float]) -> list[Sighting]:
    """Two cameras whose sightings stand one after the other in one partition."""
    streams = []
    for camera, offset in (("gate", 0), ("yard", 3)):
        starts, at = [], 0.0
        for gap in gaps:
            at += gap
            starts.append(at)
        drives = [
            Drive(
                text=TEXTS[(number + offset) % len(TEXTS)],
                starts_sec=start,
                lasts_sec=4.0,
                from_xy=(150.0 + 350 * (number % 2), 100.0),
                to_xy=(250.0 + 350 * (number % 2), 400.0),
            )
            for number, start in enumerate(starts)
        ]
        streams.append(a_street(drives, seed=seed, camera=camera, noise=0.05, missed=0.05))
    merged = [sighting for stream in streams for sighting in stream]
    return sorted(merged, key=lambda sighting: (sighting.captured_at, sighting.camera))


@settings(max_examples=12, deadline=None)
@given(
    seed=st.integers(0, 1000),
    gaps=st.lists(st.floats(0.8, 7.0), min_size=2, max_size=7),
    cuts=st.lists(st.floats(0.0, 1.0), min_size=1, max_size=3),
    unheard=st.integers(0, 30),
)
def test_after_a_crash_anywhere_the_finals_are_the_same(
    seed: int, gaps: list[float], cuts: list[float], unheard: int
) -> None:
    stream = a_busy_partition(seed, gaps)
    whole = _finals(after_crashes(stream, []))

    crashes = sorted({int(cut * len(stream)) for cut in cuts})
    crashed = _finals(after_crashes(stream, crashes, unheard=unheard))

    assert set(crashed) == set(whole)
    for event_id, texts in crashed.items():
        assert texts[-1] == whole[event_id][-1]


def a_doubted_plate_that_comes_again() -> list[Sighting]:
    """An irregular plate, steady until its preview is out; then rain, and every frame shows other writing.
    It leaves the picture, and is seen again after four seconds."""
    rain = ("K71L00", "Q00412", "9A77B3", "43Q9ZZ", "Z2ZX11", "T00431", "Q9L0F4", "7J7H7M")
    stream = []
    for number, text in enumerate([*["Q90043"] * 4, *rain, *[""] * 20, *["Q90043"] * 6, *[""] * 20]):
        x = 200.0 + 10.0 * number
        car = VehicleSeen(xyxy=(x, 100.0, x + 200.0, 260.0), kind="car", confidence=0.9)
        sure, sharpness = (0.6, 20.0) if text in rain else (0.97, 300.0)
        box = (x + 60.0, 220.0, x + 140.0, 240.0)
        plate = a_plate(box, text, vehicle=0, sure=sure, sharpness=sharpness)
        stream.append(a_sighting(number, [plate], [car]) if text else a_sighting(number))
    return stream


def test_a_doubted_plate_that_comes_again_is_one_event_after_a_crash_too() -> None:
    stream = a_doubted_plate_that_comes_again()
    whole = after_crashes(stream, [])
    assert len({event.event_id for event in whole}) == 1
    assert [event.revision for event in whole if event.state == "final"] == (revisions := [221, 741])

    for cut in range(len(stream)):
        events = after_crashes(stream, [cut])
        assert {event.event_id for event in events} == {whole[-1].event_id}, f"after a crash at {cut}"
        assert [event.revision for event in events if event.state == "final"] == revisions


@settings(max_examples=8, deadline=None)
@given(seed=st.integers(0, 1000), cuts=st.lists(st.floats(0.0, 1.0), min_size=1, max_size=3))
def test_a_vehicle_that_was_hidden_for_seconds_is_one_event_after_a_crash_too(
    seed: int, cuts: list[float]
) -> None:
    hidden = Drive(text="MH12AB1234", starts_sec=0.0, lasts_sec=14.0, hidden_sec=(4.0, 9.0))
    stream = a_street([hidden], seed=seed, noise=0.03)

    events = after_crashes(stream, sorted({int(cut * len(stream)) for cut in cuts}))

    assert len({event.event_id for event in events}) == 1
    assert events[-1].revision == 1401


def a_parked_car_behind_passing_ones(seed: int, hidden_sec: Sequence[float]) -> list[Sighting]:
    """A car drives in, near the camera at first, and stands in its bay for minutes; at these seconds
    something hides it for some seconds while others pass."""
    parts = [
        Drive(
            text="MH12AB1234",
            starts_sec=0.0,
            lasts_sec=4.0,
            from_xy=(150.0, 480.0),
            to_xy=(400.0, 300.0),
            from_width=300.0,
            to_width=200.0,
        )
    ]
    begins = 4.0
    for at in [*sorted(hidden_sec), 240.0]:
        if at - begins < 3.0:
            continue
        parts.append(
            Drive(
                text="MH12AB1234",
                starts_sec=begins,
                lasts_sec=at - begins,
                from_xy=(400.0, 300.0),
                to_xy=(400.5, 300.0),
                from_width=200.0,
                to_width=200.0,
            )
        )
        begins = at + 4.0
    passing = [
        Drive(text=text, starts_sec=30.0 * number, from_xy=(800.0, 100.0), to_xy=(700.0, 400.0))
        for number, text in enumerate(TEXTS[1:])
    ]
    return a_street([*parts, *passing], frames_per_second=4.0, seed=seed, noise=0.03)


@settings(max_examples=8, deadline=None, phases=(Phase.explicit, Phase.reuse, Phase.generate))
@given(
    seed=st.integers(0, 1000),
    hidden_sec=st.lists(st.floats(10.0, 230.0), max_size=3),
    cuts=st.lists(st.floats(0.0, 1.0), max_size=3),
    unheard=st.integers(0, 30),
)
@example(seed=0, hidden_sec=[10.0], cuts=[], unheard=0)
@example(seed=0, hidden_sec=[100.0], cuts=[0.3], unheard=0)
@example(seed=0, hidden_sec=[65.0, 150.0], cuts=[0.27, 0.8], unheard=20)
def test_a_parked_vehicle_is_one_event_whatever_hides_it_and_whoever_dies(
    seed: int, hidden_sec: list[float], cuts: list[float], unheard: int
) -> None:
    stream = a_parked_car_behind_passing_ones(seed, hidden_sec)

    events = after_crashes(stream, sorted({int(cut * len(stream)) for cut in cuts}), unheard=unheard)

    parked = [event for event in events if event.reading and event.reading.text == "MH12AB1234"]
    assert len({event.event_id for event in parked}) == 1
    assert len({event.event_id for event in events}) == len(TEXTS)
    last = [event for event in parked if event.state == "final"][-1]
    assert last.evidence is not None
    assert last.evidence.frame is not None


def test_what_is_kept_of_parked_vehicles_in_an_unknown_form_is_left_out() -> None:
    stage = a_stage()
    stage.assigned(PARTITION, 0, [b'{"schema":99}'])
    stream = a_street([Drive(text="MH12AB1234", starts_sec=0.0)])
    drafts = [draft for n, each in enumerate(stream) for draft in stage.take(a_message(each, n))]
    assert [draft.event.state for draft in drafts] == ["preview", "final"]


def _finals(events: Sequence[PlateEvent]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for event in events:
        if event.state == "final" and event.reading:
            found.setdefault(event.event_id, []).append(event.reading.text)
    return found
