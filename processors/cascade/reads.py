"""Cut-out plates -> what is read on each.

A plate in doubt is looked at again: found once more from nearby, read in further framings by all the corners
that were found, and line by line by a second reader.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from processors.cascade.cutouts import Cutout, Quads, framed, further_framings
from processors.cascade.decoding import certainty, mean_of_agreeing
from processors.cascade.looking import Looking
from processors.cascade.looks import plan_second_looks
from processors.cascade.merging import FoundPlate, same_of
from processors.cascade.second_reader import Read, lines_in, with_lines
from triton_models.tensors import CHARACTERS, LINES


async def read_plates(looking: Looking, cutouts: list[Cutout]) -> list[Read]:
    """Probabilities and places of each of at least one plate. In `cutouts`, plates in doubt are put as they
    were framed best: places are those of that framing."""
    first = await looking.asked(CHARACTERS, np.stack([cutout.framing.input for cutout in cutouts]))
    reads: list[Read] = list(zip(first["probabilities"], first["places"], strict=True))
    settings = looking.settings
    if settings.looks_again:
        sure = [certainty(probabilities) for probabilities, _ in reads]
        await _frame_again(looking, cutouts, reads, _below(sure, settings.again_below))
        await _read_by_lines(looking, cutouts, reads, _below(sure, settings.second_below))
    return reads


def _below(sure: Sequence[float], least: float) -> list[int]:
    return [number for number, certain in enumerate(sure) if certain < least]


async def _frame_again(
    looking: Looking, cutouts: list[Cutout], reads: list[Read], doubtful: Sequence[int]
) -> None:
    """Puts the mean over further framings in place of the reads that are in doubt, and the surest framing
    in place of the first one."""
    if not doubtful:
        return
    quads = await _second_look(looking, [cutout.plate for cutout in cutouts], doubtful)
    framings = await looking.off_loop(further_framings, looking.picture, quads)
    inputs = np.stack([framing.input for some in framings for framing in some])
    again = await looking.asked(CHARACTERS, inputs)
    seen = iter(zip(again["probabilities"], again["places"], strict=True))
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
    looking: Looking, cutouts: Sequence[Cutout], reads: list[Read], doubtful: Sequence[int]
) -> None:
    """Puts the second reader's opinion to the reads that are in doubt."""
    found = [
        await looking.off_loop(lines_in, looking.picture, cutouts[number].framing.homography, reads[number])
        for number in doubtful
    ]
    pictures = [line.input for lines in found for line in lines]
    if not pictures:
        return
    seen = iter((await looking.asked(LINES, np.stack(pictures)))["probabilities"])
    for number, lines in zip(doubtful, found, strict=True):
        if lines:
            reads[number] = with_lines(reads[number], lines, [next(seen) for _ in lines], looking.settings)
