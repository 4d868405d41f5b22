"""The fixture `rtsp`: a video file -> an RTSP address at which GStreamer's server plays it like a camera."""

from __future__ import annotations

import subprocess
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from deploy.local.ports import HOST, free_ports
from tests.integration.servers import missing, running

SYSTEM_PYTHON = "/usr/bin/python3"  # Debian's GStreamer bindings belong to Debian's Python
SERVER = Path(__file__).with_name("rtsp_program.py")


@pytest.fixture
def rtsp(tmp_path: Path) -> Iterator[Callable[[Path], str]]:
    """`rtsp(video)` starts a server for an H.264 file and gives its address; every call a new server."""
    if not can_serve():
        missing("GStreamer's RTSP server (Debian: gir1.2-gst-rtsp-server-1.0, see .ci/run)")
    with ExitStack() as servers:

        def serve(video: Path) -> str:
            port = free_ports(["rtsp"])["rtsp"]
            command = [SYSTEM_PYTHON, str(SERVER), str(port), str(video)]
            servers.enter_context(running(command, port=port, log=tmp_path / f"rtsp{port}.log"))
            return f"rtsp://{HOST}:{port}/camera"

        yield serve


def can_serve() -> bool:
    check = "import gi; gi.require_version('GstRtspServer', '1.0'); from gi.repository import GstRtspServer"
    try:
        return subprocess.run([SYSTEM_PYTHON, "-c", check], capture_output=True, check=False).returncode == 0
    except FileNotFoundError:
        return False
