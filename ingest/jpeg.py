"""Decoded frames and picture files to JPEG bytes."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import cv2
import numpy as np
import simplejpeg
from numpy.typing import NDArray

from contracts.errors import Rejected
from ingest.capture import Jpeg

if TYPE_CHECKING:
    from av.video.frame import VideoFrame

MAX_PICTURE_PIXELS = 50_000_000


def encode_planes(frame: VideoFrame, *, quality: int) -> Jpeg:
    """JPEG of a yuvj420p frame straight from its planes, without a detour through RGB."""
    planes = [_plane(frame, index) for index in range(3)]
    data = simplejpeg.encode_jpeg_yuv_planes(*planes, quality=quality)
    return Jpeg(data, frame.width, frame.height)


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
    return np.ascontiguousarray(rows[: plane.height, : plane.width])
