"""A frame and the boxes in it -> the pictures that prove an event, as JPEG bytes.

The frame itself is kept byte for byte; vehicle and plate are cut out of it with a margin.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import simplejpeg
from numpy.typing import NDArray

from contracts.errors import Rejected
from contracts.messages.common import Corners, Xyxy

_QUALITY = 90
_VEHICLE_MARGIN = 0.06
_PLATE_MARGIN = 0.25
# Without a vehicle the plate's surroundings are shown: so many plate widths to each side.
_AROUND_PLATE = 2.5


@dataclass(frozen=True)
class Cuttings:
    """JPEG bytes. `vehicle` shows the plate's surroundings where no vehicle was found."""

    frame: bytes
    vehicle: bytes | None
    plate: bytes | None


def cut(frame_jpeg: bytes, *, vehicle_xyxy: Xyxy | None, corners: Corners | None) -> Cuttings:
    """The vehicle and the plate of a frame.

    Raises:
        Rejected: the frame is no JPEG.
    """
    try:
        frame = simplejpeg.decode_jpeg(frame_jpeg, colorspace="RGB")
    except ValueError as error:
        raise Rejected("frame", f"no JPEG ({error})") from error
    plate_box = _around(corners) if corners else None
    vehicle_box = _grown(vehicle_xyxy, _VEHICLE_MARGIN) if vehicle_xyxy else None
    if vehicle_box is None and plate_box is not None:
        vehicle_box = _square_around(plate_box)
    return Cuttings(
        frame=frame_jpeg,
        vehicle=_cutting(frame, vehicle_box) if vehicle_box else None,
        plate=_cutting(frame, _grown(plate_box, _PLATE_MARGIN)) if plate_box else None,
    )


def _around(corners: Corners) -> Xyxy:
    xs, ys = [x for x, _ in corners], [y for _, y in corners]
    return min(xs), min(ys), max(xs), max(ys)


def _grown(box: Xyxy, margin: float) -> Xyxy:
    """Grown on each side by this share of the smaller side."""
    by = margin * min(box[2] - box[0], box[3] - box[1])
    return box[0] - by, box[1] - by, box[2] + by, box[3] + by


def _square_around(plate: Xyxy) -> Xyxy:
    """The plate's surroundings, more above it than below: that is where its vehicle is."""
    by = _AROUND_PLATE * (plate[2] - plate[0])
    return plate[0] - by, plate[1] - 1.5 * by, plate[2] + by, plate[3] + 0.5 * by


def _cutting(frame: NDArray[np.uint8], box: Xyxy) -> bytes | None:
    height, width = frame.shape[:2]
    left, top = max(0, int(box[0])), max(0, int(box[1]))
    right, bottom = min(width, int(np.ceil(box[2]))), min(height, int(np.ceil(box[3])))
    if right - left < 1 or bottom - top < 1:
        return None
    part = np.ascontiguousarray(frame[top:bottom, left:right])
    # Characters are small: their colour edges are kept.
    encoded: bytes = simplejpeg.encode_jpeg(part, quality=_QUALITY, colorspace="RGB", colorsubsampling="444")
    return encoded
