"""The life of a passage at one camera: preview, final, silence, and when two are one."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contracts.messages.plate import PlateEvent
from contracts.messages.sighting import Sighting
from processors.passages.camera import CameraPassages
from processors.passages.events.drafts import Draft
from processors.passages.settings import PassageSettings
from tests.processors.passages.builders import Drive, a_plate, a_sighting, a_street

PROCESSED = datetime(2026, 3, 1, 7, 0, tzinfo=UTC)


def a_camera(settings: PassageSettings | None = None, *, unread: Collection[str] = ()) -> CameraPassages:
    return CameraPassages(
        settings or PassageSettings(), settled_below=0, now=lambda: PROCESSED, unread=unread
    )


def events(sightings: Sequence[Sighting], camera: CameraPassages | None = None) -> list[PlateEvent]:
    camera = camera or a_camera()
    drafts: list[Draft] = []
    for offset, sighting in enumerate(sightings):
        drafts += camera.take(sighting, offset)
    return [draft.event for draft in drafts]


def finals(found: Sequence[PlateEvent]) -> list[str]:
    return [event.reading.text for event in found if event.state == "final" and event.reading]


def test_a_passage_is_one_preview_and_one_final() -> None:
    found = events(a_street([Drive(text="MH12AB1234", starts_sec=0.0)]))

    assert [(event.state, event.revision) for event in found] == [("preview", 0), ("final", 401)]
    assert found[0].event_id == found[1].event_id
    final = found[1]
    assert final.reading is not None
    assert final.reading.text == "MH12AB1234"
    assert final.direction == "approaching"
    assert (final.frames, final.reads, final.agreement) == (21, 21, 1.0)
    assert final.vehicle is not None
    assert final.first_captured_at < final.best_captured_at <= final.last_captured_at


@pytest.mark.parametrize("frames_per_second", [4.0, 5.0, 10.0, 25.0])
def test_fast_vehicles_are_followed_at_any_frame_rate(frames_per_second: float) -> None:
    drives = [
        Drive(text="MH12AB1234", starts_sec=0.0, lasts_sec=1.6),
        Drive(text="KA05MN7007", starts_sec=1.0, lasts_sec=1.6, from_xy=(900.0, 300.0), to_xy=(100.0, 200.0)),
    ]

    assert sorted(finals(events(a_street(drives, frames_per_second=frames_per_second)))) == [
        "KA05MN7007",
        "MH12AB1234",
    ]


def test_plates_without_a_vehicle_are_followed_too() -> None:
    drives = [Drive(text="MH12AB1234", starts_sec=0.0), Drive(text="TN09ABC0007", starts_sec=1.5)]

    assert sorted(finals(events(a_street(drives, vehicles=False)))) == ["MH12AB1234", "TN09ABC0007"]


def test_two_look_alike_neighbours_stay_two() -> None:
    drives = [
        Drive(text="MH12AB1234", starts_sec=0.0, from_xy=(200.0, 100.0), to_xy=(300.0, 400.0)),
        Drive(text="MH12AB1235", starts_sec=0.1, from_xy=(420.0, 100.0), to_xy=(600.0, 400.0)),
    ]

    assert sorted(finals(events(a_street(drives)))) == ["MH12AB1234", "MH12AB1235"]


def test_a_queue_at_one_place_is_one_event_a_vehicle() -> None:
    drives = [
        Drive(text=text, starts_sec=5.0 * number, from_xy=(400.0, 200.0), to_xy=(400.0, 330.0))
        for number, text in enumerate(("MH12AB1234", "KA05MN7007", "TN09ABC0007", "DL3CAY9324"))
    ]

    assert finals(events(a_street(drives))) == ["MH12AB1234", "KA05MN7007", "TN09ABC0007", "DL3CAY9324"]


def test_a_vehicle_hidden_for_seconds_is_still_one_passage() -> None:
    hidden = Drive(text="MH12AB1234", starts_sec=0.0, lasts_sec=12.0, hidden_sec=(3.0, 8.0))

    found = events(a_street([hidden]))

    assert len({event.event_id for event in found}) == 1
    assert [event.state for event in found] == ["preview", "final", "final"]
    assert 0 < found[1].revision < found[2].revision
    assert found[-1].frames > 30


def test_the_same_plate_long_after_is_another_passage() -> None:
    drives = [Drive(text="MH12AB1234", starts_sec=0.0), Drive(text="MH12AB1234", starts_sec=60.0)]

    found = [event for event in events(a_street(drives)) if event.state == "final"]

    assert len({event.event_id for event in found}) == 2


def test_a_parked_vehicle_is_one_event_and_then_silence() -> None:
    parked = Drive(
        text="MH12AB1234",
        starts_sec=0.0,
        lasts_sec=200.0,
        from_xy=(400.0, 300.0),
        to_xy=(401.0, 300.0),
        from_width=200.0,
        to_width=200.0,
    )

    found = events(a_street([parked], frames_per_second=4.0))

    # The last one says when it left.
    assert [event.state for event in found] == ["preview", "final", "final"]
    assert [event.revision for event in found] == [0, 6001, 20001]
    assert len({event.event_id for event in found}) == 1
    assert (found[1].last_captured_at - found[1].first_captured_at).total_seconds() == pytest.approx(
        60, abs=1
    )
    assert (found[2].last_captured_at - found[2].first_captured_at).total_seconds() == pytest.approx(
        200, abs=1
    )


def test_one_doubtful_read_is_no_event() -> None:
    blurred = a_plate((100, 100, 140, 110), "MH12AB1234", sure=0.6)

    assert events([a_sighting(0, [blurred]), a_sighting(1), a_sighting(2, end=True)]) == []


def test_a_new_epoch_closes_what_was_open() -> None:
    before = a_street([Drive(text="MH12AB1234", starts_sec=0.0)])[:10]
    after = a_sighting(0, epoch="e2", seconds=300.0)

    assert finals(events([*before, after])) == ["MH12AB1234"]


def test_sightings_that_come_again_change_nothing() -> None:
    stream = a_street([Drive(text="MH12AB1234", starts_sec=0.0)])
    stuttering = [
        again
        for number, sighting in enumerate(stream)
        for again in (*stream[max(0, number - 3) : number], sighting)
    ]

    first, again = events(stream), events(stuttering)

    assert first == again


def test_a_clock_that_jumps_back_closes_what_was_open_and_is_told(caplog: pytest.LogCaptureFixture) -> None:
    camera = a_camera()
    before = a_street([Drive(text="MH12AB1234", starts_sec=100.0)])[:-1]
    plate = a_plate((100, 100, 180, 120), "KA05MN7007")
    after = [a_sighting(1000 + n, [plate], seconds=n / 5) for n in range(5)]

    found = events([*before, *after, a_sighting(1005, seconds=1.2, end=True)], camera)

    assert finals(found) == ["MH12AB1234", "KA05MN7007"]
    assert "camera gate: its clock went back by" in caplog.text


def test_an_upload_is_one_final_for_each_plate() -> None:
    plates = [
        a_plate((100, 100, 180, 120), "MH12AB1234", sure=0.999),
        a_plate((400, 100, 480, 120), "KA05MN7007"),
    ]
    upload = [
        a_sighting(0, plates, camera="upload-1", origin="upload"),
        a_sighting(1, camera="upload-1", origin="upload", end=True),
    ]

    found = events(upload)

    assert sorted(finals(found)) == ["KA05MN7007", "MH12AB1234"]
    assert [event.state for event in found] == ["final", "final"]


def test_an_upload_is_as_sure_as_its_one_picture_and_a_vehicle_seen_once_is_not() -> None:
    plate = a_plate((100, 100, 180, 120), "MH12AB1234", sure=0.9999)

    (sent,) = events(
        [
            a_sighting(0, [plate], camera="upload-1", origin="upload"),
            a_sighting(1, camera="upload-1", origin="upload", end=True),
        ]
    )
    passing = events([a_sighting(0, [plate]), a_sighting(1, end=True)])

    assert sent.reading is not None
    assert sent.reading.accepted
    assert sent.reading.confidence > 0.99
    assert not any(event.reading and event.reading.accepted for event in passing)


@pytest.mark.parametrize(
    "text", ["OD26UT3871", "DL3CAT0452", "UP03J3696", "MP685177", "22BH6517A", "JK14SV2100"]
)
def test_a_vehicle_that_is_clear_in_its_only_frame_is_an_event_whatever_its_number(text: str) -> None:
    clear, less_clear = (a_plate((100, 100, 180, 120), text, sure=sure) for sure in (0.998, 0.97))

    assert finals(events([a_sighting(0, [clear]), a_sighting(1, end=True)])) == [text]
    assert finals(events([a_sighting(0, [less_clear]), a_sighting(1, end=True)])) == []


@pytest.mark.parametrize("frames", [1, 0])
def test_an_upload_without_a_plate_says_so_once(frames: int) -> None:
    upload = [a_sighting(n, camera="upload-1", origin="upload") for n in range(frames)]

    found = events([*upload, a_sighting(1, camera="upload-1", origin="upload", end=True)])

    assert [(event.state, event.reading) for event in found] == [("final", None)]


@settings(max_examples=20, deadline=None)
@given(
    seed=st.integers(0, 10_000),
    frames_per_second=st.sampled_from([4.0, 5.0, 8.0, 15.0]),
    lasts_sec=st.floats(1.5, 6.0),
)
def test_every_vehicle_of_a_noisy_street_is_one_final(
    seed: int, frames_per_second: float, lasts_sec: float
) -> None:
    texts = ["MH12AB1234", "KA05MN7007", "TN09ABC0007", "DL3CAY9324", "GJ01XY4321"]
    lanes = [((150.0, 120.0), (250.0, 420.0)), ((500.0, 120.0), (700.0, 420.0))]
    drives = [
        Drive(
            text=text,
            starts_sec=2.5 * number,
            lasts_sec=lasts_sec,
            from_xy=lanes[number % 2][0],
            to_xy=lanes[number % 2][1],
        )
        for number, text in enumerate(texts)
    ]

    found = events(a_street(drives, frames_per_second=frames_per_second, seed=seed, noise=0.08, missed=0.1))

    assert sorted(finals(found)) == sorted(texts)
    assert len({event.event_id for event in found}) == len(texts)
