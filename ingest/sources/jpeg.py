"""Decoded frames and picture files to JPEG bytes."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import cv2
import numpy as np
import simplejpeg
from av.video.reformatter import ColorRange
from numpy.typing import NDArray

from contracts.errors import Rejected
from ingest.camera.capture import Jpeg, Look

if TYPE_CHECKING:
    from av.video.frame import VideoFrame
    from av.video.reformatter import VideoReformatter

MAX_PICTURE_PIXELS = 50_000_000
LOOK_WIDTH, LOOK_HEIGHT = 160, 90
_PLANAR = ("yuv420p", "yuvj420p")

Planes = list[NDArray[np.uint8]]
Cut = tuple[float, float, float, float]
"""Left, top, right, bottom as shares of a picture's width and height."""

# Video's limited range (ITU-R BT.601/709: luma 16-235, chroma 16-240 around 128) to JPEG's full range.
_LEVELS = np.arange(256)
_FULL_LUMA = np.clip((_LEVELS - 16) * 255 / 219 + 0.5, 0, 255).astype(np.uint8)
_FULL_CHROMA = np.clip((_LEVELS - 128) * 255 / 224 + 128.5, 0, 255).astype(np.uint8)


def encode_frame(
    frame: VideoFrame, reformatter: VideoReformatter, *, max_width: int, quality: int, cut: Cut | None
) -> Jpeg:
    """JPEG of a decoded frame straight from its planes, cut and scaled down where that is asked for."""
    cut_width = frame.width * (1.0 if cut is None else cut[2] - cut[0])
    scale = min(1.0, max_width / cut_width)
    if scale == 1.0 and frame.format.name in _PLANAR:
        planes = [_plane(frame, index) for index in range(3)]
        full = frame.format.name == "yuvj420p" or frame.color_range == ColorRange.JPEG
    else:
        # Even sides: the chroma planes have half of them.
        width, height = (max(2, round(side * scale / 2) * 2) for side in (frame.width, frame.height))
        scaled = reformatter.reformat(frame, width, height, "yuvj420p", dst_color_range=ColorRange.JPEG)
        planes, full = [_plane(scaled, index) for index in range(3)], True
    planes = planes if cut is None else _cut_out(planes, cut)
    if not full:
        tables = (_FULL_LUMA, _FULL_CHROMA, _FULL_CHROMA)
        planes = [
            cv2.LUT(plane, table).astype(np.uint8, copy=False)
            for plane, table in zip(planes, tables, strict=True)
        ]
    data = simplejpeg.encode_jpeg_yuv_planes(*map(np.ascontiguousarray, planes), quality=quality)
    return Jpeg(data, planes[0].shape[1], planes[0].shape[0])


def look_at(frame: VideoFrame, reformatter: VideoReformatter) -> Look:
    """The frame's luma, small; with the sharpness of its middle third."""
    if not frame.format.name.startswith(("yuv", "nv", "gray")) or frame.format.components[0].bits != 8:
        frame = reformatter.reformat(frame, format="yuvj420p")
    luma = _plane(frame, 0)
    height, width = luma.shape
    middle = luma[height // 3 : 2 * height // 3, width // 3 : 2 * width // 3]
    sharpness = float(cv2.Laplacian(np.ascontiguousarray(middle), cv2.CV_16S).var())
    step = max(1, width // (3 * LOOK_WIDTH))
    thin = np.ascontiguousarray(luma[::step, ::step])
    grey = cv2.resize(thin, (LOOK_WIDTH, LOOK_HEIGHT), interpolation=cv2.INTER_AREA)
    return Look(np.asarray(grey, np.uint8), sharpness)


def encode_picture_file(path: Path, *, max_width: int, quality: int) -> Jpeg:
    """JPEG of a picture file of any format that OpenCV reads, turned upright by its EXIF.

    Raises:
        Rejected: no picture, damaged, or of more than `MAX_PICTURE_PIXELS` pixels.
    """
    try:
        content = path.read_bytes()
    except OSError as error:
        raise Rejected(f"picture {path}", error.strerror or "cannot be read") from error
    try:
        image = cv2.imdecode(np.frombuffer(content, np.uint8), cv2.IMREAD_COLOR) if content else None
    except cv2.error as error:
        raise Rejected(f"picture {path}", "is damaged or too large") from error
    if image is None:
        raise Rejected(f"picture {path}", "is no picture or damaged")
    height, width = image.shape[:2]
    if width * height > MAX_PICTURE_PIXELS:
        raise Rejected(f"picture {path}", f"has {width} x {height} pixels, more than {MAX_PICTURE_PIXELS}")
    scale = min(1.0, max_width / width)
    if scale < 1.0:
        size = (max(1, round(width * scale)), max(1, round(height * scale)))
        image = cv2.resize(image, size, interpolation=cv2.INTER_AREA)
    data = simplejpeg.encode_jpeg(np.ascontiguousarray(image), quality=quality, colorspace="BGR")
    return Jpeg(data, image.shape[1], image.shape[0])


def _plane(frame: VideoFrame, index: int) -> NDArray[np.uint8]:
    """One plane as an array [height, width]; rows in the frame's buffer may be padded."""
    plane = frame.planes[index]
    rows = np.frombuffer(memoryview(plane), np.uint8).reshape(-1, plane.line_size)
    return rows[: plane.height, : plane.width]


def _cut_out(planes: Planes, cut: Cut) -> Planes:
    """The rectangle of all planes, on even pixels of the luma, at least 16 wide and high."""
    height, width = planes[0].shape
    left, top = int(cut[0] * width) // 2 * 2, int(cut[1] * height) // 2 * 2
    right, bottom = -(-int(cut[2] * width) // 2) * 2, -(-int(cut[3] * height) // 2) * 2
    left, top = max(0, min(left, width - 16)), max(0, min(top, height - 16))
    right, bottom = min(width, max(right, left + 16)), min(height, max(bottom, top + 16))
    found = [planes[0][top:bottom, left:right]]
    for chroma in planes[1:]:
        found.append(chroma[top // 2 : -(-bottom // 2), left // 2 : -(-right // 2)])
    return found
