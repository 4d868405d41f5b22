"""Files and folders -> picture files, and a picture file -> upright RGB pixels."""

from __future__ import annotations

import warnings
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps, UnidentifiedImageError

from contracts.errors import Rejected

MOST_PIXELS = 40_000_000
SUFFIXES = frozenset({".jpg", ".jpeg", ".png", ".webp", ".bmp", ".tif", ".tiff"})
_MEGA = 1_000_000
_DAMAGED = (OSError, SyntaxError, ValueError, IndexError, TypeError, KeyError, EOFError)
"""What Pillow's decoders raise for broken files."""


@dataclass(frozen=True)
class PictureFile:
    """`under` is the folder or the file's own folder: drawings keep the path below it."""

    path: Path
    under: Path


def picture_files(given: Iterable[Path]) -> list[PictureFile]:
    """Folders with all below them, in order; a file is taken whatever its name."""
    found: list[PictureFile] = []
    for path in given:
        if path.is_dir():
            below = sorted(each for each in path.rglob("*") if each.suffix.lower() in SUFFIXES)
            found += [PictureFile(each, path) for each in below if each.is_file()]
        else:
            found.append(PictureFile(path, path.parent))
    return found


def open_picture(path: Path) -> NDArray[np.uint8]:
    """Pixels [height, width, RGB], turned as the file's EXIF says.

    Raises:
        Rejected: missing, no picture, damaged, cut off, or of more than `MOST_PIXELS` pixels.
    """
    with warnings.catch_warnings():
        # Pillow warns of what is large or odd; both are decided here.
        warnings.simplefilter("ignore")
        try:
            with Image.open(path) as picture:
                _check_size(picture, path)
                picture.load()
                return np.array(_on_white(ImageOps.exif_transpose(picture)), dtype=np.uint8)
        except FileNotFoundError as error:
            raise Rejected(str(path), "there is no such file") from error
        except UnidentifiedImageError as error:
            raise Rejected(str(path), "it is no picture that can be read") from error
        except Image.DecompressionBombError as error:
            raise Rejected(str(path), "it has far more pixels than are read") from error
        except PermissionError as error:
            raise Rejected(str(path), "it may not be read") from error
        except _DAMAGED as error:
            raise Rejected(str(path), "the picture is damaged or cut off") from error


def _check_size(picture: Image.Image, path: Path) -> None:
    width, height = picture.size
    if width * height > MOST_PIXELS:
        megapixels = f"{width} x {height} is {width * height / _MEGA:.1f} megapixels"
        raise Rejected(str(path), f"{megapixels}, at most {MOST_PIXELS // _MEGA} are read")


def _on_white(picture: Image.Image) -> Image.Image:
    if not picture.has_transparency_data:
        return picture.convert("RGB")
    layered = picture.convert("RGBA")
    white = Image.new("RGBA", layered.size, "white")
    return Image.alpha_composite(white, layered).convert("RGB")
