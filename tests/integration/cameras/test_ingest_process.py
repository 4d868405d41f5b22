"""The ingest process against a real broker: its camera file changes, it is stopped, it is killed."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from pathlib import Path

import pytest

from deploy.measure.log import LogReader
from tests.integration.cameras.bad_cameras import answering, http_stream, mjpeg_parts, silent
from tests.integration.cameras.ingesting import FPS, MJPEG, Topics, ingesting, write
from tests.integration.watched import until


@pytest.fixture
def stream() -> Iterator[str]:
    """The address of a camera of ten frames a second, for as many readers as there are."""
    with answering(http_stream(lambda: mjpeg_parts(every_sec=1 / FPS), MJPEG)) as port:
        yield f"http://127.0.0.1:{port}/live"


def test_a_changed_camera_file_moves_only_what_it_changes_and_a_broken_one_nothing(
    topics: str, tmp_path: Path, stream: str, fresh_name: Callable[[str], str]
) -> None:
    stays, goes, comes = fresh_name("stays"), fresh_name("goes"), fresh_name("comes")
    write(tmp_path, [{"id": stays, "source": stream}, {"id": goes, "source": stream}])
    with closing(LogReader(topics)) as log, ingesting(topics, tmp_path) as ingest:
        seen = Topics(log)
        until(lambda: {stays, goes} <= set(seen.frames()), within_sec=30)
        (tmp_path / "cameras.yml").write_text(f"cameras:\n- id: {stays}\n  sauce: x\n")
        until(lambda: ingest.said("line 3: Object contains unknown field `sauce`"), within_sec=10)
        assert ingest.said("the cameras stay as they were")
        write(tmp_path, [{"id": stays, "source": stream}, {"id": comes, "source": stream}])
        until(lambda: comes in seen.frames(), within_sec=15)
        until(lambda: any(header.end for header in seen.frames()[goes]), within_sec=10)
        status, _ = ingest.stop()
        frames = seen.frames()
    assert status == 0
    assert len({header.epoch for header in frames[stays]}) == 1
    sequences = [header.sequence for header in frames[stays]]
    assert sequences == list(range(len(sequences)))


def test_a_stop_takes_less_than_five_seconds_whatever_hangs_and_loses_nothing(
    topics: str, tmp_path: Path, stream: str, fresh_name: Callable[[str], str]
) -> None:
    good = fresh_name("good")
    with closing(LogReader(topics)) as log, answering(silent) as dumb_port, ExitStack() as stack:
        dumb = [
            {"id": fresh_name("dumb"), "source": f"rtsp://127.0.0.1:{dumb_port}/{number}", "silence_sec": 60}
            for number in range(3)
        ]
        write(tmp_path, [{"id": good, "source": stream}, *dumb])
        seen = Topics(log)
        ingest = stack.enter_context(ingesting(topics, tmp_path))
        until(lambda: len(seen.frames()[good]) > 5, within_sec=30)
        status, took_sec = ingest.stop()
        frames, reports = seen.frames()[good], seen.coverage(good)
    assert status == 0, ingest.log.read_text()
    assert took_sec < 5
    assert frames[-1].end
    assert sum(report.sent for report in reports) == len(frames) - 1
    captured = sum(report.captured for report in reports)
    assert captured == sum(report.gated + report.sent + report.shed for report in reports)
    assert sum(report.expected for report in reports) == captured + sum(
        frames for report in reports for frames in report.gaps.values()
    )


def test_a_killed_process_leaves_whole_frames_and_the_next_goes_on_in_a_new_epoch(
    topics: str, tmp_path: Path, stream: str, fresh_name: Callable[[str], str]
) -> None:
    camera = fresh_name("killed")
    write(tmp_path, [{"id": camera, "source": stream}])
    with closing(LogReader(topics)) as log:
        seen = Topics(log)
        with ingesting(topics, tmp_path) as first:
            until(lambda: len(seen.frames()[camera]) > 5, within_sec=30)
            first.kill()
        before = seen.frames()[camera]
        with ingesting(topics, tmp_path) as second:
            until(lambda: len(seen.frames()[camera]) > len(before) + 5, within_sec=30)
            assert second.stop()[0] == 0
        headers = seen.frames()[camera]
    assert len({header.epoch for header in headers}) == 2
    assert [header.sequence for header in before] == list(range(len(before)))


def test_cameras_of_a_killed_process_are_read_by_another_within_thirty_seconds(
    topics: str, tmp_path: Path, stream: str, fresh_name: Callable[[str], str]
) -> None:
    cameras = [fresh_name(f"shared{number}") for number in range(6)]
    write(tmp_path, [{"id": camera, "source": stream} for camera in cameras])
    share = {"PLATESTREAM_INGEST_SHARE": fresh_name("city")}
    with closing(LogReader(topics)) as log, ExitStack() as stack:
        seen = Topics(log)
        one = stack.enter_context(ingesting(topics, tmp_path, **share))
        until(lambda: set(cameras) <= set(seen.frames()), within_sec=40)
        two = stack.enter_context(ingesting(topics, tmp_path, **share))
        until(lambda: two.said("are read here"), within_sec=40)
        until(lambda: one.said("is not read here any more"), within_sec=20)
        time.sleep(2)
        one.kill()
        killed_at = time.time()

        def all_read_again() -> bool:
            last = {name: headers[-1].captured_at.timestamp() for name, headers in seen.frames().items()}
            return all(last[camera] > killed_at + 0.5 for camera in cameras)

        until(all_read_again, within_sec=30)
        assert two.stop()[0] == 0
