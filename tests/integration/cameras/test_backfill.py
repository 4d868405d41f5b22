"""Recordings that are read at full speed beside a live camera, by the same process."""

from __future__ import annotations

import itertools
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

from contracts.cameras import Camera
from deploy.drill.scene.rtsp import live_launch
from tests.ingest.camera.films import make_film
from tests.integration.rtsp_server import Serve
from tests.integration.watched import until, watching

FPS = 15
BEGAN = datetime(2026, 3, 1, 6, 30, tzinfo=UTC)
SECONDS = 20
RECORDINGS = 3


def test_recordings_at_full_speed_delay_no_live_camera_and_keep_their_own_times(
    rtsp_streams: Serve, tmp_path: Path
) -> None:
    film = make_film(tmp_path / "film.mp4", seconds=SECONDS, width=1280, height=720)
    recordings = [
        Camera(id=f"recording-{number}", source=str(film), pace="max", motion_gate="off", started_at=BEGAN)
        for number in range(RECORDINGS)
    ]
    with rtsp_streams({"/camera": live_launch(fps=FPS)}) as address:
        live = Camera(id="live", source=f"{address}/camera", motion_gate="off")
        with watching(live) as watched:
            until(lambda: any(got.header.clock == "rtcp" for got in watched.sent("live")), within_sec=15)
            began_sec = time.monotonic()
            watched.cameras = {camera.id: camera for camera in (live, *recordings)}
            until(lambda: all(watched.last(each.id).note == "ended" for each in recordings), within_sec=60)
            frames = [got for got in watched.sent("live") if got.at_sec >= began_sec]
    offset_sec = time.time() - time.monotonic()
    delays_sec = sorted(offset_sec + got.at_sec - got.header.captured_at.timestamp() for got in frames)
    assert delays_sec[int(0.95 * len(delays_sec))] < 0.5
    assert max(b.at_sec - a.at_sec for a, b in itertools.pairwise(frames)) < 1.0
    for recording in recordings:
        times = [got.header.captured_at for got in watched.sent(recording.id)]
        assert len(times) == SECONDS * recording.frames_per_second
        assert times[0] - BEGAN < timedelta(seconds=0.1)
        assert times[-1] - times[0] > timedelta(seconds=SECONDS - 0.5)
