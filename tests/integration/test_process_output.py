"""`platestream process` started from a terminal: lines of JSON go where they are sent, whole."""

from __future__ import annotations

import os
import pty
import subprocess
import sys
from pathlib import Path

import av
import pytest

from contracts.codec import decode
from contracts.messages.plate import PlateEvent
from deploy.local.folders import CHECKOUT
from processors.cascade.pictures import decode_jpeg
from tests.integration.streets import readable_street


@pytest.fixture
def film(tmp_path: Path) -> Path:
    """Three seconds of a street with a plate that can be read."""
    path = tmp_path / "street.mp4"
    picture = decode_jpeg(readable_street().jpeg)
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=5, options={"crf": "12"})
        stream.height, stream.width = picture.shape[:2]
        stream.pix_fmt = "yuv420p"
        for _ in range(15):
            container.mux(stream.encode(av.VideoFrame.from_ndarray(picture, format="rgb24")))
        container.mux(stream.encode())
    return path


def test_json_goes_to_the_file_though_the_bar_is_on_a_terminal(film: Path, tmp_path: Path) -> None:
    ours, theirs = pty.openpty()
    answers = tmp_path / "events.jsonl"
    try:
        with answers.open("wb") as output:
            done = subprocess.run(
                [sys.executable, "-m", "deploy.cli.main", "process", str(film), "--json"],
                cwd=CHECKOUT,
                stdout=output,
                stderr=theirs,
                stdin=subprocess.DEVNULL,
                check=False,
                timeout=100,
            )
    finally:
        os.close(theirs)
        os.close(ours)

    events = [decode(PlateEvent, line) for line in answers.read_bytes().splitlines()]
    assert done.returncode == 0
    assert events
    assert {event.state for event in events} == {"final"}
