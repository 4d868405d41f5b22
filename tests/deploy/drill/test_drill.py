"""Drills: a schedule that follows from its seed, finals that follow from sightings, a verdict."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import av
import msgspec
import numpy as np
import pytest

from contracts.cameras import Camera, Line
from contracts.codec import encode
from contracts.errors import Stop
from contracts.messages.common import LogPosition
from contracts.messages.sighting import Sighting
from deploy.demo.street import Film
from deploy.drill import __main__ as command
from deploy.drill.__main__ import number_from
from deploy.drill.judging.database import Told, final_of
from deploy.drill.judging.expected import expected_finals
from deploy.drill.report import DrillReport, write_report
from deploy.drill.scene.still import DRIVES_IN_SEC, FPS, still_of
from processors.cascade.pictures import decode_jpeg
from processors.engine.stage import Incoming
from processors.passages.events.drafts import Draft
from tests.contracts.builders import NOON, a_plate_seen, a_reading, a_sighting, a_vehicle, characters_seen
from triton_models.rendering.demo import demo_cameras
from triton_models.rendering.films import render_film
from triton_models.rendering.truth import read_truth


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


def a_message(offset: int, value: bytes, *, at_sec: float = 0.0) -> Incoming:
    """A sighting, and when it was written."""
    position = LogPosition(topic="sightings", partition=0, offset=offset)
    at = NOON + timedelta(seconds=at_sec)
    return Incoming(value=value, key=None, headers=(), position=position, timestamp=at)


async def no_better_look(draft: Draft) -> Draft:
    return draft


async def test_sightings_give_their_finals_whatever_order_they_are_read_in() -> None:
    values = [a_message(offset, encode(sighting)) for offset, sighting in enumerate(passage())]
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
        [a_message(offset, encode(sighting)) for offset, sighting in enumerate(sightings)], look
    )
    assert [event.reading for event in finals.values()] == [better]


async def test_a_sighting_that_came_twice_and_junk_between_change_no_final() -> None:
    values = [a_message(2 * offset, encode(sighting)) for offset, sighting in enumerate(passage())]
    again = [a_message(each.position.offset + 1, each.value or b"") for each in values[3:6]]
    junk = [a_message(100, b"junk")]
    disturbed = await expected_finals([*values, *again, *junk], no_better_look)
    assert disturbed.keys() == (await expected_finals(values, no_better_look)).keys()


async def test_a_vehicle_without_a_plate_is_expected_where_the_camera_asks_for_it_and_says_its_line() -> None:
    plain = [msgspec.structs.replace(each, plates=()) for each in passage()]
    values = [a_message(offset, encode(sighting)) for offset, sighting in enumerate(plain)]
    height = plain[0].height
    line = Line(name="across", ends=((0.0, 300.0 / height), (1.0, 300.0 / height)))
    counter = Camera(id="gate", source="gate.mp4", unread_vehicles=True, lines=(line,))

    assert not await expected_finals(values, no_better_look)
    (event,) = (await expected_finals(values, no_better_look, [counter])).values()
    assert final_of(event).told == Told(None, ("across",), event.direction)


@pytest.mark.parametrize(("silent_sec", "vehicles"), [(5.0, 1), (31.0, 2)])
async def test_what_came_before_a_long_silence_does_not_go_on(silent_sec: float, vehicles: int) -> None:
    """The film begins again, soon by its own time; how long nothing was written decides."""
    first = [each for each in passage() if not each.end]
    for number in range(10, 25):
        at = NOON + timedelta(seconds=0.2 * number)
        first.append(a_sighting(sequence=number, captured_at=at, vehicles=(), plates=(), camera="gate"))
    again = [
        msgspec.structs.replace(
            each, epoch="again", captured_at=each.captured_at + timedelta(seconds=8), origin="live"
        )
        for each in passage()
    ]
    first = [msgspec.structs.replace(each, origin="live") for each in first]
    values = [a_message(offset, encode(each)) for offset, each in enumerate(first)]
    values += [a_message(50 + offset, encode(each), at_sec=silent_sec) for offset, each in enumerate(again)]

    assert len(await expected_finals(values, no_better_look)) == vehicles


def test_a_report_passes_only_without_any_loss() -> None:
    assert DrillReport(runs=1, finals_expected=3).passed
    for loss in ({"finals_lost": 1}, {"rows_double": 1}, {"frames_lost": 1}, {"failures": ["x"]}):
        assert not DrillReport(**loss).passed


@pytest.mark.parametrize("what", ["kills", "visits_met", "freezes", "outages_met"])
def test_many_runs_that_never_met_with_a_kind_of_trouble_tested_nothing_of_it(what: str) -> None:
    report = DrillReport(runs=3, kills=1, visits_met=1, freezes=1, outages_met=1)
    assert report.unmet == []
    (told,) = msgspec.structs.replace(report, **{what: 0}).unmet
    assert told.endswith("nothing of that was tested")
    assert msgspec.structs.replace(report, **{what: 0}, runs=2).unmet == []


@pytest.mark.parametrize(("runs", "met", "passed"), [(2, 0, True), (3, 0, False), (3, 1, True)])
def test_many_runs_of_which_none_met_an_outage_tested_nothing_of_it(
    *, runs: int, met: int, passed: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    reports = [
        DrillReport(runs=1, kills=1, visits_met=1, freezes=1, outages=1, outages_met=int(number < met))
        for number in range(runs)
    ]
    monkeypatch.setattr(command, "street_cameras", lambda *_args, **_named: None)
    monkeypatch.setattr(command, "all_runs", lambda *_args, **_named: reports)
    monkeypatch.setattr(command, "CHECKOUT", tmp_path)
    assert command.main() == (0 if passed else 1)
    written = msgspec.json.decode((tmp_path / "build" / "drill.json").read_bytes(), type=DrillReport)
    assert (written.outages, written.outages_met, written.passed) == (runs, met, passed)


def test_the_report_is_read_back_as_it_was_written(tmp_path: Path) -> None:
    report = DrillReport(runs=2, finals_expected=40, kills=18)
    write_report(tmp_path / "build" / "drill.json", report)
    assert msgspec.json.decode((tmp_path / "build" / "drill.json").read_bytes(), type=DrillReport) == report


def test_reports_of_single_runs_add_up() -> None:
    report = DrillReport(runs=2, finals_expected=40, kills=18, failures=["a"])
    report.add(DrillReport(runs=1, finals_expected=7, kills=10, visits=2, rows_double=1, failures=["b"]))
    assert report == DrillReport(
        runs=3, finals_expected=47, kills=28, visits=2, rows_double=1, failures=["a", "b"]
    )


@pytest.mark.parametrize("text", ["0", "many", "-3", "1.5", "8²"])
def test_a_wrong_number_is_named(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RUNS", text)
    with pytest.raises(Stop, match="RUNS"):
        number_from("RUNS")


def test_a_number_may_be_missing_and_a_seed_may_be_nought(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SEED", raising=False)
    assert number_from("SEED") is None
    monkeypatch.setenv("SEED", "0")
    assert number_from("SEED", least=0) == 0


def test_the_parking_vehicle_drives_in_to_where_the_films_best_frame_shows_it(tmp_path: Path) -> None:
    film, truth = tmp_path / "gate.mp4", tmp_path / "gate.json"
    render_film(film, truth, camera=demo_cameras()[0], seed=1, seconds=12.0, fps=5.0)
    still = still_of(Film("gate", "Gate", film, ()))

    assert still.text in {passage.text for passage in read_truth(truth).passages}
    assert decode_jpeg(still.jpeg()).shape == still.pixels.shape
    with av.open(str(still.film_of_parking(tmp_path / "yard.mp4", seconds=DRIVES_IN_SEC + 2))) as container:
        frames = [frame.to_ndarray(format="rgb24").astype(int) for frame in container.decode(video=0)]
    far = [np.abs(frame - still.pixels).mean() for frame in frames]
    drives_in = int(DRIVES_IN_SEC * FPS)
    assert len(frames) == drives_in + 2 * FPS
    assert min(far[: drives_in // 2]) > 10.0
    assert max(far[drives_in:]) < 4.0
