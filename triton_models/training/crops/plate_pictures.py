"""Plates for the reader: cut-outs of labelled pictures or drawn plates in, training crops out.

A cut-out keeps some surroundings, so that every epoch can frame, tilt, blur and light it anew. All the
randomness comes from the generator that the caller passes: the same generator gives the same crop.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from cv2.typing import MatLike
from numpy.typing import NDArray

from triton_models.geometry import Homography, box_corners, corners_box, project, rectify, rectifying
from triton_models.tensors import CHARACTERS_SIZE_WH
from triton_models.training.crops.reshaped import reshaped
from triton_models.training.crops.weather import weathered

WIDTH, HEIGHT = CHARACTERS_SIZE_WH

_FROM_AFAR_SHARE = 0.22

Gray = MatLike
"""uint8; the wide type is what cv2 returns."""
Rgb = NDArray[np.uint8]
Floats = NDArray[np.float32]


@dataclass(frozen=True)
class PlateCut:
    """One labelled plate with surroundings."""

    picture: Rgb
    framings: tuple[Floats, ...]
    """Quads [4, 2] of the plate from top-left clockwise; any of them may be what a detector says."""
    text: str
    boxes: Floats | None
    """[characters, 4] x0, y0, x1, y1 in pixels of `picture`, in reading order, where known."""
    source: str
    group: str
    lines: int | None = None
    name: str = ""


def box_quad(box: Floats) -> Floats:
    return box_corners(np.asarray(box, np.float32))


def framed(cut: PlateCut, quad: Floats) -> Rgb:
    """The plate as the served model sees it, framed by this quad."""
    return rectify(cut.picture, quad, CHARACTERS_SIZE_WH)[0]


def mapped_boxes(boxes: Floats, homography: Homography) -> Floats:
    """Upright boxes around the mapped corners, in 0..1 of the reader's input."""
    size = np.array(CHARACTERS_SIZE_WH * 2, np.float32)
    return corners_box(project(box_corners(boxes), homography)) / size


def jittered(quad: Floats, rng: np.random.Generator) -> Floats:
    """The quad as an imperfect detector might give it: loose, shifted, tilted, corners off."""
    width = float(np.linalg.norm(quad[1] - quad[0]) + np.linalg.norm(quad[2] - quad[3])) / 2
    height = float(np.linalg.norm(quad[3] - quad[0]) + np.linalg.norm(quad[2] - quad[1])) / 2
    strength = float(rng.choice((0.5, 1.0, 1.6), p=(0.4, 0.45, 0.15)))
    along = (quad[1] - quad[0]) / max(width, 1.0)
    down = (quad[3] - quad[0]) / max(height, 1.0)
    sides = rng.normal((0.01, 0.01, 0.015, 0.015), (0.025, 0.025, 0.05, 0.05)) * strength
    left, right, top, bottom = sides * (width, width, height, height)
    moved = quad.astype(np.float64).copy()
    moved[[0, 3]] -= along * left
    moved[[1, 2]] += along * right
    moved[[0, 1]] -= down * top
    moved[[2, 3]] += down * bottom
    moved += rng.normal(0.0, (0.012 * width, 0.025 * height), (4, 2)) * strength
    angle = np.deg2rad(rng.normal(0.0, 2.5 if rng.random() < 0.85 else 7.0))
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    centre = moved.mean(0)
    return ((moved - centre) @ turn.T + centre).astype(np.float32)


def training_crop(
    cut: PlateCut, rng: np.random.Generator, reshape: float = 0.0, weather: float = 0.0
) -> tuple[Gray, Floats | None]:
    """One augmented gray crop with the characters' boxes in 0..1 of it, where they are known.

    `reshape`: the share of crops that are lettered anew (`reshaped.py`). `weather`: the share of those in
    shade, glare or rain (`weather.py`).
    """
    quad = jittered(cut.framings[int(rng.integers(len(cut.framings)))], rng)
    homography = rectifying(quad, CHARACTERS_SIZE_WH)
    border = cv2.BORDER_REPLICATE if rng.random() < 0.7 else cv2.BORDER_CONSTANT
    fill = int(rng.integers(0, 256))
    crop = cv2.warpPerspective(
        shaken_gray(cut.picture, rng), homography, (WIDTH, HEIGHT),
        flags=cv2.INTER_LINEAR, borderMode=border, borderValue=fill,
    )  # fmt: skip
    plate_height = float(np.linalg.norm(quad[3] - quad[0]))
    boxes = None if cut.boxes is None else mapped_boxes(cut.boxes, homography)
    if reshape and rng.random() < reshape:
        crop, boxes = reshaped(crop, boxes, rng)
    if weather and rng.random() < weather:
        crop = weathered(crop, rng)
    return seen_badly(crop, plate_height, rng), boxes


def shaken_gray(picture: Rgb, rng: np.random.Generator) -> Gray:
    """Luma, with the weights of the colours shaken: plates are yellow, green, blue and lit by sodium."""
    weights = np.array([0.299, 0.587, 0.114])
    if rng.random() < 0.5:
        weights = weights + rng.uniform(-0.15, 0.15, 3)
        weights = np.clip(weights, 0.02, None)
        weights /= weights.sum()
    gray: Gray = cv2.transform(picture, weights.reshape(1, 3).astype(np.float32))
    return gray


def seen_badly(crop: Gray, plate_height: float, rng: np.random.Generator) -> Gray:
    """Light, blur, resolution, noise and compression of a street camera. `plate_height`: in pixels of the
    picture that the crop was cut from."""
    full_height, full_width = crop.shape[:2]
    crop = _lit(crop, rng)
    if plate_height > 40 and rng.random() < _FROM_AFAR_SHARE:
        return _from_afar(crop, rng)
    if rng.random() < 0.04:
        crop = 255 - crop
    if rng.random() < 0.07:
        crop = _spotted(crop, rng)
    if rng.random() < 0.3:
        crop = _blurred(crop, rng)
    smallest = 13.0 if plate_height > 40 else 0.6 * plate_height
    if rng.random() < 0.45 and plate_height > 18:
        height = round(float(np.exp(rng.uniform(np.log(max(smallest, 11.0)), np.log(full_height)))))
        width = max(24, round(height * float(rng.uniform(0.6, 1.2)) * full_width / full_height))
        small_wh = (min(width, full_width), min(height, full_height))
        crop = cv2.resize(crop, small_wh, interpolation=cv2.INTER_AREA)
    if rng.random() < 0.1:
        crop = _sharpened(crop, rng)
    if rng.random() < 0.4:
        noise = rng.standard_normal(crop.shape, np.float32) * float(rng.uniform(2.0, 14.0))
        crop = np.clip(crop + noise, 0, 255).astype(np.uint8)
    if rng.random() < 0.35:
        crop = _compressed(crop, int(rng.integers(18, 85)))
    if crop.shape != (full_height, full_width):
        way = cv2.INTER_LINEAR if rng.random() < 0.7 else cv2.INTER_CUBIC
        crop = cv2.resize(crop, (full_width, full_height), interpolation=way)
    return crop


def _from_afar(crop: Gray, rng: np.random.Generator) -> Gray:
    """Few pixels, sharpened and compressed in the camera, and drawn larger again: strokes a pixel wide
    with pale rims, where a small letter's tail is a single darker pixel."""
    full_height, full_width = crop.shape[:2]
    share = float(rng.uniform(0.31, 0.69))
    height = round(share * full_height)
    width = max(8, round(share * full_width * float(rng.uniform(0.6, 1.13))))
    if rng.random() < 0.5:
        crop = cv2.GaussianBlur(crop, (0, 0), float(rng.uniform(0.3, 0.9)))
    small = cv2.resize(crop, (min(width, full_width), height), interpolation=cv2.INTER_AREA)
    if rng.random() < 0.6:
        small = _sharpened(small, rng)
    if rng.random() < 0.6:
        small = _compressed(small, int(rng.integers(30, 90)))
    return cv2.resize(small, (full_width, full_height), interpolation=cv2.INTER_LINEAR)


def _sharpened(crop: Gray, rng: np.random.Generator) -> Gray:
    """Cameras sharpen what they have blurred: pale rims around every stroke."""
    soft = cv2.GaussianBlur(crop, (0, 0), float(rng.uniform(0.7, 1.6)))
    strength = float(rng.uniform(0.6, 2.2))
    return cv2.addWeighted(crop, 1.0 + strength, soft, -strength, 0)


def _lit(crop: Gray, rng: np.random.Generator) -> Gray:
    table = np.linspace(0.0, 1.0, 256) ** float(np.exp(rng.normal(0.0, 0.3)))
    contrast, brightness = float(rng.uniform(0.5, 1.25)), float(rng.uniform(-0.2, 0.2))
    table = np.clip((table - 0.5) * contrast + 0.5 + brightness, 0.0, 1.0) * 255
    lit: Gray = cv2.LUT(crop, table.astype(np.uint8))
    if rng.random() < 0.3:
        height, width = crop.shape[:2]
        across = np.linspace(-1, 1, width, dtype=np.float32) * float(rng.normal(0, 45))
        down = np.linspace(-1, 1, height, dtype=np.float32)[:, None] * float(rng.normal(0, 45))
        lit = np.clip(lit + across + down, 0, 255).astype(np.uint8)
    return lit


def _spotted(crop: Gray, rng: np.random.Generator) -> Gray:
    """Dirt, a screw, a cable or a reflection in front of the plate."""
    spotted = crop.copy()
    height, width = crop.shape[:2]
    for _ in range(int(rng.integers(1, 4))):
        x, y = int(rng.integers(0, width)), int(rng.integers(0, height))
        shade = int(rng.integers(0, 256))
        if rng.random() < 0.6:
            cv2.circle(spotted, (x, y), int(rng.integers(2, 8)), shade, -1)
        else:
            end = (x + int(rng.integers(-60, 60)), y + int(rng.integers(-30, 30)))
            cv2.line(spotted, (x, y), end, shade, int(rng.integers(1, 4)))
    return spotted


def _blurred(crop: Gray, rng: np.random.Generator) -> Gray:
    if rng.random() < 0.5:
        blurred: Gray = cv2.GaussianBlur(crop, (0, 0), float(rng.uniform(0.5, 2.2)))
        return blurred
    length = int(rng.integers(3, 12))
    kernel: MatLike = np.zeros((length, length), np.float32)
    kernel[length // 2, :] = 1.0
    turn = cv2.getRotationMatrix2D((length / 2 - 0.5, length / 2 - 0.5), float(rng.uniform(-40, 40)), 1.0)
    kernel = cv2.warpAffine(kernel, turn, (length, length))
    smeared: Gray = cv2.filter2D(crop, -1, cv2.normalize(kernel, kernel, 1.0, 0.0, cv2.NORM_L1))
    return smeared


def _compressed(crop: Gray, quality: int) -> Gray:
    _, packed = cv2.imencode(".jpg", crop, (cv2.IMWRITE_JPEG_QUALITY, quality))
    unpacked = cv2.imdecode(packed, cv2.IMREAD_GRAYSCALE)
    if unpacked is None:
        raise ValueError("a crop that was just compressed does not open")
    return unpacked
