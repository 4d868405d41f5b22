"""A final whose plate no frame shows well -> the same final, read once more.

From all its frames laid together and, from the clearest of them, line by line by the second reader.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from concurrent.futures import Executor
from dataclasses import replace
from functools import partial

import cv2
import msgspec
import numpy as np

from contracts.errors import Rejected, SetAside
from contracts.messages.common import PlateColour
from processors.cascade.colour import is_light_on_dark
from processors.cascade.decoding import characters_in, mean_of_agreeing
from processors.cascade.pictures import decode_jpeg
from processors.cascade.second_reader import Line, Read, lines_in, slots_of_lines
from processors.cascade.settings import FOR_VIDEO
from processors.engine.patience import Patience
from processors.passages.events.drafts import Draft
from processors.passages.events.event import agreement, reading_of
from processors.passages.fusion import fused
from processors.passages.observations import PlateRead
from processors.passages.settings import PassageSettings
from processors.passages.voting import Vote, vote, with_look
from processors.ports import Image, Inference
from processors.readings.pooling import mean_of
from processors.readings.slots import Slots, slots_of
from triton_models.colours import LIGHT_LETTERED, as_negative
from triton_models.geometry import box_corners, corners_box, project, rectifying
from triton_models.tensors import CHARACTERS, CHARACTERS_SIZE_WH, LINES

log = logging.getLogger(__name__)

_REFERENCES = 3
_BY_LINES = 3
"""Frames of one passage share their faults: more than these say little more."""


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
        voted = await self.vote(draft.reads, passage.colour) if passage is not None else None
        if passage is None or voted is None:
            return draft
        reading = reading_of(passage, voted, self._settings)
        if reading is None:
            return draft
        # A sign fuses into a clear sign as well: whether to accept stays with the frames one by one.
        reading = msgspec.structs.replace(reading, accepted=False)
        share = agreement(passage, reading)
        return replace(draft, event=msgspec.structs.replace(draft.event, reading=reading, agreement=share))

    async def vote(self, reads: Sequence[PlateRead], colour: PlateColour) -> Vote | None:
        """The vote of all frames one by one, together, and line by line; None where nothing more can be seen.
        `colour` is the plate's by all of its frames.

        Raises:
            TryAgain: no model answers.
        """
        if len(reads) < self._settings.fused_reads:
            return None
        voted = vote(reads)
        loop = asyncio.get_running_loop()
        negative = await loop.run_in_executor(self._pool, _is_light_lettered, reads, colour)
        together = await self._together(reads, voted, negative=negative)
        by_lines = await self._by_lines(reads, negative=negative)
        if together is None and by_lines is None:
            return None
        seen = with_look(voted, together) if together is not None else voted
        return (
            with_look(seen, by_lines, sharpness=FOR_VIDEO.second_sharpness) if by_lines is not None else seen
        )

    async def _together(self, reads: Sequence[PlateRead], voted: Vote, *, negative: bool) -> Slots | None:
        look = await self._look(reads, voted, negative=negative)
        # A look that sees a character more or less has been laid badly: it decides between characters alone.
        return look if look is not None and len(look.text) == len(voted.slots.text) else None

    async def _by_lines(self, reads: Sequence[PlateRead], *, negative: bool) -> Slots | None:
        """What the second reader makes of the clearest frames, each by itself."""
        loop = asyncio.get_running_loop()
        lines = partial(_lines_of, _clearest(reads), negative=negative)
        found = [each for each in await loop.run_in_executor(self._pool, lines) if each]
        if not found:
            return None
        pictures = np.stack([line.input for lines in found for line in lines])
        seen = iter((await self._inference.infer(LINES.model, pictures))["probabilities"])
        opinions = [slots_of_lines(lines, [next(seen) for _ in lines]) for lines in found]
        return mean_of([opinion for opinion in opinions if len(opinion)])

    async def _look(self, reads: Sequence[PlateRead], voted: Vote, *, negative: bool) -> Slots | None:
        loop = asyncio.get_running_loop()
        others = sorted((read for read in reads if read is not voted.best), key=lambda read: -read.clarity)
        used = [voted.best, *others[: self._settings.most_fused - 1]]
        pictures = await loop.run_in_executor(self._pool, _fused_pictures, used)
        if not pictures:
            return None
        inputs = np.stack(pictures)
        answer = await self._inference.infer(CHARACTERS.model, as_negative(inputs) if negative else inputs)
        height, width = pictures[0].shape[:2]
        characters = characters_in(
            mean_of_agreeing(list(answer["probabilities"])),
            answer["places"][0],
            np.eye(3),
            (width, height),
            settings=FOR_VIDEO,
        )
        return slots_of(characters) if characters else None


class PatientLook:
    """A look that waits for its models, and is left where they fail over it again and again: the final was
    voted without it, and is worth more than what the look may add."""

    def __init__(self, look: Callable[[Draft], Awaitable[Draft]], patience: Patience) -> None:
        self._look = look
        self._patience = patience

    async def again(self, draft: Draft) -> Draft:
        """The draft with the better reading; itself where the look was given up."""
        about = f"the final {draft.event.event_id}"
        try:
            return await self._patience.wait_for(partial(self._look, draft), about=about)
        except SetAside as error:
            log.warning("%s of camera %s stays as it was voted: %s", about, draft.event.camera, error)
            return draft


def _clearest(reads: Sequence[PlateRead]) -> list[PlateRead]:
    return sorted(reads, key=lambda read: -read.clarity)[:_BY_LINES]


def _is_light_lettered(reads: Sequence[PlateRead], colour: PlateColour) -> bool:
    """Whether the readers take negatives of a plate of this colour (`CascadeSettings.light_as_negative`): by
    most of its clearest frames."""
    if not FOR_VIDEO.light_as_negative or colour not in LIGHT_LETTERED:
        return False
    shown = [(read, picture) for read in _clearest(reads) if (picture := _picture_of(read)) is not None]
    light = [
        is_light_on_dark(
            np.asarray(cv2.resize(picture, CHARACTERS_SIZE_WH), np.uint8), _as_read(read), FOR_VIDEO
        )
        for read, picture in shown
    ]
    return 2 * sum(light) > len(light)


def _lines_of(reads: Sequence[PlateRead], *, negative: bool) -> list[list[Line]]:
    """The lines of each read's picture, where the first reader saw its characters."""
    found: list[list[Line]] = []
    for read in reads:
        picture = _picture_of(read)
        if picture is None:
            continue
        height, width = picture.shape[:2]
        to_input = np.diag((CHARACTERS_SIZE_WH[0] / width, CHARACTERS_SIZE_WH[1] / height, 1.0))
        found.append(lines_in(picture, to_input, _as_read(read), negative=negative))
    return found


def _fused_pictures(reads: Sequence[PlateRead]) -> list[Image]:
    """All that can be laid over the first, over the second …: each brings its own framing."""
    pictures = [picture for picture in map(_picture_of, reads) if picture is not None]
    height, width, _ = CHARACTERS.input.shape
    looks = (fused(pictures, each, (width, height)) for each in range(min(_REFERENCES, len(pictures))))
    return [look for look in looks if look is not None]


def _as_read(read: PlateRead) -> Read:
    """Its characters, as they stand in the reader's input."""
    homography = rectifying(np.asarray(read.seen.corners, np.float32), CHARACTERS_SIZE_WH)
    places = corners_box(project(box_corners(read.slots.boxes.astype(np.float32)), homography))
    return read.slots.probabilities.astype(np.float32), places


def _picture_of(read: PlateRead) -> Image | None:
    try:
        return decode_jpeg(read.seen.crop)
    except Rejected as error:
        log.warning("the picture of a plate at %s is not used: %s", read.captured_at, error)
        return None
