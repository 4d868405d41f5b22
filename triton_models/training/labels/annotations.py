"""The labels of a folder of pictures: `annotations.jsonl`, one picture a line, and a teacher's beside it.

A line that is damaged is named, counted and left out; the others are read. Boxes are x0, y0, x1, y1 and
corners run from top-left clockwise, in pixels of the picture upright: turned as its EXIF says, if it says so.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

import msgspec

from contracts.errors import Stop
from contracts.messages.common import ALPHABET

logger = logging.getLogger(__name__)

SPLITS = ("train", "val", "test")
_NAMED = 10

Box = tuple[float, float, float, float]
Corners = tuple[tuple[float, float], tuple[float, float], tuple[float, float], tuple[float, float]]


class LabelledCharacter(msgspec.Struct, frozen=True):
    character: str
    box: Box


class LabelledPlate(msgspec.Struct, frozen=True):
    """`text` is None where nobody knows it: there is a plate, and what it says cannot be judged. Spaces,
    dashes, dots and small letters do not count (`as_read`)."""

    box: Box
    text: str | None = None
    lines: int | None = None
    characters: tuple[LabelledCharacter, ...] = ()


class LabelledVehicle(msgspec.Struct, frozen=True):
    kind: str = msgspec.field(name="class")
    box: Box


class Annotation(msgspec.Struct, frozen=True):
    """What one source says of one picture. Keys that are not named here are other programs' business.

    `width` and `height` are of the picture upright. `split` is one of SPLITS.
    """

    image: str
    source: str
    split: str
    width: int
    height: int
    plates: tuple[LabelledPlate, ...] = ()
    plates_complete: bool = False
    vehicles: tuple[LabelledVehicle, ...] = ()
    vehicles_complete: bool = False
    vehicle_classes: tuple[str, ...] = ()
    group: str | None = None
    kind: str | None = None

    def __post_init__(self) -> None:
        if self.split not in SPLITS:
            raise ValueError(f"{self.image}: split {self.split!r} is none of {', '.join(SPLITS)}")


def as_read(note: Annotation) -> Annotation:
    """The texts of its plates as a reader gives them, however people wrote them: `mh 12 AB-1234`. One with
    other signs, such as `MH12A?1234`, is not known."""
    plates = tuple(msgspec.structs.replace(plate, text=_as_read(plate.text)) for plate in note.plates)
    return msgspec.structs.replace(note, plates=plates)


def _as_read(text: str | None) -> str | None:
    plain = re.sub(r"[\s.-]", "", text or "").upper()
    return plain if plain and set(plain) <= set(ALPHABET) else None


class TeacherPlate(msgspec.Struct, frozen=True):
    box: Box
    corners: Corners
    score: float


class TeacherVehicle(msgspec.Struct, frozen=True):
    kind: str = msgspec.field(name="class")
    box: Box
    score: float


class TeacherLabels(msgspec.Struct, frozen=True):
    """What other models saw in a picture: good, and not the truth."""

    image: str
    plates: tuple[TeacherPlate, ...] = ()
    vehicles: tuple[TeacherVehicle, ...] = ()


@dataclass(frozen=True)
class Skipped:
    """`picture`: its name, one of its labels by number, or a file of labels and the number of a line."""

    picture: str
    why: str


def told_of(*lists: list[Skipped]) -> str:
    """How many were left out, each counted once, and which."""
    names = sorted({each.picture for skipped in lists for each in skipped})
    more = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
    return f"{len(names)} left out: {', '.join(names[:_NAMED])}{more}" if names else "nothing left out"


@dataclass(frozen=True)
class Annotations:
    pictures: list[Annotation]
    skipped: list[Skipped] = field(default_factory=list)


def read_annotations(folder: Path, split: str | None = None) -> Annotations:
    """Every picture's labels, or those of one split.

    Raises:
        Stop: the folder has no annotations.jsonl.
    """
    path = folder / "annotations.jsonl"
    if not path.is_file():
        raise Stop(f"{folder}: no annotations.jsonl, so nothing says what the pictures show")
    skipped: list[Skipped] = []
    pictures = [note for note in _lines(path, Annotation, skipped) if split in (None, note.split)]
    return Annotations(pictures, skipped)


def read_teacher(folder: Path, skipped: list[Skipped]) -> dict[str, TeacherLabels]:
    """By picture; empty without a teacher.jsonl. Damaged lines are added to `skipped`."""
    path = folder / "teacher.jsonl"
    if not path.is_file():
        return {}
    return {labels.image: labels for labels in _lines(path, TeacherLabels, skipped)}


Line = TypeVar("Line", Annotation, TeacherLabels)


def _lines(path: Path, of_type: type[Line], skipped: list[Skipped]) -> Iterator[Line]:
    decoder = msgspec.json.Decoder(of_type)
    with path.open("rb") as file:
        for number, line in enumerate(file, 1):
            if not line.strip():
                continue
            try:
                yield decoder.decode(line)
            except msgspec.DecodeError as error:
                name = f"{path.name} line {number}"
                logger.warning("%s: %s: left out", name, error)
                skipped.append(Skipped(name, str(error)))
