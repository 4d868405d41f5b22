"""The truth beside a rendered film: what passed, when it could be read, where it was in each frame.

The JSON file is `FilmTruth` as msgspec writes it. Times are seconds from the film's first frame, boxes
and corners are pixels of the film.
"""

from __future__ import annotations

from pathlib import Path
from typing import Literal

import msgspec
from msgspec import Struct

from contracts.errors import Stop
from contracts.messages.common import Corners, PlateColour, VehicleKind, Xyxy

SCHEMA = 2
LEGIBLE_PX = 10.0
"""Height of the smallest character from which on a plate counts as legible."""


class FrameTruth(Struct, frozen=True, kw_only=True):
    """One vehicle in one frame. `corners` is None while its plate is not wholly in view."""

    time_sec: float
    vehicle_xyxy: Xyxy
    corners: Corners | None
    character_px: float
    legible: bool


class PassageTruth(Struct, frozen=True, kw_only=True):
    """One vehicle. Between `first_sec` and `last_sec` its plate is legible; where it never is, they are when
    its plate is wholly in view."""

    passage: str
    camera: str
    registration: str
    text: str
    vehicle: VehicleKind
    vehicle_rgb: tuple[int, int, int]
    plate_colour: PlateColour
    plate_kind: str
    lines: int
    direction: Literal["approaching", "leaving"]
    first_sec: float
    last_sec: float
    legible_frames: int
    frames: tuple[FrameTruth, ...]


class FilmTruth(Struct, frozen=True, kw_only=True):
    schema: int
    key: str
    """Hash of everything that decides the film: parameters and the code that draws it."""
    camera: str
    place: str
    seed: int
    frames_per_second: float
    width: int
    height: int
    frames: int
    night: bool
    rain: bool
    legible_px: float
    passages: tuple[PassageTruth, ...]
    illegible: tuple[PassageTruth, ...]
    """Vehicles whose plate is never legible: they need not be found, and may be."""


def read_truth(path: Path) -> FilmTruth:
    """
    Raises:
        Stop: the file is missing or no truth of this schema.
    """
    try:
        truth = msgspec.json.decode(path.read_bytes(), type=FilmTruth)
    except (OSError, msgspec.DecodeError) as error:
        raise Stop(f"film truth {path}: {error}") from error
    if truth.schema != SCHEMA:
        raise Stop(f"film truth {path}: schema {truth.schema}, this is {SCHEMA}")
    return truth


def key_of(path: Path) -> str | None:
    """The key of a truth file; None where there is none that can be read."""
    try:
        return read_truth(path).key
    except Stop:
        return None
