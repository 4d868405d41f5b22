"""Held-out plates read by a line reader alone: cut where the character reader says their lines lie."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from contracts.messages.common import ALPHABET
from triton_models.geometry import rectify
from triton_models.lines import cut_line, line_box, line_corners, lines_of, padded
from triton_models.tensors import CHARACTERS, CHARACTERS_SIZE_WH
from triton_models.training.characters.score import Tally
from triton_models.training.crops.plate_pictures import Floats, PlateCut, Rgb
from triton_models.training.export.one_core import one_core_session

Read = Callable[[NDArray[np.uint8]], Floats]
"""uint8 [B, 48, 256, 3] to float32 [B, 32, 37]."""

Lines = list[tuple[PlateCut, NDArray[np.uint8]]]
"""A plate and its one or two lines."""


def held_out_lines(plates: Sequence[PlateCut], reader: Path) -> Lines:
    """`reader`: the character reader's file. Plates in which it finds nothing have no lines."""
    session = one_core_session(reader)
    names = [output.name for output in CHARACTERS.outputs]
    found: Lines = []
    for plate in plates:
        crop, homography = rectify(plate.picture, plate.framings[0], CHARACTERS_SIZE_WH)
        probabilities, places = session.run(names, {CHARACTERS.input.name: crop[np.newaxis]})
        written = places[0][probabilities[0].argmax(-1) < len(ALPHABET)]
        boxes = [line_box(written[part]) for part in lines_of(written)] if len(written) else []
        lines: list[Rgb] = [
            np.asarray(padded(cut_line(plate.picture, line_corners(box, homography))), np.uint8)
            for box in boxes
        ]
        if lines:
            found.append((plate, np.stack(lines)))
    return found


def written_in(probabilities: Floats) -> str:
    """The likeliest class of each place [places, 37]; repeated ones are one, blanks none."""
    best = probabilities.argmax(-1)
    begins = np.append(True, best[1:] != best[:-1])
    return "".join(ALPHABET[index] for index in best[begins] if index < len(ALPHABET))


def judge(lines: Lines, read: Read) -> dict[str, Tally]:
    """Whole plates, their lines one after another, by source and number of lines."""
    found: dict[str, Tally] = {}
    for plate, pictures in lines:
        text = "".join(written_in(each) for each in read(pictures))
        for name in ("all", plate.source, f"{len(pictures)} line{'s' if len(pictures) > 1 else ''}"):
            found.setdefault(name, Tally()).count(plate.text, text)
    return found
