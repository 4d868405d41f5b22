"""Views for the plate detector in a worse hour."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import pytest

from triton_models.training.detectors.pictures import Floats, Rgb
from triton_models.training.plates import weather
from triton_models.training.plates.weather import around_each, at_night, from_afar, in_weather

SEEDS = range(30)
Weather = Callable[[Rgb, Sequence[Floats], np.random.Generator], Rgb]
PLATE = np.array([[100, 150], [200, 150], [200, 180], [100, 180]], np.float32)


def a_view() -> Rgb:
    view = np.full((320, 320, 3), (90, 110, 130), np.uint8)
    view[150:180, 100:200] = (180, 180, 170)
    view[160:170, 110:190:8] = 20
    return view


@pytest.mark.parametrize("seen", [around_each, at_night, from_afar, in_weather])
@pytest.mark.parametrize("plates", [[], [PLATE], [PLATE, PLATE - 400.0]], ids=["none", "one", "one outside"])
def test_a_view_keeps_size_and_type_repeats_itself_and_the_one_given_stays(
    seen: Weather, plates: Sequence[Floats]
) -> None:
    for seed in SEEDS:
        view = a_view()
        one, same = (seen(view, plates, np.random.default_rng(seed)) for _ in range(2))
        assert one.shape == (320, 320, 3)
        assert one.dtype == np.uint8
        assert np.array_equal(one, same)
        assert np.array_equal(view, a_view())


def test_at_night_the_plate_is_brighter_than_by_day_and_what_is_away_from_it_darker() -> None:
    for seed in SEEDS:
        night = at_night(a_view(), [PLATE], np.random.default_rng(seed)).astype(float)
        assert night[155:158, 110:190].mean() > a_view()[155:158, 110:190].mean()
        assert night[310:, :20].mean() < 0.65 * a_view()[310:, :20].mean()


def test_from_afar_strokes_lose_contrast_and_the_plate_stays_where_it_is() -> None:
    contrasts = []
    for seed in SEEDS:
        far = from_afar(a_view(), [PLATE], np.random.default_rng(seed)).astype(float)
        contrasts.append(float(np.ptp(far[165, 110:190])))
        assert far[152:178, 104:196].mean() > far[200:300].mean() + 20
    assert np.mean(contrasts) < 0.8 * float(np.ptp(a_view()[165, 110:190].astype(float)))


def test_weather_around_a_plate_has_no_edge_where_it_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(weather, "weathered", lambda part, _: np.zeros_like(part))
    plain = np.full((320, 320, 3), 200, np.uint8)
    for seed in SEEDS:
        dark = around_each(plain, [PLATE], np.random.default_rng(seed)).astype(float)
        assert dark[165, 150].max() == 0
        assert dark[0].min() == dark[:, 319].min() == 200
        assert max(float(np.abs(np.diff(dark, axis=axis)).max()) for axis in (0, 1)) < 90
