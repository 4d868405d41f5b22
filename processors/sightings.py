"""frames -> sightings: one message for what one frame shows, and how well the cameras were covered.

Stage of shape `IndependentStage`: frames of all cameras are recognised beside each other, the engine sends
the sightings of one camera in order. A live frame that is older than its budget is not looked at: it is
counted in `coverage`, and the stage catches up instead of showing the past.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Executor
from datetime import UTC, datetime

from contracts.codec import encode
from contracts.errors import Rejected
from contracts.messages.common import CameraId, LogPosition
from contracts.messages.frame import FrameHeader, decode_headers
from contracts.messages.sighting import Sighting
from contracts.topics import Topic
from processors.cascade.coverage import CoverageCounters
from processors.cascade.pictures import decode_jpeg
from processors.cascade.recognise import NOTHING, Recognised, recognise
from processors.cascade.regard import EVERYTHING, Regard
from processors.cascade.settings import FOR_PICTURES, FOR_VIDEO, CascadeSettings
from processors.engine.stage import Incoming, Outgoing
from processors.ports import Image, Inference


def utc_now() -> datetime:
    return datetime.now(UTC)


class Sightings:
    """The stage. `pool` decodes and cuts pictures beside the event loop; `regards` says of each camera what
    it asks to be looked at."""

    def __init__(
        self,
        inference: Inference,
        pool: Executor,
        coverage: CoverageCounters,
        *,
        stale_after_sec: float,
        video: CascadeSettings = FOR_VIDEO,
        pictures: CascadeSettings = FOR_PICTURES,
        regards: Mapping[CameraId, Regard] | None = None,
        now: Callable[[], datetime] = utc_now,
    ) -> None:
        self._inference = inference
        self._pool = pool
        self._coverage = coverage
        self._video = video
        self._pictures = pictures
        self._stale_after_sec = stale_after_sec
        self._regards: Mapping[CameraId, Regard] = {} if regards is None else regards
        self._now = now

    async def handle(self, message: Incoming) -> Sequence[Outgoing]:
        header = decode_headers(message.headers)
        if header.end:
            return (self._outgoing(header, message.position, NOTHING),)
        if self._is_stale(header):
            self._coverage.shed(header.camera, header.captured_at, self._now())
            return ()
        picture = await self._picture(message, header)
        settings = self._pictures if header.origin == "upload" else self._video
        regard = self._regards.get(header.camera, EVERYTHING)
        found = await recognise(picture, self._inference, settings, self._pool, regard)
        self._coverage.processed(header.camera, header.captured_at, self._now(), plates=len(found.plates))
        return (self._outgoing(header, message.position, found, picture),)

    def report(self, now: datetime, *, last: bool = False) -> Sequence[Outgoing]:
        return self._coverage.report(now, last=last)

    async def _picture(self, message: Incoming, header: FrameHeader) -> Image:
        if not message.value:
            raise Rejected("frame", f"camera {header.camera}: no picture in it")
        loop = asyncio.get_running_loop()
        try:
            return await loop.run_in_executor(self._pool, decode_jpeg, message.value)
        except Rejected as error:
            raise Rejected(
                "frame", f"camera {header.camera}, sequence {header.sequence}: {error.why}"
            ) from error

    def _is_stale(self, header: FrameHeader) -> bool:
        age_sec = (self._now() - header.captured_at).total_seconds()
        return header.origin == "live" and age_sec > self._stale_after_sec

    def _outgoing(
        self, header: FrameHeader, frame: LogPosition, found: Recognised, picture: Image | None = None
    ) -> Outgoing:
        # The picture's own size is the truth: boxes are in its pixels whatever the header says.
        height, width = picture.shape[:2] if picture is not None else (header.height, header.width)
        sighting = Sighting(
            camera=header.camera,
            epoch=header.epoch,
            sequence=header.sequence,
            captured_at=header.captured_at,
            clock=header.clock,
            origin=header.origin,
            end=header.end,
            width=width,
            height=height,
            frame=frame,
            processed_at=self._now(),
            models=self._inference.models,
            vehicles=found.vehicles,
            plates=found.plates,
        )
        return Outgoing(topic=Topic.SIGHTINGS, key=header.camera.encode(), value=encode(sighting))
