"""Frames as they stand on the topic -> plate events, by the stages' own functions in one process.

Nothing stands between the stages but this: no broker, no server. Frames are kept for as long as a passage
may want one as evidence.
"""

from __future__ import annotations

import dataclasses
from collections import OrderedDict
from collections.abc import AsyncIterator, Sequence
from concurrent.futures import Executor
from datetime import UTC, datetime, timedelta
from typing import Protocol

from contracts.codec import decode
from contracts.messages.common import LogPosition
from contracts.messages.frame import FrameHeader, encode_headers
from contracts.messages.plate import PlateEvent
from contracts.topics import Topic
from deploy.reading.reader import HowToRead
from processors.adapters.camera_book import CameraBook
from processors.asked import Asked
from processors.cascade.coverage import CoverageCounters
from processors.engine.stage import Incoming
from processors.fused_look import FusedLook
from processors.passages.events.drafts import Draft
from processors.passages.settings import PassageSettings
from processors.plates import Plates
from processors.ports import EvidenceStore, Inference
from processors.sightings import Sightings

_KEPT_BYTES = 256 * 1024 * 1024


class Reader(Protocol):
    """The models and how they are used: a `PictureReader`."""

    @property
    def inference(self) -> Inference: ...

    @property
    def pool(self) -> Executor: ...

    @property
    def how(self) -> HowToRead: ...


class StagesInProcess:
    """`sightings` and `plates` behind each other. Pictures are kept only where there is a store for them;
    `cameras` says what each one asks for, as to the stages."""

    def __init__(
        self,
        reader: Reader,
        passages: PassageSettings,
        store: EvidenceStore | None,
        cameras: CameraBook | None = None,
    ) -> None:
        asked = Asked(cameras or CameraBook(None))
        self._settings = passages
        self._frames = None if store is None else _KeptFrames()
        self._sightings = Sightings(
            reader.inference,
            reader.pool,
            CoverageCounters("process"),
            video=reader.how.video,
            stale_after_sec=float("inf"),
            regards=asked.regards,
        )
        self._plates = Plates(
            settings=passages,
            frames=self._frames,
            evidence=store,
            places=asked.places,
            unread=asked.unread,
            ways=asked.ways,
            look=FusedLook(reader.inference, reader.pool, passages).again,
        )

    async def take(self, message: Incoming) -> AsyncIterator[PlateEvent]:
        """Previews and finals that this frame brings about.

        Raises:
            Rejected: it is no frame.
        """
        async for draft in self.drafts(message):
            yield draft.event

    async def drafts(self, message: Incoming) -> AsyncIterator[Draft]:
        """The same events, each with the passage that it is of.

        Raises:
            Rejected: it is no frame.
        """
        if message.value and self._frames is not None:
            self._frames.keep(message.position, message.value)
        for sighting in await self._sightings.handle(message):
            # In this loop a sighting stands where its frame stood.
            seen = dataclasses.replace(message, value=sighting.value, headers=())
            for draft in self._plates.take(seen):
                yield await self._finished(draft)

    async def close(self, partitions: Sequence[int]) -> AsyncIterator[PlateEvent]:
        """What is still open when no more frames come."""
        later = datetime.now(UTC) + timedelta(seconds=self._settings.silent_after_sec + 1)
        for partition in partitions:
            for draft in self._plates.tick(partition, later):
                yield (await self._finished(draft)).event

    async def _finished(self, draft: Draft) -> Draft:
        """With its event as the stage sends it."""
        (event,) = [
            decode(PlateEvent, outgoing.value)
            for outgoing in await self._plates.finish(draft)
            if outgoing.topic == Topic.PLATES
        ]
        return dataclasses.replace(draft, event=event)


def frame_message(header: FrameHeader, jpeg: bytes, *, partition: int = 0, before_epoch: int = 0) -> Incoming:
    """A frame as it would stand on its topic, behind the `before_epoch` messages of earlier epochs."""
    return Incoming(
        value=jpeg,
        key=header.camera.encode(),
        headers=tuple(encode_headers(header)),
        position=LogPosition(topic=Topic.FRAMES, partition=partition, offset=before_epoch + header.sequence),
        timestamp=header.captured_at,
    )


class _KeptFrames:
    """`FrameStore` of the frames of the last minutes."""

    def __init__(self) -> None:
        self._frames: OrderedDict[LogPosition, bytes] = OrderedDict()
        self._bytes = 0

    def keep(self, position: LogPosition, jpeg: bytes) -> None:
        self._frames[position] = jpeg
        self._bytes += len(jpeg)
        while self._bytes > _KEPT_BYTES:
            _, oldest = self._frames.popitem(last=False)
            self._bytes -= len(oldest)

    async def read(self, position: LogPosition) -> bytes | None:
        return self._frames.get(position)
