"""Shade, glare, headlights and rain on a plate's crop."""

from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np
import pytest
from cv2.typing import MatLike

from triton_models.training.crops.weather import glaring, overexposed, rained_on, shaded, weathered

SEEDS = range(40)
Weather = Callable[[MatLike, np.random.Generator], MatLike]


def a_crop(shade: int = 200) -> MatLike:
    crop = np.full((96, 192), shade, np.uint8)
    return cv2.putText(crop, "KA05", (10, 70), cv2.FONT_HERSHEY_SIMPLEX, 2.2, 30, 6)


def contrast(crop: MatLike, columns: slice) -> float:
    return float(np.ptp(crop[:, columns].astype(float)))


@pytest.mark.parametrize("kind", [shaded, glaring, overexposed, rained_on, weathered])
def test_each_kind_keeps_size_and_type_and_repeats_itself(kind: Weather) -> None:
    for seed in SEEDS:
        one, same = (kind(a_crop(), np.random.default_rng(seed)) for _ in range(2))

        assert one.shape == (96, 192)
        assert one.dtype == np.uint8
        assert np.array_equal(one, same)


@pytest.mark.parametrize("kind", [shaded, glaring, overexposed, rained_on, weathered])
def test_the_crop_that_was_given_stays_as_it_is(kind: Weather) -> None:
    crop = a_crop()

    kind(crop, np.random.default_rng(1))

    assert np.array_equal(crop, a_crop())


def test_a_shadow_only_takes_light_and_never_all_of_it() -> None:
    crop = a_crop()
    for seed in SEEDS:
        dark = shaded(crop, np.random.default_rng(seed))

        assert (dark <= crop).all()
        assert dark.max() >= 20


def test_most_shadows_have_an_edge_within_the_plate() -> None:
    plain = np.full((96, 192), 200, np.uint8)
    spans = [float(np.ptp(shaded(plain, np.random.default_rng(seed)).astype(float))) for seed in SEEDS]

    assert np.mean(np.array(spans) > 40) > 0.7


def test_glare_only_adds_light_and_more_in_one_place_than_in_another() -> None:
    crop = a_crop(shade=90)
    added = [glaring(crop, np.random.default_rng(seed)).astype(float) - crop for seed in SEEDS]

    assert min(float(each.min()) for each in added) >= 0
    assert np.mean([float(np.ptp(each)) > 40 for each in added]) > 0.7


def test_headlights_leave_no_shades_on_a_bright_plate_and_thin_its_strokes() -> None:
    crop = a_crop(shade=200)
    inks = [float((overexposed(crop, np.random.default_rng(seed)) < 128).mean()) for seed in SEEDS]

    assert float(np.mean(inks)) < float((crop < 128).mean())


def test_rain_leaves_most_of_the_writing_there() -> None:
    crop = a_crop()
    likeness = [
        float(np.corrcoef(rained_on(crop, np.random.default_rng(seed)).ravel(), crop.ravel())[0, 1])
        for seed in SEEDS
    ]

    assert min(likeness) > 0.5
    assert contrast(rained_on(crop, np.random.default_rng(3)), slice(0, 192)) > 40
