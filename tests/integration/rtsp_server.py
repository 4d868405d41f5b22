"""The fixture `rtsp`: a video file -> an RTSP address at which GStreamer's server plays it like a camera."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from deploy.drill.rtsp import PACKAGE, can_serve, playing
from tests.integration.servers import missing


@pytest.fixture
def rtsp(tmp_path: Path) -> Iterator[Callable[[Path], str]]:
    """`rtsp(video)` starts a server for an H.264 file and gives its address; every call a new server."""
    if not can_serve():
        missing(f"GStreamer's RTSP server (Debian: {PACKAGE}, see .ci/run)")
    with ExitStack() as servers:
        yield lambda video: servers.enter_context(playing(video, log=tmp_path / f"rtsp-{video.stem}.log"))
