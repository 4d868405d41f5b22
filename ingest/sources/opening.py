"""How FFmpeg is asked to open each kind of source, and what its errors mean to people."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit

import av.error

from contracts.cameras import Camera
from ingest.camera.capture import CaptureError

OPEN_TIMEOUT_SEC = 5.0

# The first picture says what the stream is. Its rate, for which FFmpeg would wait, is measured here anyway.
_SHORT_LOOK = {"analyzeduration": "1000000", "fpsprobesize": "0"}

_REASONS: tuple[tuple[type[Exception], str, bool], ...] = (
    (av.error.HTTPUnauthorizedError, "wrong user or password", True),
    (av.error.HTTPForbiddenError, "this user may not see it", True),
    (av.error.HTTPNotFoundError, "there is no such stream at this address", True),
    (av.error.HTTPBadRequestError, "the camera does not understand the address", True),
    (av.error.FileNotFoundError, "No such file or directory", True),
    (av.error.PermissionError, "Permission denied", True),
    (av.error.IsADirectoryError, "Is a directory", True),
    (av.error.ProtocolNotFoundError, "its protocol is not supported", True),
    (av.error.DecoderNotFoundError, "its codec is not supported", True),
    (av.error.ConnectionRefusedError, "Connection refused", False),
    (av.error.ExitError, "no answer in time", False),
    (av.error.TimeoutError, "no answer in time", False),
)
"""FFmpeg's error, what it means, and whether trying again soon is pointless."""


def format_of(camera: Camera) -> str | None:
    """The demuxer where FFmpeg cannot tell it from the address."""
    return "video4linux2,v4l2" if camera.source.startswith("v4l2://") else None


def file_of(camera: Camera) -> str:
    """What FFmpeg is to open."""
    return urlsplit(camera.source).path if camera.source.startswith("v4l2://") else camera.source


def options_of(camera: Camera) -> dict[str, str]:
    """Options of the demuxer and its protocol. Times are in microseconds.

    FFmpeg ignores `stimeout` and, for RTSP, `rw_timeout`; `timeout` is the one that is obeyed.
    """
    scheme = camera.source.partition("://")[0]
    silence_us = str(round(camera.silence_sec * 1e6))
    if scheme in ("rtsp", "rtsps"):
        return {
            "rtsp_transport": "tcp" if scheme == "rtsps" else camera.transport,
            "timeout": silence_us,
            "max_delay": "500000",
            "fflags": "nobuffer+discardcorrupt",
            **_SHORT_LOOK,
        }
    if scheme in ("http", "https"):
        return {"timeout": silence_us, "fflags": "nobuffer+discardcorrupt", **_SHORT_LOOK}
    return {}


def open_timeout(camera: Camera) -> tuple[float, None] | None:
    """Only for opening: the read time-out of this argument polls under the interpreter's lock."""
    return (max(OPEN_TIMEOUT_SEC, camera.silence_sec), None) if camera.is_live else None


@contextmanager
def told(camera: Camera, what: str, *, opening: bool = False) -> Iterator[None]:
    """FFmpeg's errors as `CaptureError`, with a reason for people and without credentials. While it is
    `opening` a stream, FFmpeg's RTSP makes invalid data of its own time-out; later it tells that as such."""
    began_sec = time.monotonic()
    try:
        yield
    except (av.error.FFmpegError, OSError, ValueError) as error:
        reason, refused = reason_of(error)
        waited_sec = time.monotonic() - began_sec
        is_invalid = opening and camera.is_live and isinstance(error, av.error.InvalidDataError)
        if is_invalid and waited_sec >= camera.silence_sec:
            reason = "no answer in time"
        raise CaptureError(camera.id, f"{camera.shown_source()} {what}: {reason}", refused=refused) from error


def reason_of(error: Exception) -> tuple[str, bool]:
    """What an error of FFmpeg means, and whether trying again soon is pointless."""
    for kind, reason, refused in _REASONS:
        if isinstance(error, kind):
            return reason, refused
    return getattr(error, "strerror", None) or type(error).__name__, False
