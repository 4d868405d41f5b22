"""The fixtures `rtsp` and `rtsp_streams`: GStreamer's RTSP server, playing like a camera.

`rtsp(video)` plays an H.264 file once. `rtsp_streams({"/path": pipeline})` runs any GStreamer pipeline.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, ExitStack
from pathlib import Path
from typing import Any

import pytest

from deploy.drill.scene.rtsp import PACKAGE, can_serve, playing, serving
from tests.integration.servers import missing

Serve = Callable[..., AbstractContextManager[str]]


@pytest.fixture
def rtsp(tmp_path: Path) -> Iterator[Callable[[Path], str]]:
    """`rtsp(video)` starts a server for an H.264 file and gives its address; every call a new server."""
    _needed()
    with ExitStack() as servers:
        yield lambda video: servers.enter_context(playing(video, log=tmp_path / f"rtsp-{video.stem}.log"))


@pytest.fixture
def rtsp_streams(tmp_path: Path) -> Serve:
    """`with rtsp_streams({"/path": pipeline}, user=…, password=…, certificate=…, port=…) as address:`"""
    _needed()
    numbers = itertools.count()

    def serve(streams: Mapping[str, str], **config: Any) -> AbstractContextManager[str]:
        return serving(streams, log=tmp_path / f"rtsp-{next(numbers)}.log", **config)

    return serve


def _needed() -> None:
    if not can_serve():
        missing(f"GStreamer's RTSP server (Debian: {PACKAGE}, see .ci/run)")
