"""The motion gate on films: a street under a sensor's noise through which a vehicle drives now and then."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path

import av
import cv2
import numpy as np
import pytest
from prometheus_client import CollectorRegistry

from contracts.cameras import Camera, MotionGate
from ingest.camera.capture import Arrival, Picture
from ingest.camera.counters import CameraCounters, IngestMetrics
from ingest.camera.worker import Worker
from ingest.sources.video import VideoSource
from tests.ingest.fakes import NoBrake, Outgoing

FPS, WIDTH, HEIGHT = 25, 640, 360
BEGAN = datetime(2026, 3, 1, 6, 30, tzinfo=UTC)
DRIVES = ((5.0, 5.8), (9.0, 9.8), (24.3, 25.1), (33.0, 36.0), (44.7, 45.2))
"""Seconds in which the vehicle is in view: as fast as 80 km/h across the picture, once slowly."""
SECONDS = 48


@pytest.fixture(scope="module", params=["crf", "bitrate"])
def film(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One of constant quality, and one of a bit rate that the encoder keeps by its own means."""
    path = tmp_path_factory.mktemp("street") / f"{request.param}.mp4"
    made = np.random.default_rng(3)
    street = cv2.GaussianBlur(made.integers(40, 200, (HEIGHT, WIDTH, 3), np.uint8), (0, 0), 5)
    kept = {"b": "900000", "maxrate": "900000", "bufsize": "450000"}
    rate = {"crf": "24"} if request.param == "crf" else kept
    options = {"preset": "veryfast", "tune": "zerolatency", "g": str(2 * FPS), "sc_threshold": "0", **rate}
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=FPS, options=options)
        stream.width, stream.height, stream.pix_fmt = WIDTH, HEIGHT, "yuv420p"
        for number in range(SECONDS * FPS):
            image = street.copy()
            for begin, end in DRIVES:
                if begin <= number / FPS < end:
                    left = round((number / FPS - begin) / (end - begin) * (WIDTH + 90)) - 90
                    cv2.rectangle(image, (left, 170), (left + 90, 230), (230, 230, 235), -1)
                    cv2.rectangle(image, (left + 30, 205), (left + 60, 215), (20, 20, 20), -1)
            noisy = np.clip(image + made.normal(0, 2.5, image.shape), 0, 255).astype(np.uint8)
            container.mux(stream.encode(av.VideoFrame.from_ndarray(noisy, "bgr24")))
        container.mux(stream.encode())
    return path


@dataclass(frozen=True)
class Read:
    """Seconds of film at which frames were decoded and sent."""

    decoded: list[float]
    sent: list[float]


class Counting(VideoSource):
    def __init__(self, camera: Camera) -> None:
        super().__init__(camera)
        self.decoded: list[float] = []

    def decode(self, arrival: Arrival) -> list[Picture]:
        self.decoded.append(arrival.media_sec or 0.0)
        return super().decode(arrival)


def read(film: Path, gate: MotionGate, **options: float) -> Read:
    camera = Camera(id="gate", source=str(film), pace="max", motion_gate=gate, started_at=BEGAN, **options)  # type: ignore[arg-type]
    source, outgoing = Counting(camera), Outgoing()
    counters = CameraCounters(camera, instance="test", metrics=IngestMetrics(CollectorRegistry()))
    Worker(camera, outgoing, NoBrake(), counters, threading.Event()).run(source)
    sent = [(header.captured_at - BEGAN).total_seconds() for header, _ in outgoing.frames if not header.end]
    return Read(source.decoded, sent)


def seen(read: Read, begin: float, end: float) -> int:
    return len([at for at in read.sent if begin + 0.02 <= at < end])


def test_no_vehicle_is_missed_that_full_decoding_sees(film: Path) -> None:
    gated, full = read(film, "auto"), read(film, "off")
    assert len(full.decoded) == SECONDS * FPS
    for begin, end in DRIVES:
        # One that creeps into view may cost its first frames, before packets or a key frame tell.
        assert seen(gated, begin, end) >= 0.6 * seen(full, begin, end)
        assert seen(gated, begin, end) >= 2


def test_a_fast_car_is_caught_on_five_frames_and_more(film: Path) -> None:
    """A quarter of a second at 80 km/h is 5.5 m; half a second is what a gate's camera has of it."""
    gated = read(film, "auto", burst_frames_per_second=25.0)
    for begin, end in DRIVES:
        assert seen(gated, begin, end) >= 5


def test_little_is_decoded_where_packets_tell_and_little_is_sent_while_nothing_moves(film: Path) -> None:
    """An encoder of constant bit rate does not tell: it is never believed, and nothing is missed above; of
    its still pictures no more are sent."""
    gated = read(film, "auto")
    still = [at for at in gated.decoded if 16 <= at < 24]
    if film.stem == "bitrate":
        assert len(still) == 8 * FPS
    else:
        assert len(still) <= 0.2 * 8 * FPS
    sent = [at for at in gated.sent if 16 <= at < 24]
    assert len(sent) <= 10
    assert max(later - earlier for earlier, later in pairwise(sent)) < 1.9
