"""The drill's cameras: the rendered street, one that counts vehicles without their plates, a vehicle that
drives in and stands for the rest of the run, and a live stream; and the picture that somebody hands in."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import msgspec
from rich.console import Console

from contracts.cameras import Camera
from contracts.messages.common import CameraId
from deploy.demo.street import Street
from deploy.drill.scene.rtsp import PACKAGE, can_serve, playing
from deploy.drill.scene.still import still_of

FRAMES_PER_SECOND = 3.0
"""Two cores keep up with all cameras, also while they catch up after a kill."""
COUNTED_PER_SECOND = 2.0
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


@contextmanager
def filmed(street: Street, folder: Path, *, seconds: float, console: Console) -> Iterator[Filmed]:
    """All cameras; the live one only where the system has an RTSP server."""
    film = street.films[0]
    still = still_of(film)
    parked = Camera(
        id="yard",
        place="Yard, one vehicle parks",
        source=str(still.film_of_parking(folder / "yard.mp4", seconds=2 * seconds)),
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
