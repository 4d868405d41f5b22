"""Frames as they stand on the topic -> plate events, by the stages' own functions in one process.

Nothing stands between the stages but this: no broker, no server. Frames are kept for as long as a passage
may want one as evidence.
"""

from __future__ import annotations

import dataclasses
from collections import OrderedDict
from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime, timedelta

from contracts.codec import decode
from contracts.errors import Stop
from contracts.messages.common import LogPosition
from contracts.messages.plate import PlateEvent, StoredPicture, StoredReads
from contracts.topics import Topic
from deploy.reading.reader import PictureReader
from processors.cascade.coverage import CoverageCounters
from processors.engine.stage import Incoming
from processors.fused_look import FusedLook
from processors.passages.drafts import Draft
from processors.passages.settings import PassageSettings
from processors.plates import Plates
from processors.ports import EvidenceStore
from processors.sightings import Sightings

_KEPT_BYTES = 256 * 1024 * 1024


class StagesInProcess:
    """`sightings` and `plates` behind each other. Pictures are kept only where there is a store for them."""

    def __init__(self, reader: PictureReader, passages: PassageSettings, store: EvidenceStore | None) -> None:
        self._store = store
        self._settings = passages
        self._frames = _KeptFrames()
        self._sightings = Sightings(
            reader.inference,
            reader.pool,
            CoverageCounters("process"),
            video=reader.how.video,
            stale_after_sec=float("inf"),
        )
        self._look = FusedLook(reader.inference, reader.pool, passages).again
        self._plates = Plates(
            settings=passages, frames=self._frames, evidence=store or _NoStore(), look=self._look
        )

    async def take(self, message: Incoming) -> AsyncIterator[PlateEvent]:
        """Previews and finals that this frame brings about.

        Raises:
            Rejected: it is no frame.
        """
        if message.value and self._store is not None:
            self._frames.keep(message.position, message.value)
        async for event in self._events(await self.drafts(message)):
            yield event

    async def drafts(self, message: Incoming) -> list[Draft]:
        """The same without pictures, each with the passage that it is an event of.

        Raises:
            Rejected: it is no frame.
        """
        found: list[Draft] = []
        for sighting in await self._sightings.handle(message):
            # In this loop a sighting stands where its frame stood.
            found += self._plates.take(dataclasses.replace(message, value=sighting.value, headers=()))
        return found

    async def close(self, partitions: Sequence[int]) -> AsyncIterator[PlateEvent]:
        """What is still open when no more frames come."""
        later = datetime.now(UTC) + timedelta(seconds=self._settings.silent_after_sec + 1)
        for partition in partitions:
            async for event in self._events(self._plates.tick(partition, later)):
                yield event

    async def _events(self, drafts: Sequence[Draft]) -> AsyncIterator[PlateEvent]:
        for draft in drafts:
            if self._store is None:
                yield (await self._look(draft)).event
                continue
            for outgoing in await self._plates.finish(draft):
                if outgoing.topic == Topic.PLATES:
                    yield decode(PlateEvent, outgoing.value)


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


class _NoStore:
    """`EvidenceStore` where none is wanted: nothing is ever finished for it."""

    async def add(self, jpeg: bytes) -> StoredPicture:
        raise Stop(f"no store for a picture of {len(jpeg)} bytes")

    async def add_reads(self, data: bytes) -> StoredReads:
        raise Stop(f"no store for {len(data)} bytes of reads")
