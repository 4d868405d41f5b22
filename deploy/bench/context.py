"""What the areas share: a stack without cameras, and real frames from a rendered street."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console

from contracts.cameras import Camera
from deploy.demo.street import Street, street_cameras
from deploy.local.folders import State, state_folder
from deploy.local.options import EVERYTHING, INGEST, Options
from deploy.local.ports import free_ports
from deploy.local.stack import Stack
from ingest.camera.capture import Jpeg, pictures
from ingest.sources.video import VideoSource

FILM_SECONDS = 60.0
FRAMES = 300
_EVERY_SEC = 0.2


@dataclass(frozen=True)
class Frame:
    """`encode` makes `jpeg` again of the decoded picture, by ingest's own function."""

    media_sec: float
    jpeg: Jpeg
    encode: Callable[[], Jpeg]


@dataclass(frozen=True)
class Bench:
    """`frames` are one film's, five a second."""

    street: Street
    frames: tuple[Frame, ...]
    console: Console

    @property
    def film(self) -> Path:
        return self.street.films[0].path

    @contextmanager
    def stack(self, processes: tuple[str, ...] | None = None) -> Iterator[Stack]:
        """A stack of its own in a folder that goes away; every stage, but no cameras."""
        wanted = processes or tuple(name for name in EVERYTHING if name != INGEST)
        with tempfile.TemporaryDirectory(prefix="platestream-bench-") as folder:
            # Not the demo's own port: a person may be looking at a stack beside this one.
            ports = free_ports(["portal"])
            stack = Stack(State(Path(folder)), Options(processes=wanted, ports=ports, die_with_parent=True))
            try:
                stack.up()
                yield stack
            finally:
                stack.down()


def prepare(console: Console) -> Bench:
    """Render the street where it is not there yet, and decode its first film."""
    street = street_cameras(state_folder(os.environ), seconds=FILM_SECONDS, console=console)
    return Bench(street, tuple(frames_of(street.films[0].path)), console)


def frames_of(film: Path, *, limit: int = FRAMES) -> Iterator[Frame]:
    """Frames of a film as ingest would send them."""
    due_sec = 0.0
    for picture in pictures(VideoSource(Camera(id="bench", source=str(film)))):
        media_sec = picture.media_sec or 0.0
        if media_sec + 1e-6 < due_sec:
            continue
        yield Frame(media_sec, picture.encode(), picture.encode)
        due_sec += _EVERY_SEC
        if due_sec >= limit * _EVERY_SEC:
            return
