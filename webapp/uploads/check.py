"""Bytes that somebody sent -> a clean JPEG, or the reason why not.

The picture is decoded with limits, turned as its EXIF says, and encoded anew: what else the file carried
(place, owner, scripts in comments) does not get any further.
"""

from __future__ import annotations

import io
from dataclasses import dataclass

from PIL import Image, ImageOps, UnidentifiedImageError

from contracts.errors import Rejected
from webapp.uploads.rgb import in_rgb

# The library's own limit warns and refuses in its own words; ours is checked before anything is decoded.
Image.MAX_IMAGE_PIXELS = None

LONGEST_EDGE = 4096
"""Larger pictures are scaled down to this: a frame has to fit into one message."""
MOST_JPEG_BYTES = 3_500_000
SHORTEST_EDGE = 32
_FORMATS = ("JPEG", "PNG", "WEBP", "BMP", "TIFF")
_QUALITIES = (92, 84, 70)
_MEGA = 1_000_000


@dataclass(frozen=True)
class CheckedPicture:
    """An upright RGB picture as JPEG without metadata."""

    jpeg: bytes
    width: int
    height: int


class Refused(Rejected):
    """An upload that is not taken. `kind` is the short reason by which refusals are counted."""

    def __init__(self, name: str, why: str, *, kind: str) -> None:
        super().__init__(name, why)
        self.kind = kind


def check_picture(sent: bytes, *, name: str, max_bytes: int, max_pixels: int) -> CheckedPicture:
    """The picture in `sent`.

    Raises:
        Refused: empty, too large, no picture, damaged, or with more pixels than are taken.
    """
    if not sent:
        raise Refused(name, "the file is empty", kind="empty")
    if len(sent) > max_bytes:
        why = f"{len(sent) / _MEGA:.1f} MB, at most {max_bytes / _MEGA:.0f} MB are taken"
        raise Refused(name, why, kind="bytes")
    try:
        return _encoded(_upright(_decoded(sent, name=name, max_pixels=max_pixels)))
    except Refused:
        raise
    except UnidentifiedImageError as error:
        raise Refused(name, _no_picture(sent), kind="no-picture") from error
    except Exception as error:
        # Decoders of damaged files end in nearly anything: zlib.error, RuntimeError, MemoryError, ...
        raise Refused(name, "the picture is damaged or cut off", kind="damaged") from error


def _check_size(picture: Image.Image, *, name: str, max_pixels: int) -> None:
    width, height = picture.size
    if width * height > max_pixels:
        megapixels = f"{width * height / _MEGA:.1f} megapixels"
        why = f"{width} × {height} is {megapixels}, at most {max_pixels / _MEGA:.0f} are taken"
        raise Refused(name, why, kind="pixels")
    # As it will be after `_upright`: a long strip that is made to fit keeps hardly a pixel of its width.
    scale = min(1.0, LONGEST_EDGE / max(width, height))
    if min(width, height) * scale < SHORTEST_EDGE:
        raise Refused(name, f"{width} × {height} is too small to hold a plate", kind="small")


def _decoded(sent: bytes, *, name: str, max_pixels: int) -> Image.Image:
    with Image.open(io.BytesIO(sent), formats=_FORMATS) as picture:
        _check_size(picture, name=name, max_pixels=max_pixels)
        picture.draft("RGB", (LONGEST_EDGE, LONGEST_EDGE))
        picture.load()
        # The pixels alone: the file's own object keeps its decoder, for WebP with three more copies of them.
        return picture._new(picture.im)  # noqa: SLF001 whatever else gives them away copies them


def _upright(picture: Image.Image) -> Image.Image:
    ImageOps.exif_transpose(picture, in_place=True)
    rgb = in_rgb(picture)
    del picture  # its pixels make room for those that become small
    rgb.thumbnail((LONGEST_EDGE, LONGEST_EDGE), Image.Resampling.LANCZOS)
    return rgb


def _encoded(picture: Image.Image) -> CheckedPicture:
    # Pillow carries comments and profiles over from the file that it opened.
    picture.info.clear()
    while True:
        for quality in _QUALITIES:
            out = io.BytesIO()
            picture.save(out, "JPEG", quality=quality, subsampling=0 if quality > 80 else 2)
            if out.tell() <= MOST_JPEG_BYTES:
                return CheckedPicture(out.getvalue(), picture.width, picture.height)
        picture = picture.reduce(2)


def _no_picture(sent: bytes) -> str:
    if sent[4:12] in (b"ftypheic", b"ftypheix", b"ftypmif1", b"ftypmsf1"):
        return "HEIC is not taken; send it as JPEG (on an iPhone: Settings, Camera, Formats, Most Compatible)"
    if sent[:4] == b"%PDF":
        return "a PDF is no picture"
    return "it is no picture that can be read (JPEG, PNG, WebP, BMP or TIFF)"
