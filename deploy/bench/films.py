"""Films of 1080p25 for the bench of ingest: a busy street, and the same street where nothing happens."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from pathlib import Path

import av
import numpy as np

FPS, WIDTH, HEIGHT = 25, 1920, 1080
_NOISE = 2.0
"""Standard deviation of a still picture's noise in grey levels: a usual sensor by day."""
_NOISES = 8


def busy_film(street: Path, target: Path, *, seconds: float) -> Path:
    """The beginning of a street film, as large as a camera's."""
    return _write(target, _frames(street), seconds=seconds)


def still_film(street: Path, target: Path, *, seconds: float) -> Path:
    """Its first frame for the whole time, under a sensor's noise."""
    first = next(_frames(street)).to_ndarray(format="yuv420p").astype(np.float32)
    made = np.random.default_rng(1)
    noisy = [
        np.clip(first + made.normal(0, _NOISE, first.shape), 0, 255).astype(np.uint8) for _ in range(_NOISES)
    ]

    def frames() -> Iterator[av.VideoFrame]:
        while True:
            yield av.VideoFrame.from_ndarray(noisy[int(made.integers(_NOISES))], "yuv420p")

    return _write(target, frames(), seconds=seconds)


def _frames(street: Path) -> Iterator[av.VideoFrame]:
    """Each of the film's frames, at its own rate, again and again."""
    while True:
        with av.open(str(street)) as container:
            for frame in container.decode(video=0):
                yield frame.reformat(WIDTH, HEIGHT, "yuv420p")


def _write(target: Path, frames: Iterator[av.VideoFrame], *, seconds: float) -> Path:
    """As cameras encode: a key frame every two seconds, nothing in another order."""
    options = {
        "preset": "veryfast",
        "tune": "zerolatency",
        "g": str(2 * FPS),
        "crf": "24",
        "sc_threshold": "0",
    }
    with av.open(str(target), "w") as container:
        stream = container.add_stream("libx264", rate=FPS, options=options)
        stream.width, stream.height, stream.pix_fmt = WIDTH, HEIGHT, "yuv420p"
        for number, frame in enumerate(islice(frames, round(seconds * FPS))):
            frame.pts, frame.time_base = number, 1 / stream.codec_context.framerate
            container.mux(stream.encode(frame))
        container.mux(stream.encode())
    return target
