"""Training scenes and bad light: the truth stays inside the picture, the same seed gives the same."""

from __future__ import annotations

import numpy as np
import pytest

from triton_models.rendering import scenes
from triton_models.rendering.degrade import degrade
from triton_models.rendering.scenes import training_scene


@pytest.fixture(autouse=True)
def few_streets(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scenes, "_STREETS", 2)
    monkeypatch.setattr(scenes, "_BODIES", 3)


def test_the_same_seed_gives_the_same_scene() -> None:
    one, first = training_scene(np.random.default_rng(7))
    other, second = training_scene(np.random.default_rng(7))
    assert np.array_equal(one, other)
    assert first == second


def test_vehicles_plates_and_characters_lie_inside_one_another() -> None:
    rng = np.random.default_rng(11)
    plates = 0
    for _ in range(12):
        frame, truth = training_scene(rng)
        height, width = frame.shape[:2]
        for vehicle in truth.vehicles:
            x0, y0, x1, y1 = vehicle.xyxy
            assert 0 <= x0 < x1 <= width
            assert 0 <= y0 < y1 <= height
            assert 0 < vehicle.seen <= 1
        for plate in truth.plates:
            plates += 1
            owner = truth.vehicles[plate.vehicle].xyxy
            x, y = np.array(plate.corners).mean(0)
            assert owner[0] <= x <= owner[2]
            assert owner[1] <= y <= owner[3]
            low, high = np.array(plate.corners).min(0) - 1, np.array(plate.corners).max(0) + 1
            assert "".join(character for character, _, _ in plate.characters) == plate.text
            for _, box, _ in plate.characters:
                assert (np.array(box[:2]) >= low).all()
                assert (np.array(box[2:]) <= high).all()
    assert plates >= 4


def test_bad_light_changes_a_picture_but_neither_its_size_nor_its_source() -> None:
    clean = np.full((90, 160, 3), 128, np.uint8)
    for seed in range(30):
        seen = degrade(clean, np.random.default_rng(seed), 1.0)
        assert (seen.shape, seen.dtype) == (clean.shape, clean.dtype)
        assert np.array_equal(seen, degrade(clean, np.random.default_rng(seed), 1.0))
    assert (clean == 128).all()
