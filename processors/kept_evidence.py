"""A draft -> what proves its event, in the object store: pictures, and what its frames showed."""

from __future__ import annotations

import logging

from contracts.codec import encode
from contracts.errors import Rejected
from contracts.messages.plate import Evidence, StoredPicture, StoredReads
from processors.evidence_pictures import Cuttings, cut
from processors.passages.events.drafts import Draft
from processors.passages.kept_reads import kept_reads
from processors.ports import EvidenceStore, FrameStore

log = logging.getLogger(__name__)


class KeptEvidence:
    """Takes the frames from `frames`, keeps in `store`."""

    def __init__(self, frames: FrameStore, store: EvidenceStore) -> None:
        self._frames = frames
        self._store = store

    async def of(self, draft: Draft, *, together: bool) -> Evidence | None:
        """A preview shows the plate alone, at once; a final the very frame, its vehicle and plate, and what
        it was voted from. `together`: its frames were read laid over one another as well.

        When the frame is no longer retained, the sighting's small picture of the plate is what remains.
        """
        if draft.frame is None:
            return None
        reads = await self._kept_reads(draft, together=together)
        cuttings = await self._cuttings(draft) if draft.event.state == "final" else None
        if cuttings is None:
            return Evidence(
                position=draft.frame,
                frame=None,
                vehicle=None,
                plate=await self._kept(draft.crop),
                reads=reads,
            )
        return Evidence(
            position=draft.frame,
            frame=await self._kept(cuttings.frame),
            vehicle=await self._kept(cuttings.vehicle),
            plate=await self._kept(cuttings.plate),
            reads=reads,
        )

    async def _kept_reads(self, draft: Draft, *, together: bool) -> StoredReads | None:
        if draft.passage is None or not draft.reads:
            return None
        passage = draft.passage
        kept = kept_reads(draft.reads, lines=passage.lines, colour=passage.colour, together=together)
        return await self._store.add_reads(encode(kept))

    async def _cuttings(self, draft: Draft) -> Cuttings | None:
        """The frame that was read, and what is cut out of it; None when it is gone."""
        event = draft.event
        jpeg = await self._frames.read(draft.frame) if draft.frame else None
        if jpeg is None:
            log.warning("camera %s: event %s: its frame is gone", event.camera, event.event_id)
            return None
        try:
            return cut(
                jpeg,
                vehicle_xyxy=event.vehicle.xyxy if event.vehicle else None,
                corners=event.corners,
            )
        except Rejected as error:
            log.warning("camera %s: event %s: %s", event.camera, event.event_id, error)
            return None

    async def _kept(self, jpeg: bytes | None) -> StoredPicture | None:
        return await self._store.add(jpeg) if jpeg else None
