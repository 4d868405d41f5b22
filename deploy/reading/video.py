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
from ingest.camera.capture import CaptureError, Jpeg, pictures
from ingest.camera.timestamps import Timeline
from ingest.seeing.sampling import Sampler
from ingest.sources.video import VideoSource
from processors.engine.stage import Incoming
from processors.passages.events.drafts import Draft
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
        for message in messages_of(video, progress):
            async for draft in stages.drafts(message):
                yield draft


def messages_of(video: Video, progress: Callable[[float], None]) -> Iterator[Incoming]:
    """Sampled frames as they would stand on the topic, then the end; also when the file breaks off. Where the
    film's time goes back a new epoch begins, as it does in ingest."""
    timeline = Timeline(video.started_at, live=False)
    at, epoch = video.started_at, _Epoch(video)
    broken_off: CaptureError | None = None
    source = VideoSource(video.camera)
    try:
        for picture in pictures(source):
            moment = timeline.observe(picture.media_sec, None, now=video.started_at)
            if timeline.stepped_back_sec(moment):
                yield from epoch.end(at)
                epoch = epoch.next()
            at = timeline.forward(moment).at
            progress((at - video.started_at).total_seconds())
            if epoch.sampler.wants(at):
                yield epoch.message(at, picture.encode())
    except CaptureError as error:
        broken_off = error
    else:
        sent = epoch.number or epoch.sequence
        problem = source.cut_off or (None if sent else "gave no frame that can be decoded")
        broken_off = CaptureError(video.camera.id, problem) if problem else None
    yield from epoch.end(at)
    if broken_off is not None:
        raise broken_off


class _Epoch:
    """Numbers the frames between two set-backs of a film's time."""

    def __init__(self, video: Video, number: int = 0, before: int = 0) -> None:
        """`before`: so many messages of the epochs before."""
        self._video = video
        self._before = before
        self.number = number
        self.sampler = Sampler(video.camera.frames_per_second)
        self.sequence = 0

    def next(self) -> _Epoch:
        sent = self.sequence + 1 if self.sequence else 0
        return _Epoch(self._video, self.number + 1, self._before + sent)

    def message(self, at: datetime, jpeg: Jpeg) -> Incoming:
        message = self._message(at, jpeg)
        self.sequence += 1
        return message

    def end(self, at: datetime) -> Iterator[Incoming]:
        """The mark that nothing follows; where there was a frame."""
        if self.sequence:
            yield self._message(at, None)

    def _message(self, at: datetime, jpeg: Jpeg | None) -> Incoming:
        """A frame, or without a picture the end."""
        began = self._video.started_at.strftime("%Y%m%dT%H%M%S.%fZ")
        header = FrameHeader(
            camera=self._video.camera.id,
            epoch=f"{began}-{self.number}" if self.number else began,
            sequence=self.sequence,
            captured_at_us=microseconds(at),
            clock="container",
            width=jpeg.width if jpeg else 0,
            height=jpeg.height if jpeg else 0,
            origin="file",
            end=jpeg is None,
        )
        return frame_message(header, jpeg.data if jpeg else b"", before_epoch=self._before)


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
