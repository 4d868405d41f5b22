"""Live cameras: GStreamer's RTSP server around a film or any of its pipelines, where the system has it."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from contracts.errors import Stop
from deploy.local.ports import HOST, free_ports
from deploy.local.supervision import child

SYSTEM_PYTHON = "/usr/bin/python3"  # Debian's GStreamer bindings belong to Debian's Python
PACKAGE = "gir1.2-gst-rtsp-server-1.0"
"""The Debian package that `can_serve` asks for."""
_SERVER = Path(__file__).with_name("rtsp_program.py")
_READY_WITHIN_SEC = 30.0
_CHECK = "import gi; gi.require_version('GstRtspServer', '1.0'); from gi.repository import GstRtspServer"


def can_serve() -> bool:
    """Whether the system has GStreamer's RTSP server with its Python bindings."""
    try:
        return subprocess.run([SYSTEM_PYTHON, "-c", _CHECK], capture_output=True, check=False).returncode == 0
    except FileNotFoundError:
        return False


@contextmanager
def playing(film: Path, *, log: Path) -> Iterator[str]:
    """The rtsp:// address of an H.264 film, played once, while the block runs.

    Raises:
        Stop: see `serving`.
    """
    with serving({"/camera": film_launch(film)}, log=log) as address:
        yield f"{address}/camera"


@contextmanager
def serving(
    streams: Mapping[str, str], *, log: Path, port: int | None = None, **config: str
) -> Iterator[str]:
    """A server for `streams` (path -> pipeline) while the block runs: its address without a path. It dies
    with this process. `config`: user and password, certificate (a PEM file, for rtsps://).

    Raises:
        Stop: the server does not start.
    """
    port = port or free_ports(["rtsp"])["rtsp"]
    told = json.dumps({"port": port, "streams": dict(streams), **config})
    wrapper = [sys.executable, "-I", "-S", child.__file__, str(os.getpid()), str(int(signal.SIGKILL)), "same"]
    with log.open("wb") as output:
        server = subprocess.Popen([*wrapper, SYSTEM_PYTHON, str(_SERVER), told], stdout=output, stderr=output)
    try:
        _wait_for(server, port, log)
        yield f"{'rtsps' if 'certificate' in config else 'rtsp'}://{HOST}:{port}"
    finally:
        server.kill()
        server.wait()


def film_launch(film: Path) -> str:
    """The pipeline that plays an H.264 file."""
    # qtdemux and h264parse pass the stream on as it is; no decoding, so a slow machine keeps up.
    location = str(film).replace("\\", "\\\\").replace('"', '\\"')
    return (
        f'( filesrc location="{location}" ! qtdemux ! h264parse config-interval=1 '
        "! rtph264pay name=pay0 pt=96 )"
    )


def live_launch(*, fps: int = 15, size: str = "320x180", codec: str = "h264") -> str:
    """The pipeline of a moving ball that never ends, with a key frame a second."""
    width, height = size.split("x")
    encoder = {
        "h264": f"x264enc tune=zerolatency speed-preset=ultrafast key-int-max={fps} ! rtph264pay",
        "h265": f"x265enc tune=zerolatency speed-preset=ultrafast key-int-max={fps} ! h265parse ! rtph265pay",
        "mjpeg": "jpegenc ! rtpjpegpay",
    }[codec]
    payload = 26 if codec == "mjpeg" else 96
    return (
        f"( videotestsrc is-live=true pattern=ball ! video/x-raw,format=I420,width={width},"
        f"height={height},framerate={fps}/1 ! {encoder} name=pay0 pt={payload} )"
    )


def _wait_for(server: subprocess.Popen[bytes], port: int, log: Path) -> None:
    deadline = time.monotonic() + _READY_WITHIN_SEC
    while server.poll() is None and time.monotonic() < deadline:
        try:
            socket.create_connection((HOST, port), timeout=1).close()
        except OSError:
            time.sleep(0.05)
        else:
            return
    raise Stop(f"the RTSP server did not start: {log.read_text(errors='replace')[-1000:]}")
