"""A film as a live camera: GStreamer's RTSP server around an H.264 file, where the system has it."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from contracts.errors import Stop
from deploy.local import child
from deploy.local.ports import HOST, free_ports

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
    """The rtsp:// address of the film while the block runs; the server dies with this process.

    Raises:
        Stop: the server does not start.
    """
    port = free_ports(["rtsp"])["rtsp"]
    wrapper = [sys.executable, "-I", "-S", child.__file__, str(os.getpid()), str(int(signal.SIGKILL)), "same"]
    with log.open("wb") as output:
        server = subprocess.Popen(
            [*wrapper, SYSTEM_PYTHON, str(_SERVER), str(port), str(film)], stdout=output, stderr=output
        )
    try:
        _wait_for(server, port, log)
        yield f"rtsp://{HOST}:{port}/camera"
    finally:
        server.kill()
        server.wait()


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
