"""Plates cut out of a picture: as the reader takes them, and as people see them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from processors.cascade.merging import FoundPlate
from processors.cascade.pictures import encode_jpeg, sharpness
from processors.cascade.settings import CascadeSettings
from processors.ports import Image
from triton_models.geometry import Homography, rectify
from triton_models.tensors import CHARACTERS_SIZE_WH, PLATE_MARGINS

_FURTHER_MARGINS = ((0.02, 0.05), (0.12, 0.24))
"""Tighter and looser than the first framing."""

Quads = Sequence[NDArray[np.float32]]
"""Corners [4, 2] of one plate as several looks saw them."""


@dataclass(frozen=True, slots=True)
class Framing:
    """A plate rectified for the reader by these corners [4, 2]."""

    corners: NDArray[np.float32]
    input: Image
    homography: Homography


@dataclass(frozen=True, slots=True)
class Cutout:
    """A plate as it is framed for the reader, with what is kept of its looks."""

    plate: FoundPlate
    framing: Framing
    sharpness: float
    crop: bytes


def cut_out(picture: Image, plates: Sequence[FoundPlate], settings: CascadeSettings) -> list[Cutout]:
    return [
        framed(picture, plate, _framing(picture, plate.corners, PLATE_MARGINS), settings) for plate in plates
    ]


def framed(picture: Image, plate: FoundPlate, framing: Framing, settings: CascadeSettings) -> Cutout:
    """The plate with the corners of this framing."""
    plate = replace(plate, corners=framing.corners)
    shown, _ = rectify(picture, plate.corners, _crop_size_wh(plate.corners, settings), PLATE_MARGINS)
    return Cutout(
        plate=plate,
        framing=framing,
        sharpness=sharpness(framing.input),
        crop=encode_jpeg(shown, settings.crop_quality),
    )


def further_framings(picture: Image, plates: Sequence[Quads]) -> list[list[Framing]]:
    """Of each plate: its first corners in the further margins, all others in every margin."""
    every = (PLATE_MARGINS, *_FURTHER_MARGINS)
    return [
        [
            _framing(picture, quad, margins)
            for number, quad in enumerate(quads)
            for margins in (every if number else _FURTHER_MARGINS)
        ]
        for quads in plates
    ]


def _framing(picture: Image, corners: NDArray[np.float32], margins: tuple[float, float]) -> Framing:
    return Framing(corners, *rectify(picture, corners, CHARACTERS_SIZE_WH, margins))


def _crop_size_wh(corners: NDArray[np.float32], settings: CascadeSettings) -> tuple[int, int]:
    """The size of the picture that people see: the plate's own proportions, not stretched."""
    width = float(np.linalg.norm(corners[1] - corners[0]) + np.linalg.norm(corners[2] - corners[3]))
    height = float(np.linalg.norm(corners[3] - corners[0]) + np.linalg.norm(corners[2] - corners[1]))
    height_px = settings.crop_height_px
    return max(24, min(6 * height_px, round(height_px * width / max(height, 1.0)))), height_px
