"""A video file -> the events of its passages, through the functions of `ingest`, `sightings` and `plates`."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import av
import av.error

from contracts.cameras import Camera
from contracts.messages.frame import FrameHeader, microseconds
from contracts.messages.plate import PlateEvent
from deploy.reading.reader import PictureReader
from deploy.reading.stages import StagesInProcess, frame_message
from ingest.capture import CaptureError, Jpeg, pictures
from ingest.seeing.sampling import Sampler
from ingest.sources.video import VideoSource
from ingest.timestamps import Timeline
from processors.engine.stage import Incoming
from processors.passages.drafts import Draft
from processors.passages.settings import PassageSettings
from processors.ports import EvidenceStore

_EARLIEST_YEAR = 2000


@dataclass(frozen=True, kw_only=True)
class Video:
    """`started_at`: when its first frame was taken, as far as the file says; `seconds`: None if unknown."""

    camera: Camera
    started_at: datetime
    seconds: float | None


def video_of(path: Path, *, frames_per_second: float) -> Video:
    """The file as a camera. One that cannot be opened is found out when its frames are asked for."""
    started_at, seconds = _container_facts(path)
    name = re.sub(r"[^a-z0-9_-]+", "-", path.stem.lower()).strip("-_")[:63] or "video"
    camera = Camera(id=name, source=str(path), frames_per_second=frames_per_second)
    return Video(camera=camera, started_at=started_at, seconds=seconds)


class VideoProcessor:
    """Runs videos one after the other. Pictures are kept only where there is a store for them."""

    def __init__(self, reader: PictureReader, passages: PassageSettings, store: EvidenceStore | None) -> None:
        self._reader = reader
        self._passages = passages
        self._store = store

    async def finals(self, video: Video, progress: Callable[[float], None]) -> AsyncIterator[PlateEvent]:
        """The last final of each passage, as soon as no later one can replace it.

        Raises:
            CaptureError: see `events`.
        """
        waiting: dict[str, PlateEvent] = {}
        at = video.started_at

        def reached(film_sec: float) -> None:
            nonlocal at
            at = video.started_at + timedelta(seconds=film_sec)
            progress(film_sec)

        settled_after = timedelta(seconds=self._passages.repeat_sec + self._passages.lost_after_sec)
        broken_off: CaptureError | None = None
        try:
            async for event in self.events(video, reached):
                if event.state == "final":
                    waiting[event.event_id] = event
                for settled in [
                    each for each in waiting.values() if each.last_captured_at < at - settled_after
                ]:
                    yield waiting.pop(settled.event_id)
        except CaptureError as error:
            broken_off = error
        for event in waiting.values():
            yield event
        if broken_off is not None:
            raise broken_off

    async def events(self, video: Video, progress: Callable[[float], None]) -> AsyncIterator[PlateEvent]:
        """Previews and finals as they come; `progress` is told the film's seconds.

        Raises:
            CaptureError: the file cannot be opened or breaks off; what was open is given before.
        """
        async for draft in self.drafts(video, progress):
            yield draft.event

    async def drafts(self, video: Video, progress: Callable[[float], None]) -> AsyncIterator[Draft]:
        """The same events, each with the passage that it is of.

        Raises:
            CaptureError: see `events`.
        """
        stages = StagesInProcess(self._reader, self._passages, self._store)
        for message in _messages(video, progress):
            async for draft in stages.drafts(message):
                yield draft


def _messages(video: Video, progress: Callable[[float], None]) -> Iterator[Incoming]:
    """Sampled frames as they would stand on the topic, then the end; also when the file breaks off."""
    timeline = Timeline(video.started_at, live=False)
    sampler = Sampler(video.camera.frames_per_second)
    at, sequence = video.started_at, 0
    broken_off: CaptureError | None = None
    source = VideoSource(video.camera)
    try:
        for picture in pictures(source):
            moment = timeline.observe(picture.media_sec, None, now=video.started_at)
            at = timeline.forward(moment).at
            progress((at - video.started_at).total_seconds())
            if sampler.wants(at):
                yield _message(video, sequence, at, picture.encode())
                sequence += 1
    except CaptureError as error:
        broken_off = error
    else:
        problem = source.cut_off or (None if sequence else "gave no frame that can be decoded")
        broken_off = CaptureError(video.camera.id, problem) if problem else None
    if sequence:
        yield _message(video, sequence, at, None)
    if broken_off is not None:
        raise broken_off


def _message(video: Video, sequence: int, at: datetime, jpeg: Jpeg | None) -> Incoming:
    """A frame, or without a picture the end."""
    header = FrameHeader(
        camera=video.camera.id,
        epoch=video.started_at.strftime("%Y%m%dT%H%M%S.%fZ"),
        sequence=sequence,
        captured_at_us=microseconds(at),
        clock="container",
        width=jpeg.width if jpeg else 0,
        height=jpeg.height if jpeg else 0,
        origin="file",
        end=jpeg is None,
    )
    return frame_message(header, jpeg.data if jpeg else b"")


def _container_facts(path: Path) -> tuple[datetime, float | None]:
    """When the film was taken (else when the file was written), and how long it is."""
    modified_sec = path.stat().st_mtime if path.exists() else 0.0
    written_at = max(datetime.fromtimestamp(modified_sec, UTC), datetime(_EARLIEST_YEAR, 1, 1, tzinfo=UTC))
    try:
        with av.open(str(path)) as container:
            seconds = container.duration / av.time_base if container.duration else None
            return _creation_time(container.metadata.get("creation_time")) or written_at, seconds
    except (av.error.FFmpegError, OSError, ValueError):
        # Opening it for its frames says what is wrong.
        return written_at, None


def _creation_time(said: str | None) -> datetime | None:
    """The container's creation time. Cameras whose clock was never set say 1904 or 1970."""
    try:
        time = datetime.fromisoformat(said) if said else None
    except ValueError:
        return None
    if time is None or time.year < _EARLIEST_YEAR:
        return None
    return time if time.tzinfo else time.replace(tzinfo=UTC)
