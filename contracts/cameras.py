"""The camera file (YAML): which cameras there are, where they look, how often they are read.

    cameras:
      - id: north-gate
        place: North gate, lane 1
        source: rtsp://${CAMERA_USER}:${CAMERA_PASSWORD}@camera.example/stream
        frames_per_second: 5

`source` is an rtsp:// address, a video file, or a folder of pictures; `${NAME}` is taken from the
environment so that no password stands in the file. Unknown keys are refused by name.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Literal
from urllib.parse import urlsplit, urlunsplit

import msgspec
from msgspec import Meta, Struct

from contracts.errors import Stop
from contracts.messages.common import CameraId

Pace = Literal["real", "max"]


class Camera(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One camera. `pace` and `repeat` concern files and folders alone."""

    id: CameraId
    source: Annotated[str, Meta(min_length=1)]
    place: str | None = None
    frames_per_second: Annotated[float, Meta(gt=0, le=60)] = 5.0
    max_width: Annotated[int, Meta(ge=160, le=8192)] = 1920
    jpeg_quality: Annotated[int, Meta(ge=30, le=100)] = 88
    pace: Pace = "real"
    repeat: bool = False

    @property
    def is_live(self) -> bool:
        """True for a stream that goes on whether we look or not."""
        return "://" in self.source

    def shown_source(self) -> str:
        """The source as it may be printed: without user, password and query."""
        return without_credentials(self.source)


class CameraFile(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    cameras: Annotated[tuple[Camera, ...], Meta(min_length=1)]


def parse_cameras(text: str, *, environment: Mapping[str, str], where: str) -> tuple[Camera, ...]:
    """The cameras of a camera file's text.

    Raises:
        Stop: no YAML, a wrong or unknown key, two cameras of one id, or a missing `${NAME}`.
    """
    try:
        found = msgspec.yaml.decode(text, type=CameraFile, strict=True)
    except (msgspec.DecodeError, msgspec.ValidationError) as error:
        raise Stop(f"camera file {where}: {error}") from error
    ids = [camera.id for camera in found.cameras]
    twice = sorted({camera for camera in ids if ids.count(camera) > 1})
    if twice:
        raise Stop(f"camera file {where}: camera id {twice[0]} stands there twice")
    return tuple(
        msgspec.structs.replace(camera, source=_filled_in(camera, environment, where))
        for camera in found.cameras
    )


def read_cameras(path: Path, *, environment: Mapping[str, str]) -> tuple[Camera, ...]:
    """The cameras of a camera file.

    Raises:
        Stop: it is missing, unreadable, or `parse_cameras` refuses it.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "is no text in UTF-8"
        raise Stop(f"camera file {path}: {reason}") from error
    return parse_cameras(text, environment=environment, where=str(path))


def without_credentials(source: str) -> str:
    """An address without user, password, query and fragment; a path as it is."""
    if "://" not in source:
        return source
    parts = urlsplit(source)
    host = parts.netloc.rpartition("@")[2]
    return urlunsplit((parts.scheme, host, parts.path, "", ""))


def _filled_in(camera: Camera, environment: Mapping[str, str], where: str) -> str:
    def value(match: re.Match[str]) -> str:
        name = match.group(1)
        if name not in environment:
            raise Stop(f"camera file {where}: camera {camera.id} needs {name} in the environment")
        return environment[name]

    return re.sub(r"\$\{([A-Z0-9_]+)\}", value, camera.source)
