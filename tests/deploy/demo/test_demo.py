"""The demo: what may be asked of it, the cameras it makes, the lines and the verdict it gives."""

from __future__ import annotations

import os
import signal
import sys
import threading
import time
from pathlib import Path

import pytest
from rich.console import Console

from contracts.cameras import read_cameras
from contracts.errors import Stop
from deploy.demo.options import options_from
from deploy.demo.own_video import camera_for, camera_id, look_at, write_camera_file
from deploy.demo.street import run_apart
from deploy.demo.summary import complaints, summary_table
from deploy.demo.ticker import line_for
from deploy.demo.watch import Watch
from deploy.local.supervision.identity import identify
from deploy.local.supervision.status import Phase, ProcessStatus, StackStatus
from deploy.measure.flow import Flow
from deploy.measure.truth import TruePassage, compare
from processors.passages.settings import PassageSettings
from tests.contracts.builders import NOON, a_plate_event


def a_flow(**changes: int) -> Flow:
    counts = {
        "captured": 100, "shed": 0, "frames": 50, "sightings": 50, "skipped": 0, "set_aside": 0, "finals": 5,
        "enriched": 5, "stored": 5, "repeated": 0,
    } | changes  # fmt: skip
    return Flow(**counts, final_ids=frozenset(), seen_until={})


def test_without_variables_the_demo_shows_the_street_until_it_is_ended() -> None:
    options = options_from({"VIDEO": "", "SPEED": "", "DEMO_SECONDS": ""})
    assert (options.video, options.pace, options.seconds, options.port) == (None, "real", None, None)


def test_every_choice_is_understood() -> None:
    options = options_from({"VIDEO": "gate.mp4", "SPEED": "max", "DEMO_SECONDS": "120", "PORT": "8080"})
    assert (options.video, options.pace, options.seconds, options.port) == ("gate.mp4", "max", 120.0, 8080)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("SPEED", "fast"),
        ("DEMO_SECONDS", "soon"),
        ("DEMO_SECONDS", "-1"),
        ("DEMO_SECONDS", "nan"),
        ("DEMO_SECONDS", "inf"),
        ("PORT", "0.5"),
        ("PORT", "inf"),
    ],
)
def test_a_wrong_choice_is_one_line_that_names_it(name: str, value: str) -> None:
    with pytest.raises(Stop, match=name):
        options_from({name: value})


def test_a_video_becomes_a_camera_of_its_own_name(tmp_path: Path) -> None:
    video = tmp_path / "North Gate (1).mp4"
    video.write_bytes(b"film")
    camera = camera_for(str(video), pace="max")
    assert (camera.id, camera.place, camera.pace) == ("north-gate-1", "North Gate (1).mp4", "max")
    written = write_camera_file(tmp_path / "cameras.yml", [camera])
    assert read_cameras(written, environment={}) == (camera,)
    assert written.stat().st_mode & 0o077 == 0


def test_pictures_of_a_folder_are_so_far_apart_that_two_vehicles_are_not_one(tmp_path: Path) -> None:
    camera = camera_for(str(tmp_path), pace="real")
    assert 1.0 / camera.frames_per_second > PassageSettings().lost_after_sec


def test_a_stream_is_taken_as_it_is_and_a_missing_file_is_named() -> None:
    assert camera_for("rtsp://127.0.0.1/x", pace="real").is_live
    with pytest.raises(Stop, match=r"nowhere\.mp4: there is no such file"):
        camera_for("nowhere.mp4", pace="real")
    with pytest.raises(Stop, match="VIDEO ftp://x/y: source: ftp:// is none of"):
        camera_for("ftp://x/y", pace="real")


def test_a_file_that_gives_nothing_ends_the_demo_before_it_starts(tmp_path: Path) -> None:
    (tmp_path / "notes.mp4").write_text("no video")
    (tmp_path / "empty").mkdir()
    with pytest.raises(Stop, match=r"VIDEO .*notes\.mp4 cannot be opened"):
        look_at(camera_for(str(tmp_path / "notes.mp4"), pace="real"))
    with pytest.raises(Stop, match=r"VIDEO .*empty has no pictures"):
        look_at(camera_for(str(tmp_path / "empty"), pace="real"))


def test_a_stream_that_gives_nothing_is_told_without_its_password_and_waited_for() -> None:
    said = look_at(camera_for("rtsp://viewer:s3cret@127.0.0.1:1/x", pace="real"))
    assert said is not None
    assert "Connection refused" in said
    assert "s3cret" not in said


@pytest.mark.parametrize("name", ["", "---", "कैमरा", "A" * 100])
def test_any_file_name_gives_a_camera_id(name: str) -> None:
    assert camera_id(name)
    assert len(camera_id(name)) <= 60


def test_a_final_is_one_line_in_the_streets_own_time() -> None:
    line = line_for(a_plate_event())
    assert "MH 12 AB 1234" in line
    assert "12:00:00" in line  # 06:30 UTC in India
    assert "no plate" in line_for(a_plate_event(reading=None, corners=None))


def test_a_run_in_which_all_went_through_has_nothing_to_complain_about() -> None:
    assert complaints(a_flow(), {}) == []


@pytest.mark.parametrize(
    ("changes", "left", "word"),
    [
        ({"sightings": 49}, {}, "1 frames lost"),
        ({"sightings": 60, "skipped": 1}, {}, "1 frames lost"),
        ({"stored": 4}, {}, "1 final plates are not in the database"),
        ({"repeated": 2}, {}, "2 rows of the database are of a passage that has one already"),
        ({"finals": 0, "stored": 0, "enriched": 0}, {}, "no final plates"),
        ({"captured": 0}, {}, "no frames captured"),
        ({}, {"rows": 3}, "rows did not finish: 3"),
    ],
)
def test_what_was_lost_or_never_made_is_told(
    changes: dict[str, int], left: dict[str, int], word: str
) -> None:
    assert any(word in problem for problem in complaints(a_flow(**changes), left))


def test_an_own_video_without_a_legible_plate_is_no_fault_but_one_that_nobody_looked_at_is() -> None:
    seen = a_flow(finals=0, enriched=0, stored=0)

    assert complaints(seen, {}, plates_expected=False) == []
    assert "final plates" in complaints(seen, {})[0]
    assert complaints(a_flow(sightings=0, finals=0, enriched=0, stored=0), {}, plates_expected=False)


def test_frames_that_still_wait_on_the_topic_are_not_called_lost() -> None:
    told = complaints(a_flow(sightings=20), {"sightings": 31})
    assert told == ["sightings did not finish: 31 messages left"]

    console = Console(record=True, width=100)
    console.print(summary_table(a_flow(sightings=20), None, {"sightings": 29}))
    text = console.export_text()
    assert "frames still waiting" in text
    assert "lost                       │ 1" in text


def test_the_table_says_what_of_the_truth_was_found() -> None:
    truth = [TruePassage(camera="a", epoch="e", text="X", vehicle="car", first_sec=0, last_sec=1)]
    console = Console(record=True, width=100)
    console.print(summary_table(a_flow(), compare(truth, []), {}))
    text = console.export_text()
    assert "vehicles that passed" in text
    assert "0 (0.0%)" in text


@pytest.mark.parametrize(
    ("number", "error"), [(signal.SIGINT, KeyboardInterrupt), (signal.SIGTERM, SystemExit)]
)
def test_what_is_rendered_ends_with_whoever_waits_for_it(
    tmp_path: Path, number: signal.Signals, error: type[BaseException]
) -> None:
    """Ctrl-C reaches the one who waits alone; the program and its children are ended by that."""
    program = (
        "import pathlib, subprocess, sys, time;"
        "child = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)']);"
        f"pathlib.Path({str(tmp_path / 'pids')!r}).write_text(str(child.pid)); time.sleep(60)"
    )

    def interrupt() -> None:
        while not (tmp_path / "pids").exists() or not (tmp_path / "pids").read_text():
            time.sleep(0.02)
        os.kill(os.getpid(), number)

    # Where the tests themselves were started in the background, SIGINT is ignored.
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    threading.Thread(target=interrupt).start()
    try:
        with pytest.raises(error):
            run_apart([sys.executable, "-c", program])
    finally:
        signal.signal(signal.SIGINT, before)
    deadline = time.monotonic() + 5
    child = int((tmp_path / "pids").read_text())
    while identify(child) is not None and time.monotonic() < deadline:
        time.sleep(0.02)
    assert identify(child) is None


def test_a_process_that_goes_away_is_told_once_and_again_when_it_is_back() -> None:
    def status(phase: Phase, *, answers: bool = True) -> StackStatus:
        process = ProcessStatus(name="rows", phase=phase, answers=answers, last_exit="killed by signal 9")
        return StackStatus(run="r", phase=Phase.READY, supervisor=None, started_at=NOON, processes=[process])

    watch = Watch()
    lines = [
        watch.changes(status(phase, answers=answers))
        for phase, answers in [
            (Phase.READY, True),
            (Phase.PAUSING, True),
            (Phase.STARTING, True),
            (Phase.READY, True),
            (Phase.READY, False),
        ]
    ]

    assert lines == [
        [],
        ["rows is away (killed by signal 9); what needs it waits"],
        [],
        ["rows is back"],
        ["rows does not answer; what needs it waits"],
    ]
