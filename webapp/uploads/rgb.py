"""A picture of any colour mode -> RGB, as people see it."""

from __future__ import annotations

import numpy as np
from PIL import Image


def in_rgb(picture: Image.Image) -> Image.Image:
    """Transparent parts on white; more than 8 bits a pixel by the picture's own brightest one, which Pillow
    would cut off at 255: a 16-bit picture would be white."""
    if picture.mode == "F" or picture.mode.startswith("I"):
        return Image.fromarray(_eight_bits(np.asarray(picture, np.float64))).convert("RGB")
    if not picture.has_transparency_data:
        return picture.convert("RGB")
    layered = picture.convert("RGBA")
    white = Image.new("RGBA", layered.size, "white")
    return Image.alpha_composite(white, layered).convert("RGB")


def _eight_bits(
    values: np.ndarray[tuple[int, ...], np.dtype[np.float64]],
) -> np.ndarray[tuple[int, ...], np.dtype[np.uint8]]:
    light = np.nan_to_num(values, nan=0.0, posinf=0.0, neginf=0.0).clip(0.0)
    return np.rint(light * (255.0 / max(float(light.max(initial=0.0)), 1e-12))).clip(0, 255).astype(np.uint8)
