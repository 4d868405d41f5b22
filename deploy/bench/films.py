"""Films of 1080p25 for the bench of ingest: a busy street, and the same street where nothing happens."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice, repeat
from pathlib import Path

import av
import numpy as np

FPS, WIDTH, HEIGHT = 25, 1920, 1080
_NOISE = 2.0
"""Standard deviation of a picture's noise in grey levels: a usual sensor by day."""
_NOISES = 8
_QUIET_SEC, _PASSAGE_SEC = 6.0, 3.0
LEAD_SEC = 2 * (_QUIET_SEC + _PASSAGE_SEC) + _QUIET_SEC
"""What a still film begins with: vehicles, by which ingest learns that its packets tell of them."""


def busy_film(street: Path, target: Path, *, seconds: float) -> Path:
    """The beginning of a street film, as large as a camera's and under a sensor's noise."""
    return _write(target, _frames(street), seconds=seconds)


def still_film(street: Path, target: Path, *, seconds: float) -> Path:
    """The same street with two passages in `LEAD_SEC`, then nothing for the time that is left."""
    return _write(target, _still_frames(street), seconds=seconds)


def _still_frames(street: Path) -> Iterator[av.VideoFrame]:
    first = next(_frames(street))
    for begin_sec in (_QUIET_SEC, 2 * _QUIET_SEC):
        yield from repeat(first, round(_QUIET_SEC * FPS))
        begin = round(begin_sec * FPS)
        yield from islice(_frames(street), begin, begin + round(_PASSAGE_SEC * FPS))
    yield from repeat(first)


def _frames(street: Path) -> Iterator[av.VideoFrame]:
    """Each of the film's frames, again and again."""
    while True:
        with av.open(str(street)) as container:
            for frame in container.decode(video=0):
                yield frame.reformat(WIDTH, HEIGHT, "yuv420p")


def _noisy(frames: Iterator[av.VideoFrame]) -> Iterator[av.VideoFrame]:
    """Each picture's noise is its own: an encoder finds a repeated one again."""
    made = np.random.default_rng(1)
    noise = made.normal(0, _NOISE, (2 * HEIGHT * 3 // 2, 2 * WIDTH)).round().astype(np.int16)
    for frame in frames:
        clean = frame.to_ndarray(format="yuv420p")
        top, left = made.integers(clean.shape[0]), made.integers(clean.shape[1])
        noisy = clean + noise[top : top + clean.shape[0], left : left + clean.shape[1]]
        yield av.VideoFrame.from_ndarray(np.clip(noisy, 0, 255).astype(np.uint8), "yuv420p")


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
        for number, frame in enumerate(islice(_noisy(frames), round(seconds * FPS))):
            frame.pts, frame.time_base = number, 1 / stream.codec_context.framerate
            container.mux(stream.encode(frame))
        container.mux(stream.encode())
    return target
