"""A folder's labels held against its pictures and against themselves: what is wrong, picture by picture."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from contracts.plate_number import normalise, verdict
from triton_models.training.labels.annotations import Annotation, Box

_OUTSIDE_PX = 2.0
"""Rounding and drawing by hand: boxes reach over the edge by a pixel or two everywhere."""

Pixels = NDArray[np.uint8]


@dataclass(frozen=True)
class Finding:
    """`kind` is one of KINDS."""

    picture: str
    kind: str
    what: str


MISSING, SIZE, BOX, TEXT, FORMAT, CHARACTERS, TWIN = (
    "missing or damaged", "other size than labelled", "box outside", "text with other signs",
    "text of no known format", "characters differ from the text", "near-duplicate in another split",
)  # fmt: skip
KINDS = (MISSING, SIZE, BOX, TEXT, FORMAT, CHARACTERS, TWIN)
"""FORMAT is worth a look and no mistake in itself: foreign and irregular plates exist."""


def check_labels(note: Annotation) -> Iterator[Finding]:
    """What the labels of one picture say that cannot be so."""
    boxes = [("plate", plate.box) for plate in note.plates]
    boxes += [(f"vehicle {vehicle.kind}", vehicle.box) for vehicle in note.vehicles]
    for name, box in boxes:
        why = _wrong(box, note.width, note.height)
        if why:
            yield Finding(note.image, BOX, f"{name} {[round(value, 1) for value in box]}: {why}")
    for plate in note.plates:
        if plate.text is None:
            continue
        if normalise(plate.text) != plate.text or not plate.text:
            yield Finding(note.image, TEXT, repr(plate.text))
        elif not verdict(plate.text).valid:
            yield Finding(note.image, FORMAT, plate.text)
        spelled = "".join(item.character for item in plate.characters)
        if spelled and spelled != plate.text:
            yield Finding(note.image, CHARACTERS, f"{spelled} beside {plate.text}")


def _wrong(box: Box, width: int, height: int) -> str:
    x0, y0, x1, y1 = box
    if x1 <= x0 or y1 <= y0:
        return "no area"
    outside = min(x0, y0) < -_OUTSIDE_PX or x1 > width + _OUTSIDE_PX or y1 > height + _OUTSIDE_PX
    return f"not within {width} x {height}" if outside else ""


def check_pictures(
    folder: Path,
    notes: Sequence[Annotation],
    opened: Callable[[Path], Pixels],
    seen: Callable[[Annotation, Pixels | None], None],
) -> list[Finding]:
    """Opens every picture once and gives it to `seen` (None where it does not open).

    `opened` raises OSError or ValueError for a file that is no whole picture.
    """
    findings: list[Finding] = []
    for note in notes:
        try:
            pixels = opened(folder / note.image)
        except (OSError, ValueError) as error:
            findings.append(Finding(note.image, MISSING, str(error)))
            seen(note, None)
            continue
        height, width = pixels.shape[:2]
        if (width, height) != (note.width, note.height):
            what = f"{width} x {height}, labelled {note.width} x {note.height}"
            findings.append(Finding(note.image, SIZE, what))
        seen(note, pixels)
    return findings
