"""Files and folders -> picture files, and a picture file -> upright RGB pixels."""

from __future__ import annotations

import warnings
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps, UnidentifiedImageError

from contracts.errors import Rejected, Stop
from webapp.uploads.rgb import in_rgb

# The library's own limit refuses before it tells the size; ours is checked before anything is decoded.
Image.MAX_IMAGE_PIXELS = None

MOST_PIXELS = 40_000_000
SUFFIXES = frozenset({".jpg", ".jpeg", ".jfif", ".png", ".webp", ".bmp", ".tif", ".tiff"})
_MEGA = 1_000_000
_ORIENTATION, _LYING = 0x0112, frozenset({5, 6, 7, 8})
_DAMAGED = (OSError, SyntaxError, ValueError, IndexError, TypeError, KeyError, EOFError)
"""What Pillow's decoders raise for broken files."""


@dataclass(frozen=True)
class PictureFile:
    """`under` is the folder or the file's own folder: drawings keep the path below it."""

    path: Path
    under: Path


class RefusedPicture(Rejected):
    """A picture that is not read. `size`: width and height when upright, where its beginning says them."""

    def __init__(self, path: Path, why: str, size: tuple[int, int] | None) -> None:
        super().__init__(str(path), why)
        self.size = size


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


def drawing_files(files: Sequence[PictureFile], folder: Path) -> list[Path]:
    """For each picture the file of its drawing: its path below `folder`, numbered where two would be one.

    Raises:
        Stop: a picture would be replaced by a drawing.
    """
    pictures = {file.path.resolve() for file in files}
    taken: dict[Path, Path] = {}
    for file in files:
        plain = folder / file.path.relative_to(file.under).with_suffix(".jpg")
        target, number = plain, 1
        while taken.setdefault(target, file.path) != file.path:
            number += 1
            target = plain.with_stem(f"{plain.stem}-{number}")
        if target.resolve() in pictures:
            why = f"{target} is read and would be replaced by a drawing: name another folder"
            raise Stop(f"--draw {folder}: {why}")
    targets = {picture: target for target, picture in taken.items()}
    return [targets[file.path] for file in files]


def open_picture(path: Path) -> NDArray[np.uint8]:
    """Pixels [height, width, RGB], turned as the file's EXIF says.

    Raises:
        RefusedPicture: missing, no picture, damaged, cut off, or of more than `MOST_PIXELS` pixels.
    """
    size = None
    with warnings.catch_warnings():
        # Pillow warns of what is large or odd; both are decided here.
        warnings.simplefilter("ignore")
        try:
            with Image.open(path) as picture:
                size = _upright_size(picture)
                _check_size(size, path)
                picture.load()
                return np.array(in_rgb(ImageOps.exif_transpose(picture)), dtype=np.uint8)
        except FileNotFoundError as error:
            raise RefusedPicture(path, "there is no such file", size) from error
        except UnidentifiedImageError as error:
            why = "the file is empty" if path.stat().st_size == 0 else "it is no picture that can be read"
            raise RefusedPicture(path, why, size) from error
        except PermissionError as error:
            raise RefusedPicture(path, "it may not be read", size) from error
        except _DAMAGED as error:
            raise RefusedPicture(path, "the picture is damaged or cut off", size) from error


def _upright_size(picture: Image.Image) -> tuple[int, int]:
    """Width and height as they will be once the picture is turned; nothing is decoded for it."""
    width, height = picture.size
    return (height, width) if picture.getexif().get(_ORIENTATION) in _LYING else (width, height)


def _check_size(size: tuple[int, int], path: Path) -> None:
    width, height = size
    if width * height > MOST_PIXELS:
        megapixels = f"{width} x {height} is {width * height / _MEGA:.1f} megapixels"
        raise RefusedPicture(path, f"{megapixels}, at most {MOST_PIXELS // _MEGA} are read", size)
