"""Pictures and corners -> model input, and points back. Training and serving share every line of it."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from triton_models.tensors import PAD_VALUE, PLATE_MARGINS, SizeWh

Picture = NDArray[np.uint8]
Points = NDArray[np.float32]
"""[..., 2] x, y"""
Homography = NDArray[np.float64]


def letterbox(picture: Picture, size_wh: SizeWh) -> tuple[Picture, float]:
    """The picture scaled to fit, at the top left of a canvas, and the scale: canvas = picture * scale."""
    height, width = picture.shape[:2]
    scale = min(size_wh[0] / width, size_wh[1] / height)
    fit_wh = (
        max(1, min(size_wh[0], round(width * scale))),
        max(1, min(size_wh[1], round(height * scale))),
    )
    canvas = np.full((size_wh[1], size_wh[0], 3), PAD_VALUE, np.uint8)
    inside = canvas[: fit_wh[1], : fit_wh[0]]
    inside[:] = cv2.resize(_halved(picture, scale), fit_wh, interpolation=cv2.INTER_LINEAR)
    return canvas, scale


def _halved(picture: Picture, scale: float) -> Picture:
    """Halved as often as it takes that less than a half is left to shrink by interpolation, which shows thin
    strokes unevenly and loses none. Means of two by two take a fraction of the time of averaging any other
    area; for them an odd last row or column is left out, less than a pixel of what comes out."""
    while scale < 0.5 and min(picture.shape[:2]) > 1:
        height, width = (side // 2 for side in picture.shape[:2])
        even = picture[: 2 * height, : 2 * width]
        picture = cv2.resize(even, (width, height), interpolation=cv2.INTER_AREA).astype(np.uint8, copy=False)
        scale *= 2
    return picture


def rectifying(corners: Points, size_wh: SizeWh, margins: tuple[float, float] = PLATE_MARGINS) -> Homography:
    """The mapping picture -> rectified plate: the corners with their margins fill the whole size."""
    width, height = size_wh
    left = width * margins[0] / (1 + 2 * margins[0])
    top = height * margins[1] / (1 + 2 * margins[1])
    inner = np.array(
        [[left, top], [width - left, top], [width - left, height - top], [left, height - top]], np.float32
    )
    return np.asarray(cv2.getPerspectiveTransform(corners.astype(np.float32), inner), np.float64)


def rectify(
    picture: Picture, corners: Points, size_wh: SizeWh, margins: tuple[float, float] = PLATE_MARGINS
) -> tuple[Picture, Homography]:
    """The plate seen straight on, and the mapping picture -> rectified plate."""
    homography = rectifying(corners, size_wh, margins)
    # A near plate shrinks by several times: it is drawn larger and averaged down, or strokes fall
    # between the samples.
    edges = np.linalg.norm(corners - np.roll(corners, 1, axis=0), axis=1)
    finer = int(np.clip(round(float(edges.max()) * (1 + 2 * margins[0]) / size_wh[0]), 1, 6))
    drawn_wh = (size_wh[0] * finer, size_wh[1] * finer)
    plate = cv2.warpPerspective(
        picture,
        np.diag((finer, finer, 1.0)) @ homography,
        drawn_wh,
        flags=cv2.INTER_LINEAR,
        borderMode=cv2.BORDER_REPLICATE,
    )
    if finer > 1:
        plate = cv2.resize(plate, size_wh, interpolation=cv2.INTER_AREA)
    return plate.astype(np.uint8, copy=False), homography


def project(points: Points, homography: Homography) -> Points:
    """Points through a homography."""
    flat = np.asarray(points, np.float64).reshape(-1, 1, 2)
    projected = np.asarray(cv2.perspectiveTransform(flat, homography), np.float32)
    return projected.reshape(points.shape)


def box_corners(xyxy: Points) -> Points:
    """Corners [..., 4, 2] of upright boxes [..., 4], from top-left clockwise."""
    corners: Points = xyxy[..., [0, 1, 2, 1, 2, 3, 0, 3]].reshape(*xyxy.shape[:-1], 4, 2)
    return corners


def corners_box(corners: Points) -> Points:
    """Upright boxes [..., 4] around corners [..., 4, 2]."""
    return np.concatenate((corners.min(axis=-2), corners.max(axis=-2)), axis=-1)


def iou(one: Points, others: Points) -> Points:
    """Intersection over union of one box [4] with others [n, 4]."""
    low = np.maximum(one[:2], others[:, :2])
    high = np.minimum(one[2:], others[:, 2:])
    common = np.prod(np.clip(high - low, 0, None), axis=1)
    union = np.prod(one[2:] - one[:2]) + np.prod(others[:, 2:] - others[:, :2], axis=1) - common
    shares: Points = (common / np.maximum(union, 1e-9)).astype(np.float32)
    return shares
