"""The user's own video, folder or stream as a camera file."""

from __future__ import annotations

import re
from pathlib import Path

import msgspec

from contracts.addresses import without_credentials
from contracts.cameras import Camera, CameraFile, Pace
from contracts.errors import Stop
from ingest.camera.life import open_source
from ingest.examine import examine

FRAMES_PER_SECOND = 5.0
PICTURES_PER_SECOND = 0.4
"""Slow enough that a vehicle of one picture has left before the next: they need not show the same one. Where
they do, its plate seen again soon is the same passage."""


def camera_for(video: str, *, pace: Pace) -> Camera:
    """A camera of the name of its file, at five frames a second; of a folder, each picture by itself.

    Raises:
        Stop: the file or folder is not there or cannot be read.
    """
    if "://" in video:
        try:
            return Camera(id="stream", source=video)
        except ValueError as error:
            raise Stop(f"VIDEO {without_credentials(video)}: {error}") from error
    path = Path(video).expanduser().resolve()
    if not path.exists():
        raise Stop(f"VIDEO {video}: there is no such file or folder")
    try:
        next(path.iterdir(), None) if path.is_dir() else path.open("rb").close()
    except OSError as error:
        raise Stop(f"VIDEO {video}: {error.strerror}") from error
    rate = PICTURES_PER_SECOND if path.is_dir() else FRAMES_PER_SECOND
    return Camera(
        id=camera_id(path.stem), source=str(path), place=path.name, pace=pace, frames_per_second=rate
    )


def look_at(camera: Camera) -> str | None:
    """Opens it once before everything starts. A stream that gives nothing may come later: what is the
    matter with it is returned.

    Raises:
        Stop: a file or folder gives nothing, and never will.
    """
    problem = examine(camera, open_source(camera), seconds=0.0).problem
    if problem is None:
        return None
    # Some problems name the source themselves.
    shown = camera.shown_source()
    said = f"VIDEO {problem}" if shown in problem else f"VIDEO {shown} {problem}"
    if not camera.is_live:
        raise Stop(said)
    return f"{said}; it is tried again and again"


def camera_id(name: str) -> str:
    """A name as a camera id: small letters, digits and dashes."""
    return re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")[:60] or "video"


def write_camera_file(path: Path, cameras: list[Camera]) -> Path:
    """The cameras as a camera file; readable by its owner alone, an address may hold a password."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.touch(mode=0o600)
    path.write_bytes(msgspec.yaml.encode(CameraFile(cameras=tuple(cameras))))
    return path
