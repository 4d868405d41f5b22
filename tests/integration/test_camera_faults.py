"""What cameras do to an ingester, against a real RTSP server and raw sockets. None of them delays another."""

from __future__ import annotations

import functools
import http.server
import itertools
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any

import av
import psutil
import pytest
import simplejpeg

from contracts.cameras import Camera
from deploy.drill.rtsp import live_launch
from ingest.life import Life
from ingest.worker import FLOOD_ARRIVALS
from tests.ingest.films import make_film
from tests.integration.bad_cameras import (
    Wire,
    answering,
    http_stream,
    mjpeg_parts,
    paced,
    silent,
    transport_stream,
)
from tests.integration.rtsp_server import Serve
from tests.integration.watched import Got, Watched, until, watching

MJPEG = "multipart/x-mixed-replace;boundary=frame"
FPS = 15


def a_camera(name: str, source: str, **fields: Any) -> Camera:
    return Camera(id=name, source=source, silence_sec=1, **fields)


def test_a_camera_is_read_by_its_own_clock_and_its_frames_add_up(rtsp_streams: Serve) -> None:
    with rtsp_streams({"/camera": live_launch(fps=FPS)}) as address:
        began_sec = time.monotonic()
        with watching(a_camera("gate", f"{address}/camera")) as watched:
            until(lambda: any(got.header.clock == "rtcp" for got in watched.sent("gate")), within_sec=15)
            until(lambda: len(watched.sent("gate")) > 25, within_sec=15)
        passed_sec = time.monotonic() - began_sec
        total = watched.total("gate")
    rtcp = [got.header for got in watched.sent("gate") if got.header.clock == "rtcp"]
    assert {header.clock_error_ms for header in rtcp} == {20}
    now = time.time()
    assert all(now - 30 < header.captured_at.timestamp() <= now for header in rtcp)
    assert total.expected == total.captured + sum(total.gaps.values())
    assert total.captured == total.gated + total.sent + total.shed
    assert set(total.gaps) <= {"connecting", "off"}
    assert total.expected == pytest.approx(passed_sec * FPS, abs=FPS)  # by another clock


@pytest.mark.parametrize("kind", ["udp", "tls", "h265", "mjpeg"])
def test_a_camera_may_speak_udp_tls_and_other_codecs(rtsp_streams: Serve, tmp_path: Path, kind: str) -> None:
    codec = kind if kind in {"h265", "mjpeg"} else "h264"
    options: dict[str, Any] = {"certificate": str(a_certificate(tmp_path))} if kind == "tls" else {}
    with rtsp_streams({"/camera": live_launch(codec=codec, size="320x176")}, **options) as address:
        camera = a_camera("gate", f"{address}/camera", transport="udp" if kind == "udp" else "tcp")
        with watching(camera) as watched:
            until(lambda: len(watched.sent("gate")) > 5, within_sec=15)
    assert all(simplejpeg.decode_jpeg_header(got.data)[:2] == (176, 320) for got in watched.sent("gate"))


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


def test_a_camera_that_comes_back_with_another_codec_and_size_is_read(rtsp_streams: Serve) -> None:
    with rtsp_streams({"/camera": live_launch(fps=FPS)}) as address:
        port = int(address.rpartition(":")[2])
        with watching(a_camera("gate", f"{address}/camera")) as watched:
            until(lambda: len(watched.sent("gate")) > 3, within_sec=15)
            wait_and_serve = rtsp_streams({"/camera": live_launch(codec="h265", size="640x360")}, port=port)
            # The first server still holds the port: it is ended here, as a camera that starts anew.
            stop_server(port)
            with wait_and_serve:
                until(lambda: watched.sent("gate")[-1].header.width == 640, within_sec=15)


def test_codec_and_resolution_may_change_in_mid_stream() -> None:
    small = transport_stream(seconds=1.5)
    large = transport_stream(seconds=1.5, width=640, height=360, begins_sec=1.5)
    other = transport_stream(seconds=8, codec="libx265", width=480, height=272, begins_sec=3.0)
    turn = itertools.count()

    def body() -> Iterator[bytes]:
        if next(turn) == 0:
            yield from paced(small, seconds=1.5)
            yield from paced(large, seconds=1.5)
        yield from paced(other, seconds=8)

    with (
        answering(http_stream(body, "video/mp2t")) as port,
        watching(a_camera("gate", f"http://127.0.0.1:{port}/live.ts")) as watched,
    ):
        until(lambda: {320, 640, 480} <= {got.header.width for got in watched.sent("gate")}, within_sec=20)


def test_time_stamps_that_jump_a_day_move_no_capture_time() -> None:
    day_sec = 86_400.0
    pieces = [
        transport_stream(seconds=2, begins_sec=10),
        transport_stream(seconds=2, begins_sec=10 + day_sec),
        transport_stream(seconds=2, begins_sec=12),
    ]

    def body() -> Iterator[bytes]:
        for piece in pieces:
            yield from paced(piece, seconds=2)

    with (
        answering(http_stream(body, "video/mp2t")) as port,
        watching(a_camera("gate", f"http://127.0.0.1:{port}/live.ts", motion_gate="off")) as watched,
    ):
        until(lambda: len(watched.sent("gate")) > 24, within_sec=15)
    frames = watched.sent("gate")
    now_sec, monotonic_sec = time.time(), time.monotonic()
    off = [
        got.header.captured_at.timestamp() - (now_sec - (monotonic_sec - got.at_sec)) for got in frames[3:]
    ]
    assert all(-1.5 < each <= 0.1 for each in off), off
    times = [got.header.captured_at for got in frames]
    assert times == sorted(times)


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


def test_hls_is_read(tmp_path: Path) -> None:
    with av.open(
        str(tmp_path / "live.m3u8"), "w", format="hls", options={"hls_time": "1", "hls_list_size": "0"}
    ) as hls:
        stream = hls.add_stream("libx264", rate=25, options={"preset": "ultrafast", "g": "25"})
        with av.open(str(make_film(tmp_path / "film.mp4", seconds=6))) as film:
            stream.width, stream.height, stream.pix_fmt = 320, 180, "yuv420p"
            for frame in film.decode(video=0):
                hls.mux(stream.encode(frame))
            hls.mux(stream.encode())
    with serving_folder(tmp_path) as address, watching(a_camera("gate", f"{address}/live.m3u8")) as watched:
        until(lambda: len(watched.sent("gate")) >= 5, within_sec=15)


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


def longest_gap_sec(frames: list[Got]) -> float:
    times = [got.at_sec for got in frames]
    return max(later - earlier for earlier, later in itertools.pairwise(times))


def stop_server(port: int) -> None:
    """Ends the server that listens on a port of ours."""
    for connection in psutil.net_connections("tcp4"):
        if connection.laddr and connection.laddr.port == port and connection.status == psutil.CONN_LISTEN:
            assert connection.pid is not None
            psutil.Process(connection.pid).kill()
            psutil.Process(connection.pid).wait(5) if psutil.pid_exists(connection.pid) else None


def a_certificate(folder: Path) -> Path:
    """A self-signed one with its key, as cameras have."""
    from datetime import UTC, datetime, timedelta

    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import rsa
    from cryptography.x509.oid import NameOID

    key = rsa.generate_private_key(public_exponent=65_537, key_size=2048)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "camera")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .sign(key, hashes.SHA256())
    )
    path = folder / "camera.pem"
    path.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.TraditionalOpenSSL,
            serialization.NoEncryption(),
        )
        + made.public_bytes(serialization.Encoding.PEM)
    )
    return path


@contextmanager
def serving_folder(folder: Path) -> Iterator[str]:
    class Quiet(http.server.SimpleHTTPRequestHandler):
        def log_message(self, format: str, *values: object) -> None:  # noqa: A002
            return

    server = http.server.ThreadingHTTPServer(
        ("127.0.0.1", 0), functools.partial(Quiet, directory=str(folder))
    )
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
