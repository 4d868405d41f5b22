"""A short look at one camera: can it be opened, what does it send, by which clock; and one picture."""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import UTC, datetime

from contracts.cameras import Camera
from contracts.errors import Rejected
from contracts.messages.common import Clock
from ingest.camera.capture import CaptureError, Facts, Picture, Source
from ingest.camera.timestamps import Moment, Timeline

UNKEPT_FRAMES = 20_000


@dataclass(frozen=True, kw_only=True)
class Examined:
    """What was found. `frames_per_second`: counted where the camera is live, else the file's own word.
    `problem` is None where all is well; then there is a picture (JPEG)."""

    camera: str
    source: str
    codec: str | None = None
    width: int | None = None
    height: int | None = None
    frames_per_second: float | None = None
    clock: Clock | None = None
    clock_error_ms: int | None = None
    opened_after_sec: float | None = None
    picture: bytes | None = None
    problem: str | None = None


def examine(camera: Camera, source: Source, *, seconds: float) -> Examined:
    """Open the camera and read it for `seconds`, longer only until the first picture."""
    shown = camera.shown_source()
    if not camera.enabled:
        return Examined(camera=camera.id, source=shown, problem="is not enabled")
    began_sec = time.monotonic()
    try:
        facts = source.open()
        opened_sec = time.monotonic() - began_sec
        look = _Look(camera, seconds)
        look.read(source)
    except CaptureError as error:
        return Examined(camera=camera.id, source=shown, problem=error.reason)
    finally:
        source.close()
    return _told(camera, shown, facts, look, opened_sec)


def _told(camera: Camera, shown: str, facts: Facts, look: _Look, opened_sec: float) -> Examined:
    jpeg, problem = None, "gave no frame that can be decoded"
    if look.picture is not None:
        try:
            jpeg = look.picture.encode()
        except Rejected as error:
            problem = error.why
    return Examined(
        camera=camera.id,
        source=shown,
        codec=facts.codec,
        width=facts.width or (jpeg.width if jpeg else None),
        height=facts.height or (jpeg.height if jpeg else None),
        frames_per_second=look.rate if camera.is_live else facts.rate,
        clock=look.moment.clock if look.moment else None,
        clock_error_ms=look.moment.error_ms if look.moment else None,
        opened_after_sec=opened_sec,
        picture=jpeg.data if jpeg else None,
        problem=None if jpeg else problem,
    )


class _Look:
    """The frames of the first seconds: their last picture, their last moment, how many a second."""

    def __init__(self, camera: Camera, seconds: float) -> None:
        self._camera = camera
        self._seconds = seconds
        self._timeline = Timeline(datetime.now(UTC), live=camera.is_live)
        self.picture: Picture | None = None
        self.moment: Moment | None = None
        self.rate: float | None = None

    def read(self, source: Source) -> None:
        began_sec, first_media_sec = time.monotonic(), None
        for frames, arrival in enumerate(source.arrivals(), start=1):
            self.moment = self._timeline.observe(arrival.media_sec, arrival.stamped_at, now=datetime.now(UTC))
            pictures = source.decode(arrival)
            self.picture = pictures[-1] if pictures else self.picture
            first_media_sec = arrival.media_sec if first_media_sec is None else first_media_sec
            passed_sec = time.monotonic() - began_sec
            if arrival.media_sec is not None and first_media_sec is not None:
                passed_sec = max(arrival.media_sec - first_media_sec, 1e-3)
            if frames > 1:
                self.rate = (frames - 1) / passed_sec
            enough = not self._camera.is_live or time.monotonic() - began_sec >= self._seconds
            if (enough and self.picture is not None) or frames >= UNKEPT_FRAMES:
                break
        else:
            self.picture = next(iter(source.restart()), self.picture)
