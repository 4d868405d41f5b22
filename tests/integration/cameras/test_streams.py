"""What a camera may speak, and what may change while it does."""

from __future__ import annotations

import functools
import http.server
import itertools
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import av
import psutil
import pytest
import simplejpeg

from deploy.drill.scene.rtsp import live_launch
from tests.ingest.camera.films import make_film
from tests.integration.cameras.bad_cameras import (
    answering,
    http_stream,
    paced,
    transport_stream,
)
from tests.integration.cameras.cameras_read import FPS, a_camera
from tests.integration.rtsp_server import Serve
from tests.integration.watched import until, watching


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
