"""The drill's cameras: the rendered street, a vehicle that stands for the whole run, and a live stream."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from fractions import Fraction
from pathlib import Path

import av
import msgspec
from rich.console import Console

from contracts.cameras import Camera
from contracts.errors import Stop
from deploy.demo.street import Film, Street
from deploy.drill.rtsp import PACKAGE, can_serve, playing
from triton_models.rendering.truth import FilmTruth, read_truth

log = logging.getLogger(__name__)

FRAMES_PER_SECOND = 3.0
"""Two cores keep up with all cameras, also while they catch up after a kill."""
_STILL_FPS = 5


@contextmanager
def drill_cameras(
    street: Street, folder: Path, *, seconds: float, console: Console
) -> Iterator[list[Camera]]:
    """All cameras; the live one only where the system has an RTSP server."""
    film = street.films[0]
    parked = Camera(
        id="yard",
        place="Yard, one vehicle parked",
        source=str(parked_film(film, folder / "yard.mp4", seconds=2 * seconds)),
        frames_per_second=1.0,
    )
    streets = [
        msgspec.structs.replace(camera, frames_per_second=FRAMES_PER_SECOND)
        for camera in street.cameras(pace="real")
    ]
    cameras = [*streets, parked]
    if not can_serve():
        console.print(f"[dim]no live camera: this system has no RTSP server (Debian: {PACKAGE})[/dim]")
        yield cameras
        return
    with playing(film.path, log=folder / "rtsp.log") as address:
        live = Camera(
            id="live-gate",
            place="The same gate, live",
            source=address,
            frames_per_second=FRAMES_PER_SECOND,
        )
        yield [*cameras, live]


def parked_film(film: Film, out: Path, *, seconds: float) -> Path:
    """One frame of a film, in which a single vehicle shows its plate best, for so long.

    Raises:
        Stop: the film has no such frame, or cannot be read or written.
    """
    at_sec = _best_moment(read_truth(film.path.with_suffix(".json")))
    try:
        with av.open(str(film.path)) as source, av.open(str(out), "w") as target:
            frame = next(
                frame for frame in source.decode(video=0) if (frame.time or 0.0) >= at_sec - 1e-3
            ).reformat(format="yuv420p")
            stream = target.add_stream("libx264", rate=Fraction(_STILL_FPS))
            stream.width, stream.height, stream.pix_fmt = frame.width, frame.height, "yuv420p"
            for number in range(int(seconds * _STILL_FPS)):
                frame.pts, frame.time_base = number, Fraction(1, _STILL_FPS)
                target.mux(stream.encode(frame))
            target.mux(stream.encode())
    except (av.error.FFmpegError, OSError, StopIteration) as error:
        raise Stop(f"film {film.path}: no still could be made: {error!r}") from error
    return out


def _best_moment(truth: FilmTruth) -> float:
    """Second at which exactly one vehicle is in view and its characters are largest."""
    in_view: dict[float, list[tuple[float, bool]]] = {}
    for passage in truth.passages:
        for frame in passage.frames:
            in_view.setdefault(frame.time_sec, []).append((frame.character_px, frame.legible))
    alone = [(seen[0][0], at_sec) for at_sec, seen in in_view.items() if len(seen) == 1 and seen[0][1]]
    if not alone:
        raise Stop(f"film of {truth.camera}: no vehicle is ever alone in it")
    return max(alone)[1]
