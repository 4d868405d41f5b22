"""A picture of any colour mode -> RGB, as people see it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TypeAlias

import numpy as np
from PIL import Image

_STRIP_PIXELS = 1 << 20
"""So many are converted at a time: whatever a conversion needs beside them is small."""

_Box: TypeAlias = tuple[int, int, int, int]


def in_rgb(picture: Image.Image) -> Image.Image:
    """Transparent parts on white; more than 8 bits a pixel by the picture's own brightest one, which Pillow
    would cut off at 255: a 16-bit picture would be white.

    Takes little more memory than the answer itself, 4 bytes a pixel. What is RGB already is the answer.
    """
    if picture.mode == "RGB" and not picture.has_transparency_data:
        return picture
    brightest = _brightest(picture) if _is_deep(picture) else None
    whole = Image.new("RGB", picture.size)
    for box in _strips(picture):
        strip = picture.crop(box)
        if brightest is not None:
            strip = _eight_bits(strip, brightest)
        whole.paste(_on_white(strip) if strip.has_transparency_data else strip.convert("RGB"), box)
    return whole


def _is_deep(picture: Image.Image) -> bool:
    return picture.mode == "F" or picture.mode.startswith("I")


def _on_white(strip: Image.Image) -> Image.Image:
    white = Image.new("RGBA", strip.size, "white")
    return Image.alpha_composite(white, strip.convert("RGBA"))


def _brightest(picture: Image.Image) -> float:
    return max(float(_light(picture.crop(box)).max(initial=0.0)) for box in _strips(picture))


def _eight_bits(strip: Image.Image, brightest: float) -> Image.Image:
    shares = _light(strip) * (255.0 / max(brightest, 1e-12))
    return Image.fromarray(np.rint(shares).clip(0, 255).astype(np.uint8))


def _light(strip: Image.Image) -> np.ndarray[tuple[int, ...], np.dtype[np.float64]]:
    return np.nan_to_num(np.asarray(strip, np.float64), nan=0.0, posinf=0.0, neginf=0.0).clip(0.0)


def _strips(picture: Image.Image) -> Iterator[_Box]:
    width, height = picture.size
    rows = max(1, _STRIP_PIXELS // width)
    return ((0, top, width, min(top + rows, height)) for top in range(0, height, rows))
