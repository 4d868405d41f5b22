"""Labelled pictures from disk: whole ones as RGB, the others named and left out."""

from __future__ import annotations

import logging
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps

from triton_models.training.labels.annotations import Skipped

logger = logging.getLogger(__name__)

_DAMAGED = (OSError, SyntaxError, ValueError, Image.DecompressionBombError)
"""What Pillow raises for files that are missing, no pictures, broken, or larger than any picture."""


def opened(folder: Path, name: str, skipped: list[Skipped]) -> NDArray[np.uint8] | None:
    """The picture upright, [height, width, 3]; None when it is missing, damaged or cut off, which is noted.

    Pillow, unlike OpenCV, refuses a picture that is cut off instead of filling it with grey.
    """
    try:
        with Image.open(folder / name) as picture:
            return np.asarray(ImageOps.exif_transpose(picture).convert("RGB"), np.uint8)
    except _DAMAGED as error:
        logger.warning("%s: %s: left out", name, error)
        skipped.append(Skipped(name, str(error)))
        return None
