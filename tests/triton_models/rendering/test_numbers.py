"""Random registration numbers: each is what its series says, and the street's mix is right."""

from __future__ import annotations

import numpy as np
import pytest

from contracts.messages.plate import SeriesKind
from contracts.plate_number import verdict
from triton_models.rendering.numbers import random_registration

SERIES: tuple[SeriesKind, ...] = (
    "standard",
    "delhi",
    "bharat",
    "vintage",
    "temporary",
    "diplomatic",
    "military",
    "pre-1989",
)


@pytest.mark.parametrize("series", SERIES)
def test_a_number_of_a_named_series_is_valid_under_the_grammar(series: SeriesKind) -> None:
    rng = np.random.default_rng(3)
    for vehicle in ("car", "motorcycle", "auto-rickshaw", "bus", "truck", "other"):
        for _ in range(60):
            registration = random_registration(rng, series, vehicle=vehicle)
            found = verdict(registration.text)
            assert (found.series, found.valid) == (series, True), registration


def test_most_numbers_of_the_street_are_standard_and_few_are_special() -> None:
    rng = np.random.default_rng(4)
    drawn = [random_registration(rng).series for _ in range(2000)]
    assert 0.8 < drawn.count("standard") / len(drawn) < 0.92
    assert 0.01 < drawn.count("bharat") / len(drawn) < 0.06


def test_the_same_seed_draws_the_same_numbers() -> None:
    one, other = np.random.default_rng(5), np.random.default_rng(5)
    assert [random_registration(one).text for _ in range(50)] == [
        random_registration(other).text for _ in range(50)
    ]
