"""What cameras do to an ingester, against a real RTSP server and raw sockets. None of them delays another."""

from __future__ import annotations

import itertools
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager

import psutil
import pytest

from contracts.cameras import Camera
from deploy.drill.scene.rtsp import live_launch
from ingest.camera.life import Life
from ingest.camera.worker import FLOOD_ARRIVALS
from tests.integration.cameras.bad_cameras import (
    Wire,
    answering,
    http_stream,
    mjpeg_parts,
    paced,
    silent,
    transport_stream,
)
from tests.integration.cameras.cameras_read import FPS, MJPEG, a_camera, longest_gap_sec
from tests.integration.rtsp_server import Serve
from tests.integration.watched import Watched, until, watching


def test_a_wrong_password_a_wrong_path_and_a_silent_peer_are_told_and_delay_nobody(
    rtsp_streams: Serve, caplog: pytest.LogCaptureFixture
) -> None:
    with (
        rtsp_streams({"/camera": live_launch(fps=FPS)}, user="viewer", password="s3cret") as address,
        answering(silent) as dumb_port,
    ):
        host = address.partition("://")[2]
        cameras = [
            a_camera("good", f"rtsp://viewer:s3cret@{host}/camera"),
            a_camera("stranger", f"rtsp://viewer:gu3ss@{host}/camera"),
            a_camera("nowhere", f"rtsp://viewer:s3cret@{host}/cellar"),
            a_camera("dumb", f"rtsp://viewer:s3cret@127.0.0.1:{dumb_port}/camera"),
            a_camera("gone", "rtsp://viewer:s3cret@127.0.0.1:1/camera"),
        ]
        with watching(*cameras) as watched:
            until(lambda: len(watched.sent("good")) > 40, within_sec=25)
            told = {camera.id: watched.last(camera.id) for camera in cameras}
    assert {name: report.state for name, report in told.items()} == {
        "good": "live", "stranger": "refused", "nowhere": "refused", "dumb": told["dumb"].state,
        "gone": told["gone"].state,
    }  # fmt: skip
    assert {told["dumb"].state, told["gone"].state} <= {"stalled", "connecting"}
    assert "wrong user or password" in (told["stranger"].note or "")
    assert "there is no such stream" in (told["nowhere"].note or "")
    assert "no answer in time" in caplog.text
    assert "Connection refused" in caplog.text
    assert "s3cret" not in caplog.text
    assert "gu3ss" not in caplog.text
    assert longest_gap_sec(watched.sent("good")) < 0.6
    assert caplog.text.count("camera stranger") == 1  # not asked again and again


def test_a_wire_that_goes_dead_is_noticed_and_the_camera_is_back_within_five_seconds(
    rtsp_streams: Serve,
) -> None:
    with rtsp_streams({"/camera": live_launch(fps=FPS)}) as address:
        wire = Wire(int(address.rpartition(":")[2]))
        with wire.open() as port, watching(a_camera("gate", f"rtsp://127.0.0.1:{port}/camera")) as watched:
            until(lambda: len(watched.sent("gate")) > 5, within_sec=15)
            wire.stalled.set()  # half-open: nobody says that it ended
            until(lambda: watched.last("gate").state in {"stalled", "connecting"}, within_sec=5)
            time.sleep(4)
            before = len(watched.sent("gate"))
            wire.stalled.clear()
            wire.cut()
            back_after_sec = until(lambda: len(watched.sent("gate")) > before + 1, within_sec=5)
        total = watched.total("gate")
    assert back_after_sec < 5
    epochs = [got.header.epoch for got in watched.sent("gate")]
    assert len(set(epochs)) >= 2
    assert [got.header for got in watched.frames["gate"] if got.header.end]
    assert total.expected == total.captured + sum(total.gaps.values())
    assert total.captured == total.gated + total.sent + total.shed
    assert sum(total.gaps.values()) >= 4 * FPS


def test_soiled_packets_cost_frames_and_not_the_camera(rtsp_streams: Serve) -> None:
    with rtsp_streams({"/camera": live_launch(fps=FPS)}) as address:
        wire = Wire(int(address.rpartition(":")[2]))
        with wire.open() as port, watching(a_camera("gate", f"rtsp://127.0.0.1:{port}/camera")) as watched:
            until(lambda: len(watched.sent("gate")) > 5, within_sec=15)
            wire.soiled.set()
            time.sleep(1.5)
            wire.soiled.clear()
            before = len(watched.sent("gate"))
            until(lambda: len(watched.sent("gate")) > before + 10, within_sec=10)
        total = watched.total("gate")
    assert total.captured == total.gated + total.sent + total.shed


def test_garbage_on_the_wire_is_given_up_and_what_follows_is_read() -> None:
    film = transport_stream(seconds=3)
    turn = itertools.count()

    def body() -> Iterator[bytes]:
        if next(turn) == 0:
            yield bytes(itertools.islice(itertools.cycle(range(256)), 200_000))
            return
        yield from paced(film, seconds=3)

    with (
        answering(http_stream(body, "video/mp2t")) as port,
        watching(a_camera("gate", f"http://127.0.0.1:{port}/live.ts")) as watched,
    ):
        until(lambda: len(watched.sent("gate")) > 5, within_sec=20)


def test_a_flood_is_refused_a_slow_camera_is_waited_for_and_neither_delays_a_good_one(
    rtsp_streams: Serve,
) -> None:
    tiny = list(mjpeg_parts(every_sec=0, count=1, width=64)) * 500
    flood = http_stream(lambda: itertools.chain.from_iterable(itertools.repeat(tiny, 1000)), MJPEG)
    slow = http_stream(lambda: mjpeg_parts(every_sec=2.0), MJPEG)
    with (
        rtsp_streams({"/camera": live_launch(fps=FPS)}) as address,
        answering(flood) as flood_port,
        answering(slow) as slow_port,
    ):
        cameras = [
            a_camera("good", f"{address}/camera"),
            a_camera("flood", f"http://127.0.0.1:{flood_port}/x"),
            Camera(id="slow", source=f"http://127.0.0.1:{slow_port}/x", silence_sec=10),
        ]
        with watching(*cameras) as watched:
            until(lambda: watched.last("flood").state == "refused", within_sec=20)
            assert f"more than {FLOOD_ARRIVALS}" in (watched.last("flood").note or "")
            until(lambda: len(watched.sent("slow")) >= 4, within_sec=25)
            until(lambda: len(watched.sent("good")) > 20, within_sec=20)
    assert longest_gap_sec(watched.sent("good")) < 0.8
    assert {got.header.clock for got in watched.sent("slow")} == {"host"}


@contextmanager
def cameras_that_end_at_once(_serve: Serve) -> Iterator[list[Camera]]:
    with answering(http_stream(lambda: mjpeg_parts(every_sec=0, count=3), MJPEG)) as port:
        yield [a_camera("gate", f"http://127.0.0.1:{port}/x")]


@contextmanager
def cameras_whose_wire_is_cut_at_once(serve: Serve) -> Iterator[list[Camera]]:
    """Several, since a server of RTSP takes a quarter of a second to begin. Every frame is a key frame, so
    that a connection need not be long to show one."""
    every_frame = live_launch(fps=60).replace("key-int-max=60", "key-int-max=1")
    paths = [f"/{number}" for number in range(5)]
    with serve(dict.fromkeys(paths, every_frame)) as address:
        wire = Wire(int(address.rpartition(":")[2]), cut_after_bytes=20_000)
        with wire.open() as port:
            yield [a_camera(f"gate-{path[1:]}", f"rtsp://127.0.0.1:{port}{path}") for path in paths]


@pytest.mark.parametrize("kind", [cameras_that_end_at_once, cameras_whose_wire_is_cut_at_once])
def test_two_hundred_reconnects_leave_no_thread_no_descriptor_and_no_memory(
    monkeypatch: pytest.MonkeyPatch,
    rtsp_streams: Serve,
    kind: Callable[[Serve], AbstractContextManager[list[Camera]]],
) -> None:
    monkeypatch.setattr(
        Life, "_wait", lambda self, ended, pause_sec: self._metrics.reconnects.labels("gate").inc()
    )
    process = psutil.Process()
    with kind(rtsp_streams) as cameras, watching(*cameras) as watched:
        until(lambda: openings(watched) > 40, within_sec=60)
        threads, files, memory = process.num_threads(), process.num_fds(), process.memory_info().rss
        until(lambda: openings(watched) > 240, within_sec=60)
        assert process.num_threads() <= threads + 3 * len(cameras)
        assert process.num_fds() <= files + 6 * len(cameras)
        assert process.memory_info().rss - memory < 24 * 1024 * 1024


def openings(watched: Watched) -> int:
    """How often a camera was opened and gave a frame."""
    return sum(len({got.header.epoch for got in watched.sent(camera)}) for camera in watched.cameras)
