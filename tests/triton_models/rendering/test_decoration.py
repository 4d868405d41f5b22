from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from triton_models.rendering.decoration import decorated
from triton_models.rendering.numbers import Registration, random_registration
from triton_models.rendering.plates import draw_plate
from triton_models.rendering.styles import PlateStyle, random_style

NUMBER = Registration(("MH", "20", "EU", "9991"), "standard")


def a_style(lines: int) -> PlateStyle:
    return replace(random_style(np.random.default_rng(2), lines=lines), high_security=False, tilt_deg=0.0)


def heights(style: PlateStyle) -> list[float]:
    drawn = draw_plate(NUMBER, style, np.random.default_rng(1))
    return [box[3] - box[1] for _, box, _ in drawn.characters]


def test_a_style_that_takes_no_liberty_stays_as_it_is() -> None:
    style = a_style(1)
    assert decorated(style, np.random.default_rng(1), 0.0) == style


@pytest.mark.parametrize("lines", [1, 2])
def test_what_shops_add_is_no_part_of_the_number(lines: int) -> None:
    rng = np.random.default_rng(7)
    for _ in range(40):
        registration = random_registration(rng)
        style = random_style(rng, series=registration.series, lines=lines)
        plate = draw_plate(registration, decorated(style, rng, 1.0), rng)
        assert plate.text == registration.text
        height, width = plate.image.shape[:2]
        for _, (x0, y0, x1, y1), _ in plate.characters:
            assert 0 <= x0 < x1 <= width
            assert 0 <= y0 < y1 <= height


@pytest.mark.parametrize("lines", [1, 2])
def test_a_number_can_be_larger_than_the_rest(lines: int) -> None:
    tall = heights(replace(a_style(lines), number_size=1.6))
    assert min(tall[-4:]) > 1.3 * max(tall[:4])


@pytest.mark.parametrize("rise", [-0.25, 0.0, 0.25])
def test_series_letters_can_be_small_before_the_number(rise: float) -> None:
    style = replace(a_style(2), split_series=False, series_size=0.5, series_rise=rise, wobble=0.0)
    plate = draw_plate(NUMBER, style, np.random.default_rng(1))
    assert plate.text == NUMBER.text
    assert [line for _, _, line in plate.characters] == [0] * 4 + [1] * 6
    (series, number) = (
        np.array([box for _, box, _ in plate.characters[part]]) for part in (slice(4, 6), slice(6, None))
    )
    heights = [float((boxes[:, 3] - boxes[:, 1]).mean()) for boxes in (series, number)]
    assert heights[0] == pytest.approx(0.5 * heights[1], rel=0.2)
    assert series[:, 2].max() < number[:, 0].min()
    middles = [float((boxes[:, 3] + boxes[:, 1]).mean() / 2) for boxes in (series, number)]
    assert (middles[1] - middles[0]) / heights[1] == pytest.approx(rise, abs=0.08)


def test_a_bar_between_the_lines_covers_none_of_them() -> None:
    style = replace(a_style(2), divider=(190, 24, 30), border_mm=0.0)
    with_bar, without = (
        draw_plate(NUMBER, each, np.random.default_rng(1)) for each in (style, replace(style, divider=None))
    )
    assert with_bar.text == without.text
    rows = np.flatnonzero(
        (with_bar.image[:, 60:-60, 0].astype(int) - with_bar.image[:, 60:-60, 1] > 100).mean(1) > 0.9
    )
    assert 1 <= len(rows) <= 0.1 * with_bar.image.shape[0]


@pytest.mark.parametrize("side", [1, -1])
def test_the_number_stands_beside_its_emblem(side: int) -> None:
    style = replace(a_style(2), emblem_mm=side * 60.0)
    plate = draw_plate(NUMBER, style, np.random.default_rng(1))
    pixels_a_mm = plate.image.shape[1] / style.width_mm
    left = min(box[0] for _, box, _ in plate.characters) / pixels_a_mm
    right = style.width_mm - max(box[2] for _, box, _ in plate.characters) / pixels_a_mm
    assert (left if side > 0 else right) > 60.0


def test_the_number_stands_below_its_heading() -> None:
    style = replace(a_style(2), heading_mm=40.0)
    plate = draw_plate(NUMBER, style, np.random.default_rng(1))
    pixels_a_mm = plate.image.shape[0] / style.height_mm
    assert min(box[1] for _, box, _ in plate.characters) / pixels_a_mm > 40.0
