"""Drills: a schedule that follows from its seed, finals that follow from sightings, a verdict."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import av
import msgspec
import pytest

from contracts.codec import encode
from contracts.errors import Stop
from contracts.messages.sighting import Sighting
from deploy.demo.street import Film
from deploy.drill.__main__ import runs_from, seed_from
from deploy.drill.cameras import parked_film
from deploy.drill.database import Stored, differences
from deploy.drill.expected import expected_finals
from deploy.drill.report import DrillReport, write_report
from deploy.drill.schedule import QUIET_AT_END_SEC, QUIET_AT_START_SEC, VICTIMS, kills
from processors.passages.drafts import Draft
from tests.contracts.builders import NOON, a_plate_seen, a_reading, a_sighting, a_vehicle, characters_seen
from triton_models.rendering.demo import demo_cameras
from triton_models.rendering.films import render_film


def passage(camera: str = "gate") -> list[Sighting]:
    """A car that drives towards the camera for two seconds, then the end of the stream."""
    seen = [
        a_sighting(
            camera=camera,
            sequence=number,
            captured_at=NOON + timedelta(seconds=0.2 * number),
            vehicles=(a_vehicle(xyxy=(50.0, 60.0 + 8 * number, 300.0, 260.0 + 8 * number)),),
            plates=(
                a_plate_seen(
                    corners=tuple((x, y + 8.0 * number) for x, y in a_plate_seen().corners),
                ),
            ),
        )
        for number in range(10)
    ]
    end = a_sighting(
        camera=camera, sequence=10, end=True, vehicles=(), plates=(), captured_at=seen[-1].captured_at
    )
    return [*seen, end]


def test_every_victim_is_killed_once_between_the_quiet_times() -> None:
    plan = kills(7, seconds=75)
    assert sorted(kill.process for kill in plan) == sorted(VICTIMS)
    assert all(QUIET_AT_START_SEC <= kill.at_sec <= 75 - QUIET_AT_END_SEC for kill in plan)
    assert [kill.at_sec for kill in plan] == sorted(kill.at_sec for kill in plan)


def test_a_seed_decides_the_whole_schedule() -> None:
    assert kills(3, seconds=75) == kills(3, seconds=75)
    assert kills(3, seconds=75) != kills(4, seconds=75)


async def no_better_look(draft: Draft) -> Draft:
    return draft


async def test_sightings_give_their_finals_whatever_order_they_are_read_in() -> None:
    values = [(0, offset, encode(sighting)) for offset, sighting in enumerate(passage())]
    finals = await expected_finals(reversed(values), no_better_look)
    assert len(finals) == 1
    assert [event.reading.text for event in finals.values() if event.reading] == ["MH12AB1234"]


async def test_a_doubtful_final_is_expected_as_the_second_look_reads_it() -> None:
    unclear = characters_seen(probability=0.8)
    sightings = [
        msgspec.structs.replace(
            each,
            plates=tuple(msgspec.structs.replace(plate, characters=unclear) for plate in each.plates),
        )
        for each in passage()
    ]
    better = a_reading("MH12AB1284")

    async def look(draft: Draft) -> Draft:
        return replace(draft, event=msgspec.structs.replace(draft.event, reading=better))

    finals = await expected_finals(
        [(0, offset, encode(sighting)) for offset, sighting in enumerate(sightings)], look
    )
    assert [event.reading for event in finals.values()] == [better]


async def test_a_sighting_that_came_twice_and_junk_between_change_no_final() -> None:
    values = [(0, 2 * offset, encode(sighting)) for offset, sighting in enumerate(passage())]
    again = [(0, offset + 1, value) for _, offset, value in values[3:6]]
    junk = [(0, 100, b"junk")]
    disturbed = await expected_finals([*values, *again, *junk], no_better_look)
    assert disturbed.keys() == (await expected_finals(values, no_better_look)).keys()


def test_a_report_passes_only_without_any_loss() -> None:
    assert DrillReport(runs=1, finals_expected=3).passed
    for loss in ({"finals_lost": 1}, {"rows_double": 1}, {"frames_lost": 1}, {"failures": ["x"]}):
        assert not DrillReport(**loss).passed


def test_the_report_is_read_back_as_it_was_written(tmp_path: Path) -> None:
    report = DrillReport(runs=2, finals_expected=40, kills=18)
    write_report(tmp_path / "build" / "drill.json", report)
    assert msgspec.json.decode((tmp_path / "build" / "drill.json").read_bytes(), type=DrillReport) == report


@pytest.mark.parametrize("text", ["0", "many", "-3", "1.5"])
def test_a_wrong_number_of_runs_is_named(text: str) -> None:
    with pytest.raises(Stop, match="RUNS"):
        runs_from(text)


def test_finals_are_compared_both_ways() -> None:
    stored = Stored(
        texts={"a": "MH12AB1234", "b": "KA05MN7007", "stranger": "TN09ABC0007"},
        previews=frozenset({"waiting"}),
        double=(),
        repeated=0,
    )

    missing, unexpected, other = differences(stored, {"a": "MH12AB1234", "b": "KA05MN7001", "gone": "X"})

    assert missing == ["gone"]
    assert unexpected == [
        "event stranger (TN09ABC0007) is in the database and was never to be",
        "event waiting stays a preview",
    ]
    assert other == ["event b is KA05MN7007, expected KA05MN7001"]


def test_seeds_are_drawn_unless_one_is_given() -> None:
    assert seed_from("17") == 17
    assert len({seed_from(None) for _ in range(20)}) > 1
    with pytest.raises(Stop, match="SEED"):
        seed_from("x")


def test_the_parked_vehicle_is_the_films_best_frame_for_the_whole_run(tmp_path: Path) -> None:
    film, truth = tmp_path / "gate.mp4", tmp_path / "gate.json"
    render_film(film, truth, camera=demo_cameras()[0], seed=1, seconds=12.0, fps=5.0)
    still = parked_film(Film("gate", "Gate", film, ()), tmp_path / "still.mp4", seconds=4.0)

    with av.open(str(still)) as container:
        frames = [frame.to_ndarray(format="gray") for frame in container.decode(video=0)]
    assert len(frames) == 20
    assert abs(frames[0].astype(int) - frames[-1].astype(int)).mean() < 2.0
