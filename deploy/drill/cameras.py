"""The drill's cameras: the rendered street, one that counts vehicles without their plates, a vehicle that
stands for the whole run, and a live stream; and the picture that somebody hands in at the portal."""

from __future__ import annotations

import logging
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path

import av
import msgspec
import numpy as np
from rich.console import Console

from contracts.cameras import Camera
from contracts.errors import Stop
from contracts.messages.common import CameraId
from deploy.demo.street import Film, Street
from deploy.drill.rtsp import PACKAGE, can_serve, playing
from processors.cascade.pictures import encode_jpeg
from triton_models.rendering.truth import FilmTruth, read_truth

log = logging.getLogger(__name__)

FRAMES_PER_SECOND = 3.0
"""Two cores keep up with all cameras, also while they catch up after a kill."""
COUNTED_PER_SECOND = 2.0
_STILL_FPS = 5
_JPEG_QUALITY = 90
_NO_PLATE_PX = 8192
"""Plates narrower than this are left out, which is every plate."""
_COUNTED_FILM = "truck-road"


@dataclass(frozen=True)
class Filmed:
    """What a run shows to its stack. `texts` are the plates that may be read at the cameras whose film tells
    no time, and in the `picture` (JPEG) that is handed in; at the `street` it is known when each passes."""

    street: Street
    cameras: tuple[Camera, ...]
    texts: Mapping[CameraId, Collection[str]]
    picture: bytes
    picture_text: str


@dataclass(frozen=True)
class Still:
    """The frame of a film in which a single vehicle shows its plate best."""

    frame: av.VideoFrame
    text: str

    def jpeg(self) -> bytes:
        return encode_jpeg(np.asarray(self.frame.to_ndarray(format="rgb24"), np.uint8), _JPEG_QUALITY)

    def film(self, out: Path, *, seconds: float) -> Path:
        """Nothing but this frame, for so long.

        Raises:
            Stop: it cannot be written.
        """
        frame = self.frame
        try:
            with av.open(str(out), "w") as target:
                stream = target.add_stream("libx264", rate=Fraction(_STILL_FPS))
                stream.width, stream.height, stream.pix_fmt = frame.width, frame.height, "yuv420p"
                for number in range(int(seconds * _STILL_FPS)):
                    frame.pts, frame.time_base = number, Fraction(1, _STILL_FPS)
                    target.mux(stream.encode(frame))
                target.mux(stream.encode())
        except (av.error.FFmpegError, OSError) as error:
            raise Stop(f"film {out}: cannot be written: {error!r}") from error
        return out


@contextmanager
def filmed(street: Street, folder: Path, *, seconds: float, console: Console) -> Iterator[Filmed]:
    """All cameras; the live one only where the system has an RTSP server."""
    film = street.films[0]
    still = still_of(film)
    parked = Camera(
        id="yard",
        place="Yard, one vehicle parked",
        source=str(still.film(folder / "yard.mp4", seconds=2 * seconds)),
        frames_per_second=1.0,
    )
    streets = [
        msgspec.structs.replace(camera, frames_per_second=FRAMES_PER_SECOND)
        for camera in street.cameras(pace="real")
    ]
    texts: dict[CameraId, Collection[str]] = {parked.id: {still.text}}
    shown = Filmed(street, (*streets, _counting(streets), parked), texts, still.jpeg(), still.text)
    if not can_serve():
        console.print(f"[dim]no live camera: this system has no RTSP server (Debian: {PACKAGE})[/dim]")
        yield shown
        return
    with playing(film.path, log=folder / "rtsp.log") as address:
        live = Camera(
            id="live-gate",
            place="The same gate, live",
            source=address,
            frames_per_second=FRAMES_PER_SECOND,
        )
        texts[live.id] = {passage.text for passage in film.passages}
        yield replace(shown, cameras=(*shown.cameras, live))


def still_of(film: Film) -> Still:
    """
    Raises:
        Stop: no vehicle is ever alone in the film, or it cannot be read.
    """
    at_sec, text = _best_moment(read_truth(film.path.with_suffix(".json")))
    try:
        with av.open(str(film.path)) as source:
            frames = (frame for frame in source.decode(video=0) if (frame.time or 0.0) >= at_sec - 1e-3)
            return Still(next(frames).reformat(format="yuv420p"), text)
    except (av.error.FFmpegError, OSError, StopIteration) as error:
        raise Stop(f"film {film.path}: no still could be made: {error!r}") from error


def _counting(streets: Sequence[Camera]) -> Camera:
    """One of the street's once more: every vehicle, its plate left out, and the line that it crosses."""
    over = next((camera for camera in streets if camera.id == _COUNTED_FILM), streets[-1])
    return msgspec.structs.replace(
        over,
        id="counter",
        place="Above the road, vehicles are counted",
        least_plate_px=_NO_PLATE_PX,
        unread_vehicles=True,
        frames_per_second=COUNTED_PER_SECOND,
    )


def _best_moment(truth: FilmTruth) -> tuple[float, str]:
    """Second at which exactly one vehicle is in view and its characters are largest, and its plate."""
    in_view: dict[float, list[tuple[float, bool, str]]] = {}
    for passage in truth.passages:
        for frame in passage.frames:
            seen = frame.character_px, frame.legible, passage.text
            in_view.setdefault(frame.time_sec, []).append(seen)
    alone = [(seen[0][0], at_sec, seen[0][2]) for at_sec, seen in in_view.items()
             if len(seen) == 1 and seen[0][1]]  # fmt: skip
    if not alone:
        raise Stop(f"film of {truth.camera}: no vehicle is ever alone in it")
    return max(alone)[1:]
