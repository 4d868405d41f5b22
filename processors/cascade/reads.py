"""Cut-out plates -> what is read on each, and its colour.

One with light characters is read by its negative. One in doubt is looked at again: found once more from
nearby, read in further framings by all the corners that were found, and line by line by a second reader.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from functools import partial

import numpy as np

from processors.cascade.colour import UNTOLD, Ground, Light, ground_seen, is_light_on_dark
from processors.cascade.cutouts import Cutout, Quads, framed, further_framings
from processors.cascade.decoding import certainty, mean_of_agreeing
from processors.cascade.looking import Looking
from processors.cascade.looks import plan_second_looks
from processors.cascade.merging import FoundPlate, same_of
from processors.cascade.second_reader import Line, Read, lines_in, with_lines
from processors.ports import Image
from triton_models.colours import Seen, as_negative
from triton_models.tensors import CHARACTERS, LINES


async def read_plates(looking: Looking, cutouts: list[Cutout], light: Light) -> list[tuple[Read, Seen]]:
    """Probabilities and places of each of at least one plate, and its colour in this light. In `cutouts`,
    plates in doubt are put as they were framed best: places are those of that framing."""
    inputs = np.stack([cutout.framing.input for cutout in cutouts])
    reads = await _read(looking, inputs)
    settings = looking.settings

    def ground_of(number: int) -> Ground:
        cutout = cutouts[number]
        return ground_seen(cutout.plate, cutout.framing.input, reads[number], light, settings)

    grounds = [ground_of(number) for number in range(len(cutouts))]
    dark = [number for number, ground in enumerate(grounds) if ground.is_dark and settings.light_as_negative]
    negative = [number for number in dark if is_light_on_dark(inputs[number], reads[number], settings)]
    if negative:
        for number, read in zip(negative, await _read(looking, as_negative(inputs[negative])), strict=True):
            reads[number] = read
    doubtful = await _look_again(looking, cutouts, reads, negative) if settings.looks_again else []
    colours = [ground.seen for ground in grounds]
    for number in {*negative, *doubtful}:
        # By where the better read has the characters; it takes nothing back that was told.
        again = ground_of(number).seen
        colours[number] = again if again != UNTOLD else colours[number]
    return list(zip(reads, colours, strict=True))


async def _look_again(
    looking: Looking, cutouts: list[Cutout], reads: list[Read], negative: Collection[int]
) -> list[int]:
    """Looks again at the plates that are in doubt; which they were."""
    sure = [certainty(probabilities) for probabilities, _ in reads]
    doubtful = _below(sure, looking.settings.second_below)
    await _frame_again(looking, cutouts, reads, _below(sure, looking.settings.again_below), negative)
    await _read_by_lines(looking, cutouts, reads, doubtful, negative)
    return doubtful


async def _read(looking: Looking, inputs: Image) -> list[Read]:
    seen = await looking.asked(CHARACTERS, inputs)
    return list(zip(seen["probabilities"], seen["places"], strict=True))


def _below(sure: Sequence[float], least: float) -> list[int]:
    return [number for number, certain in enumerate(sure) if certain < least]


async def _frame_again(
    looking: Looking,
    cutouts: list[Cutout],
    reads: list[Read],
    doubtful: Sequence[int],
    negative: Collection[int],
) -> None:
    """Puts the mean over further framings in place of the reads that are in doubt, and the surest framing
    in place of the first one."""
    if not doubtful:
        return
    quads = await _second_look(looking, [cutout.plate for cutout in cutouts], doubtful)
    framings = await looking.off_loop(further_framings, looking.picture, quads)
    inputs = [
        as_negative(framing.input) if number in negative else framing.input
        for number, some in zip(doubtful, framings, strict=True)
        for framing in some
    ]
    seen = iter(await _read(looking, np.stack(inputs)))
    for number, further in zip(doubtful, framings, strict=True):
        every = [reads[number], *(next(seen) for _ in further)]
        surest = max(range(len(every)), key=lambda one: certainty(every[one][0]))
        if surest:
            plate, framing = cutouts[number].plate, further[surest - 1]
            cutouts[number] = await looking.off_loop(
                framed, looking.picture, plate, framing, looking.settings
            )
        reads[number] = (mean_of_agreeing([probabilities for probabilities, _ in every]), every[surest][1])


async def _second_look(
    looking: Looking, plates: Sequence[FoundPlate], doubtful: Sequence[int]
) -> list[Quads]:
    """Each doubtful plate's corners, its own first, then those that looks from nearby give it."""
    regions = plan_second_looks([plates[number] for number in doubtful], looking.settings)
    nearer = await looking.views(regions) if regions else []
    boxes = [plate.xyxy for plate in plates]
    of = [same_of(view.xyxy, boxes) for view in nearer]
    return [
        [plates[number].corners, *(view.corners for view, at in zip(nearer, of, strict=True) if at == number)]
        for number in doubtful
    ]


async def _read_by_lines(
    looking: Looking,
    cutouts: Sequence[Cutout],
    reads: list[Read],
    doubtful: Sequence[int],
    negative: Collection[int],
) -> None:
    """Puts the second reader's opinion to the reads that are in doubt."""
    found: list[list[Line]] = []
    for number in doubtful:
        homography, is_negative = cutouts[number].framing.homography, number in negative
        cut = partial(lines_in, looking.picture, homography, reads[number], negative=is_negative)
        found.append(await looking.off_loop(cut))
    pictures = [line.input for lines in found for line in lines]
    if not pictures:
        return
    seen = iter((await looking.asked(LINES, np.stack(pictures)))["probabilities"])
    for number, lines in zip(doubtful, found, strict=True):
        if lines:
            reads[number] = with_lines(reads[number], lines, [next(seen) for _ in lines], looking.settings)
