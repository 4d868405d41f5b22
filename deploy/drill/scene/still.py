"""The frame of a film in which one vehicle shows its plate best, and a film of that vehicle parking."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import av
import cv2
import numpy as np

from contracts.errors import Stop
from contracts.messages.common import Corners
from deploy.demo.street import Film
from processors.cascade.pictures import encode_jpeg
from processors.ports import Image
from triton_models.rendering.truth import FilmTruth, read_truth

FPS = 5
DRIVES_IN_SEC = 4.0
_NEARER = 1.3
_ASIDE = 0.3
"""It comes from nearer the camera and from this share of the picture's width aside: its plate is seen best
several of its own sizes from where it stands then."""
_JPEG_QUALITY = 90


@dataclass(frozen=True)
class Still:
    """`pixels` are RGB. `left` says that the plate, which reads `text`, is in the picture's left half."""

    pixels: Image
    text: str
    left: bool

    def jpeg(self) -> bytes:
        return encode_jpeg(self.pixels, _JPEG_QUALITY)

    def film_of_parking(self, out: Path, *, seconds: float) -> Path:
        """It drives in, and stands for the rest of the time.

        Raises:
            Stop: it cannot be written.
        """
        height, width, _ = self.pixels.shape
        try:
            with av.open(str(out), "w") as target:
                stream = target.add_stream("libx264", rate=Fraction(FPS))
                stream.width, stream.height, stream.pix_fmt = width, height, "yuv420p"
                for number, frame in enumerate(self._frames(int(seconds * FPS))):
                    frame.pts, frame.time_base = number, Fraction(1, FPS)
                    target.mux(stream.encode(frame))
                target.mux(stream.encode())
        except (av.error.FFmpegError, OSError) as error:
            raise Stop(f"film {out}: cannot be written: {error!r}") from error
        return out

    def _frames(self, count: int) -> Iterator[av.VideoFrame]:
        standing = _video_frame(self.pixels)
        for number in range(count):
            still_to_go = 1.0 - number / (DRIVES_IN_SEC * FPS)
            yield _video_frame(self._before(still_to_go)) if still_to_go > 0 else standing

    def _before(self, still_to_go: float) -> Image:
        """The picture while this share of the way is still to go."""
        height, width, _ = self.pixels.shape
        scale = 1.0 + (_NEARER - 1.0) * still_to_go
        aside = _ASIDE * width * still_to_go * (1.0 if self.left else -1.0)
        moved = np.array(
            [[scale, 0.0, (1 - scale) * width / 2 + aside], [0.0, scale, (1 - scale) * height / 2]]
        )
        seen = cv2.warpAffine(self.pixels, moved, (width, height), borderMode=cv2.BORDER_REPLICATE)
        return np.asarray(seen, np.uint8)


def still_of(film: Film) -> Still:
    """
    Raises:
        Stop: no vehicle is ever alone in the film, or it cannot be read.
    """
    truth = read_truth(film.path.with_suffix(".json"))
    at_sec, text, corners = _best_moment(truth)
    left = sum(x for x, _ in corners) / len(corners) < truth.width / 2
    try:
        with av.open(str(film.path)) as source:
            frames = (frame for frame in source.decode(video=0) if (frame.time or 0.0) >= at_sec - 1e-3)
            pixels = np.asarray(next(frames).to_ndarray(format="rgb24"), np.uint8)
    except (av.error.FFmpegError, OSError, StopIteration) as error:
        raise Stop(f"film {film.path}: no still could be made: {error!r}") from error
    return Still(pixels, text, left)


def _best_moment(truth: FilmTruth) -> tuple[float, str, Corners]:
    """Second at which exactly one vehicle is in view and its characters are largest, its plate and where."""
    in_view: dict[float, list[tuple[float, str, Corners | None]]] = {}
    for passage in truth.passages:
        for frame in passage.frames:
            corners = frame.corners if frame.legible else None
            in_view.setdefault(frame.time_sec, []).append((frame.character_px, passage.text, corners))
    alone = [
        (character_px, at_sec, text, corners)
        for at_sec, ((character_px, text, corners), *others) in in_view.items()
        if corners is not None and not others
    ]
    if not alone:
        raise Stop(f"film of {truth.camera}: no vehicle is ever alone in it")
    return max(alone)[1:]


def _video_frame(pixels: Image) -> av.VideoFrame:
    return av.VideoFrame.from_ndarray(np.ascontiguousarray(pixels), format="rgb24").reformat(format="yuv420p")
