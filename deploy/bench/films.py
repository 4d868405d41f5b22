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
_SMALL = (640, 360)
_QUIET_SEC, PASSAGE_SEC = 6.0, 3.0
LEAD_SEC = 2 * (_QUIET_SEC + PASSAGE_SEC) + _QUIET_SEC
"""What a still film begins with: vehicles, by which ingest learns that its packets tell of them."""


def busy_film(street: Path, target: Path, *, seconds: float) -> Path:
    """The beginning of a street film, as large as a camera's and under a sensor's noise."""
    return _write(target, _frames(street), seconds=seconds)


def still_film(street: Path, target: Path, *, seconds: float) -> Path:
    """The same street with two passages in `LEAD_SEC`, then nothing for the time that is left."""
    return _write(target, _still_frames(street), seconds=seconds)


def pieces_film(video: Path, target: Path, *, pieces: int, quiet_sec: float) -> Path:
    """Pieces from all over a video, small, each after so much of its own first picture: what was there
    begins to move, nothing is cut in."""
    seconds = pieces * (quiet_sec + PASSAGE_SEC)
    return _write(target, _pieces(video, pieces, quiet_sec), seconds=seconds, size=_SMALL)


def _pieces(video: Path, pieces: int, quiet_sec: float) -> Iterator[av.VideoFrame]:
    with av.open(str(video)) as container:
        frames = sum(1 for packet in container.demux(video=0) if packet.size)
    length = round(PASSAGE_SEC * FPS)
    for number in range(pieces):
        begin = max(0, frames - length) * number // max(1, pieces - 1)
        piece = islice(_frames(video, _SMALL), begin, begin + length)
        first = next(piece)
        yield from repeat(first, round(quiet_sec * FPS) + 1)
        yield from piece


def _still_frames(street: Path) -> Iterator[av.VideoFrame]:
    first = next(_frames(street))
    for begin_sec in (_QUIET_SEC, 2 * _QUIET_SEC):
        yield from repeat(first, round(_QUIET_SEC * FPS))
        begin = round(begin_sec * FPS)
        yield from islice(_frames(street), begin, begin + round(PASSAGE_SEC * FPS))
    yield from repeat(first)


def _frames(street: Path, size: tuple[int, int] = (WIDTH, HEIGHT)) -> Iterator[av.VideoFrame]:
    """Each of the film's frames, again and again."""
    while True:
        with av.open(str(street)) as container:
            for frame in container.decode(video=0):
                yield frame.reformat(*size, "yuv420p")


def _noisy(frames: Iterator[av.VideoFrame]) -> Iterator[av.VideoFrame]:
    """Each picture's noise is its own: an encoder finds a repeated one again."""
    made = np.random.default_rng(1)
    noise = made.normal(0, _NOISE, (2 * HEIGHT * 3 // 2, 2 * WIDTH)).round().astype(np.int16)
    for frame in frames:
        clean = frame.to_ndarray(format="yuv420p")
        top, left = (
            made.integers(noise.shape[0] - clean.shape[0]),
            made.integers(noise.shape[1] - clean.shape[1]),
        )
        noisy = clean + noise[top : top + clean.shape[0], left : left + clean.shape[1]]
        yield av.VideoFrame.from_ndarray(np.clip(noisy, 0, 255).astype(np.uint8), "yuv420p")


def _write(
    target: Path, frames: Iterator[av.VideoFrame], *, seconds: float, size: tuple[int, int] = (WIDTH, HEIGHT)
) -> Path:
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
        stream.width, stream.height = size
        stream.pix_fmt = "yuv420p"
        for number, frame in enumerate(islice(_noisy(frames), round(seconds * FPS))):
            frame.pts, frame.time_base = number, 1 / stream.codec_context.framerate
            container.mux(stream.encode(frame))
        container.mux(stream.encode())
    return target
