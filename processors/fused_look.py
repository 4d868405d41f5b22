"""A final whose plate no frame shows well -> the same final, read once more from all its frames together."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from concurrent.futures import Executor
from dataclasses import replace

import msgspec
import numpy as np

from contracts.errors import Rejected
from processors.cascade.decoding import characters_in, mean_of_agreeing
from processors.cascade.pictures import decode_jpeg
from processors.cascade.settings import FOR_VIDEO
from processors.passages.drafts import Draft
from processors.passages.event import agreement, reading_of
from processors.passages.fusion import fused
from processors.passages.observations import PlateRead
from processors.passages.settings import PassageSettings
from processors.passages.voting import Vote, vote, with_look
from processors.ports import Image, Inference
from processors.readings.slots import Slots, slots_of
from triton_models.tensors import MODELS

log = logging.getLogger(__name__)

CHARACTERS = MODELS["characters"]
_REFERENCES = 3


class FusedLook:
    """Costs about a second of one core, and that only for finals that are not accepted: `pool` bears it."""

    def __init__(self, inference: Inference, pool: Executor, settings: PassageSettings) -> None:
        """The clearest `settings.most_fused` of at least `settings.fused_reads` reads are laid together."""
        self._inference = inference
        self._pool = pool
        self._settings = settings

    async def again(self, draft: Draft) -> Draft:
        """The draft with the better reading; itself where nothing more can be seen.

        Raises:
            TryAgain: no model answers.
        """
        passage = draft.passage
        voted = await self.vote(draft.reads) if passage is not None else None
        if passage is None or voted is None:
            return draft
        reading = reading_of(passage, voted, self._settings)
        if reading is None:
            return draft
        # A sign fuses into a clear sign as well: whether to accept stays with the frames one by one.
        reading = msgspec.structs.replace(reading, accepted=False)
        share = agreement(passage, reading)
        return replace(draft, event=msgspec.structs.replace(draft.event, reading=reading, agreement=share))

    async def vote(self, reads: Sequence[PlateRead]) -> Vote | None:
        """The vote of all frames one by one and together; None where nothing more can be seen together.

        Raises:
            TryAgain: no model answers.
        """
        if len(reads) < self._settings.fused_reads:
            return None
        voted = vote(reads)
        look = await self._look(reads, voted)
        # A look that sees a character more or less has been laid badly: it decides between characters alone.
        if look is None or len(look.text) != len(voted.slots.text):
            return None
        return with_look(voted, look)

    async def _look(self, reads: Sequence[PlateRead], voted: Vote) -> Slots | None:
        loop = asyncio.get_running_loop()
        others = sorted((read for read in reads if read is not voted.best), key=lambda read: -read.clarity)
        used = [voted.best, *others[: self._settings.most_fused - 1]]
        pictures = await loop.run_in_executor(self._pool, _fused_pictures, used)
        if not pictures:
            return None
        answer = await self._inference.infer(CHARACTERS.model, np.stack(pictures))
        height, width = pictures[0].shape[:2]
        characters = characters_in(
            mean_of_agreeing(list(answer["probabilities"])),
            answer["places"][0],
            np.eye(3),
            (width, height),
            two_lines=bool(voted.slots.lines.any()),
            settings=FOR_VIDEO,
        )
        return slots_of(characters) if characters else None


def _fused_pictures(reads: Sequence[PlateRead]) -> list[Image]:
    """All that can be laid over the first, over the second …: each brings its own framing."""
    pictures: list[Image] = []
    for read in reads:
        try:
            picture = decode_jpeg(read.seen.crop)
        except Rejected as error:
            log.warning("the picture of a plate at %s is not used: %s", read.captured_at, error)
            continue
        pictures.append(picture)
    height, width, _ = CHARACTERS.input.shape
    looks = (fused(pictures, each, (width, height)) for each in range(min(_REFERENCES, len(pictures))))
    return [look for look in looks if look is not None]
