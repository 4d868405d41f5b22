"""What counts as movement, on pictures made here."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from ingest.camera.capture import Grey
from ingest.seeing.motion import Motion
from ingest.sources.jpeg import LOOK_HEIGHT, LOOK_WIDTH

_SCALE = 12


def street(*, shift_px: float = 0.0, vehicle: tuple[int, int] | None = None, light: int = 0) -> Grey:
    """A look at 1920 x 1080: a road with sharp lines, moved by `shift_px`, with a vehicle from x to x."""
    image = np.full((LOOK_HEIGHT * _SCALE, LOOK_WIDTH * _SCALE), 90, np.uint8)
    for left in range(100, 1900, 300):
        cv2.line(image, (left, 0), (left + 200, image.shape[0]), 220, 14)
    if vehicle is not None:
        cv2.rectangle(image, (vehicle[0], 500), (vehicle[1], 700), 30, -1)
    moved = cv2.warpAffine(
        image, np.array([[1, 0, shift_px], [0, 1, 0]], np.float32), image.shape[::-1], borderMode=1
    )
    small = cv2.resize(moved, (LOOK_WIDTH, LOOK_HEIGHT), interpolation=cv2.INTER_AREA)
    return np.asarray(np.clip(small.astype(int) + light, 0, 255), np.uint8)


def moves(*looks: Grey) -> bool:
    """Of the last look, after the others."""
    motion = Motion(np.ones((LOOK_HEIGHT, LOOK_WIDTH), bool))
    return [motion.look(grey).anywhere for grey in looks][-1]


@pytest.mark.parametrize("shift_px", [-9.0, 3.0, 11.0])
def test_a_mast_that_sways_in_the_wind_is_no_movement(shift_px: float) -> None:
    assert not moves(street(), street(shift_px=shift_px))


def test_sudden_light_is_no_movement() -> None:
    assert not moves(street(), street(light=25))


@pytest.mark.parametrize("step_px", [30, 60, 200])
def test_a_vehicle_that_drives_is_movement(step_px: int) -> None:
    assert moves(street(vehicle=(400, 700)), street(vehicle=(400 + step_px, 700 + step_px)))


def test_a_vehicle_that_creeps_is_seen_against_a_second_ago() -> None:
    looks = [street(vehicle=(400 + 6 * number, 700 + 6 * number)) for number in range(7)]
    assert moves(*looks)


def test_a_lorry_that_fills_the_picture_is_movement() -> None:
    noisy = np.random.default_rng(1).integers(0, 200, (LOOK_HEIGHT, LOOK_WIDTH), np.uint8)
    lorry = street()
    lorry[:, 40:] = noisy[:, 40:]
    assert moves(street(), lorry)
