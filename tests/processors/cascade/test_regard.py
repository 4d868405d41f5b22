"""What a camera asks to be looked at: zones, the smallest plate, kinds of vehicle."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from contracts.cameras import Camera, Zone
from processors.cascade.recognise import Recognised, recognise
from processors.cascade.regard import EVERYTHING, Regard, regard_of
from processors.cascade.settings import CascadeSettings
from tests.processors.models import WrittenModels, a_quad

SIZE_WH = (1280, 768)
# In the vehicle model's input, half the picture: a car on the left, a bus on the right.
CAR, BUS = ((40.0, 60.0, 260.0, 260.0), 0.9, 0), ((380.0, 60.0, 600.0, 260.0), 0.9, 3)
LEFT = ((0.0, 0.0), (0.5, 0.0), (0.5, 1.0), (0.0, 1.0))


async def seen(regard: Regard) -> Recognised:
    """A car and a bus, each with its plate in the look at the whole picture (a quarter of its size)."""
    models = WrittenModels(
        vehicles=(CAR, BUS),
        plates=[[(a_quad(30.0, 50.0, 60.0, 60.0), 0.9), (a_quad(220.0, 50.0, 280.0, 60.0), 0.9)]],
        texts=("MH12AB1234",),
    )
    picture = np.zeros((SIZE_WH[1], SIZE_WH[0], 3), np.uint8)
    with ThreadPoolExecutor(1) as pool:
        return await recognise(picture, models, CascadeSettings(zoom_below_px=0.0), pool, regard)


@pytest.mark.parametrize(
    ("regard", "kinds", "plates"),
    [
        (EVERYTHING, ["car", "bus"], 2),
        (Regard(zones=(LEFT,)), ["car"], 1),
        (Regard(kinds=frozenset({"bus"})), ["bus"], 1),
        (Regard(least_plate_px=200.0), ["car", "bus"], 1),
        (Regard(zones=(LEFT,), kinds=frozenset({"bus"})), [], 0),
    ],
)
async def test_only_what_the_camera_asks_for_is_told(regard: Regard, kinds: list[str], plates: int) -> None:
    found = await seen(regard)

    assert [vehicle.kind for vehicle in found.vehicles] == kinds
    assert len(found.plates) == plates
    for plate in found.plates:
        assert plate.vehicle is not None
        assert 0 <= plate.vehicle < len(found.vehicles)


def test_zones_of_a_camera_that_sends_their_rectangle_alone_are_shares_of_that() -> None:
    camera = Camera(
        id="gate",
        source="film.mp4",
        zones=(Zone(name="lane", corners=((0.5, 0.5), (1.0, 0.5), (1.0, 1.0), (0.5, 1.0))),),
        cut_to_zones=True,
        least_plate_px=40,
        vehicles=("car", "bus"),
    )

    regard = regard_of(camera)

    assert regard.zones == (((0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 1.0)),)
    assert regard.least_plate_px == 40.0
    assert sorted(regard.kinds) == ["bus", "car"]
    assert regard_of(Camera(id="yard", source="film.mp4")) == EVERYTHING
