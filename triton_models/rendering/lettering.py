"""Writing of the street that is no number plate: shop signs, phone numbers, stickers, words on trucks.

A detector that saw no such thing takes every short dark text on a pale ground for a plate.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from triton_models.rendering.faces import ALL_FACES, Face, Glyph, glyph

_SHOPS = (
    "MARKET", "MEDICAL STORE", "Hotel", "TAILORS", "Sri Ganesh", "SWEETS", "BANK", "ATM", "Mobile Point",
    "ELECTRICALS", "Krishna", "BAKERY", "JEWELLERS", "TEA STALL", "Xerox", "SALON", "Bata", "AUTO PARTS",
    "OPEN 24 HOURS", "SALE 50% OFF", "TO LET", "NO PARKING", "EXIT", "STOP", "SCHOOL", "POLICE", "TAXI STAND",
)  # fmt: skip
_TRUCKS = (
    "HORN OK PLEASE", "STOP", "GOODS CARRIER", "USE DIPPER AT NIGHT", "ALL INDIA PERMIT", "TATA", "LPT 1613",
    "ASHOK LEYLAND", "EICHER", "Jai Mata Di", "National Permit", "KEEP DISTANCE", "DIESEL", "ON GOVT DUTY",
    "SPEED 40 KM", "TRANSPORT CO", "MAHADEV", "Danger", "CNG", "PUSH",
)  # fmt: skip
_STICKERS = (
    "BABY ON BOARD", "PRESS", "DOCTOR", "LAWYER", "ARMY", "i10", "SWIFT DZIRE", "VDI", "BOLERO", "ACTIVA",
    "Pulsar 150", "TURBO", "4x4", "AMG", "GT", "I LOVE INDIA", "No Fear", "KING", "HERO", "XUV 500",
)  # fmt: skip
_PALE: tuple[tuple[int, int, int], ...] = ((235, 235, 232), (240, 196, 30), (226, 226, 210), (210, 220, 235))
_DEEP: tuple[tuple[int, int, int], ...] = (
    (20, 20, 24), (170, 24, 28), (22, 60, 150), (20, 110, 50), (90, 30, 110), (200, 90, 20),
)  # fmt: skip


@dataclass(frozen=True)
class Lettering:
    """RGB and how much of it covers what is behind, 0..1: a sign covers all of it, paint only its strokes."""

    image: NDArray[np.uint8]
    cover: NDArray[np.float32]


def lettering(rng: np.random.Generator, *, line_px: int = 48) -> Lettering:
    """One to three lines of writing, on a board or painted on what is there."""
    words = _WORDS[int(rng.choice(len(_WORDS), p=(0.34, 0.26, 0.24, 0.16)))]
    lines = [words(rng) for _ in range(int(rng.choice(3, p=(0.6, 0.3, 0.1))) + 1)]
    ink = _written(lines, rng, line_px)
    ground, colour = _colours(rng)
    alpha = ink[..., None]
    image = np.broadcast_to(np.array(ground, np.float32), (*ink.shape, 3)) * (1 - alpha)
    image = image + np.array(colour, np.float32) * alpha
    if rng.random() < 0.3:
        return Lettering(np.clip(image, 0, 255).astype(np.uint8), ink)
    if rng.random() < 0.5:
        _ornaments(image, rng)
    return Lettering(np.clip(image, 0, 255).astype(np.uint8), np.ones_like(ink))


def _one_of(texts: tuple[str, ...]) -> Callable[[np.random.Generator], str]:
    return lambda rng: texts[int(rng.integers(len(texts)))]


def _phone(rng: np.random.Generator) -> str:
    digits = "".join(str(digit) for digit in rng.integers(0, 10, 9))
    number = f"{rng.integers(6, 10)}{digits}"
    forms = (
        number,
        f"{number[:5]} {number[5:]}",
        f"Mob: {number}",
        f"Ph. 0{number[:3]}-{number[3:]}",
        f"Call {number}",
    )
    return forms[int(rng.integers(len(forms)))]


_WORDS: tuple[Callable[[np.random.Generator], str], ...] = (
    _one_of(_SHOPS), _one_of(_TRUCKS), _one_of(_STICKERS), _phone
)  # fmt: skip


def _colours(rng: np.random.Generator) -> tuple[tuple[int, int, int], tuple[int, int, int]]:
    """Ground and ink: pale on deep or deep on pale."""
    pale, deep = _PALE[int(rng.integers(len(_PALE)))], _DEEP[int(rng.integers(len(_DEEP)))]
    return (pale, deep) if rng.random() < 0.6 else (deep, pale)


def _written(lines: list[str], rng: np.random.Generator, line_px: int) -> NDArray[np.float32]:
    """Ink of the lines below one another, in the middle, 0..1."""
    face = ALL_FACES[int(rng.integers(len(ALL_FACES)))]
    rows = [_row(text, face, round(line_px * float(rng.uniform(0.5, 1.0)))) for text in lines]
    room = round(line_px * float(rng.uniform(0.15, 0.6)))
    width = max(row.shape[1] for row in rows) + 2 * room
    height = sum(row.shape[0] for row in rows) + room * (len(rows) + 1)
    ink = np.zeros((height, width), np.float32)
    top = room
    for row in rows:
        left = (width - row.shape[1]) // 2
        ink[top : top + row.shape[0], left : left + row.shape[1]] = row
        top += row.shape[0] + room
    return ink


def _row(text: str, face: Face, cap_px: int) -> NDArray[np.float32]:
    shapes: list[Glyph | None] = [None if character == " " else glyph(face, character) for character in text]
    # Not every typeface has every sign: one without ink leaves room.
    shapes = [None if shape is None or not shape.mask.size else shape for shape in shapes]
    width = sum(0.4 if shape is None else shape.advance for shape in shapes) * cap_px
    row = np.zeros((round(1.45 * cap_px), max(4, round(width) + 4)), np.float32)
    pen = 0.0
    for shape in shapes:
        if shape is None:
            pen += 0.4 * cap_px
            continue
        across, down = max(1, round(shape.width * cap_px)), max(1, round(shape.height * cap_px))
        mask = cv2.resize(shape.mask, (across, down), interpolation=cv2.INTER_AREA).astype(np.float32) / 255
        x, y = max(0, round(pen + shape.bearing * cap_px)), max(0, round((0.12 + shape.top) * cap_px))
        there = row[y : y + down, x : x + across]
        np.maximum(there, mask[: there.shape[0], : there.shape[1]], out=there)
        pen += shape.advance * cap_px
    return row


def _ornaments(image: NDArray[np.float32], rng: np.random.Generator) -> None:
    """A frame of lines or dots, as on trucks and boards."""
    height, width = image.shape[:2]
    colour = tuple(float(value) for value in rng.integers(0, 255, 3))
    thick = max(1, height // 24)
    if rng.random() < 0.5:
        cv2.rectangle(image, (thick, thick), (width - 1 - thick, height - 1 - thick), colour, thick)
        return
    for x in range(0, width, max(6, height // 6)):
        for y in (thick * 2, height - thick * 2):
            cv2.circle(image, (x, y), thick + 1, colour, -1)
