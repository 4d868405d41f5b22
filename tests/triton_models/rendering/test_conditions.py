"""Pictures as a worse hour would have shown them."""

from __future__ import annotations

import numpy as np
import pytest

from triton_models.rendering.conditions import CONDITIONS, SMALL_PX, Box, Picture, from_afar, shade, under

PLATE: Box = (150.0, 100.0, 350.0, 150.0)
TWO_LINES: Box = (150.0, 100.0, 350.0, 220.0)


def a_picture() -> Picture:
    picture = np.full((300, 500, 3), 90, np.uint8)
    picture[100:150, 150:350] = 230
    picture[110:140, 170:330:12] = 20
    return picture


@pytest.mark.parametrize("name", CONDITIONS)
def test_only_what_is_around_the_plate_changes(name: str) -> None:
    seen = under(CONDITIONS[name], a_picture(), [PLATE], np.random.default_rng(3))
    changed = (seen != a_picture()).any(axis=2)
    rows, columns = np.nonzero(changed)

    assert changed[100:150, 150:350].mean() > 0.1
    assert rows.min() >= 0
    assert rows.max() < 250
    assert columns.min() >= 50
    assert columns.max() < 450


@pytest.mark.parametrize("name", CONDITIONS)
def test_the_same_generator_gives_the_same_picture_and_leaves_the_first_alone(name: str) -> None:
    picture = a_picture()
    one, same, other = (
        under(CONDITIONS[name], picture, [PLATE], np.random.default_rng(seed)) for seed in (1, 1, 2)
    )

    assert np.array_equal(one, same)
    assert not np.array_equal(one, other)
    assert np.array_equal(picture, a_picture())


def test_a_shadow_leaves_one_side_of_a_plate_as_it_was() -> None:
    plain = np.full((300, 500, 3), 200, np.uint8)
    for seed in range(20):
        plate = under(shade, plain, [PLATE], np.random.default_rng(seed))[100:150, 150:350]

        assert plate.max() > 190
        assert 35 <= plate.min() <= 95


def test_a_plate_at_the_pictures_edge_is_no_trouble() -> None:
    for condition in CONDITIONS.values():
        seen = under(condition, a_picture(), [(-20.0, 280.0, 60.0, 310.0)], np.random.default_rng(1))

        assert seen.shape == (300, 500, 3)


def test_a_plate_outside_of_the_picture_changes_nothing() -> None:
    for condition in CONDITIONS.values():
        seen = under(condition, a_picture(), [(900.0, 100.0, 950.0, 120.0)], np.random.default_rng(1))

        assert np.array_equal(seen, a_picture())


@pytest.mark.parametrize(("plate", "share"), [(PLATE, 1.0), (TWO_LINES, 0.75)])
def test_from_afar_the_widest_plate_is_thirty_to_fifty_pixels_wide(plate: Box, share: float) -> None:
    for seed in range(10):
        small, scale = from_afar(a_picture(), [plate, (0.0, 0.0, 40.0, 10.0)], np.random.default_rng(seed))

        assert SMALL_PX[0] * share <= 200 * scale <= SMALL_PX[1] * share
        assert small.shape[:2] == (round(300 * scale), round(500 * scale))


def test_what_is_small_already_stays_as_it_is() -> None:
    picture, scale = from_afar(a_picture(), [(0.0, 0.0, 25.0, 6.0)], np.random.default_rng(1))

    assert scale == 1.0
    assert np.array_equal(picture, a_picture())
