"""Where a vehicle went, by what its camera's picture shows of it."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from contracts.messages.common import VehicleSeen
from contracts.messages.plate import Direction
from tests.processors.passages.test_unread_vehicles import a_car_at, unread


def direction(frames: Sequence[VehicleSeen]) -> Direction | None:
    (event,) = unread([[seen] for seen in frames])
    return event.direction


def test_a_car_that_nears_and_leaves_the_picture_at_its_corner_approaches() -> None:
    nearing = [a_car_at(420.0 + 45 * n, 260.0 + 30 * n, 140.0 + 16 * n) for n in range(13)]

    assert nearing[-1].xyxy[2:] == (960.0, 540.0)
    assert direction(nearing) == "approaching"


@pytest.mark.parametrize("step", [90.0, -90.0])
def test_a_car_under_a_camera_that_looks_down_goes_up_or_down(step: float) -> None:
    under = [a_car_at(480.0, 500.0 + step * n, 300.0) for n in (range(-4, 3) if step > 0 else range(-2, 5))]

    assert direction(under) == ("approaching" if step > 0 else "leaving")


@pytest.mark.parametrize("step", [110.0, -110.0])
def test_a_truck_that_fills_the_picture_goes_to_the_side_where_it_leaves(step: float) -> None:
    crossing = [a_car_at(480.0 + step * n, 500.0, 500.0) for n in range(-6, 7)]

    assert direction(crossing) == ("right" if step > 0 else "left")


def test_a_standing_car_that_trembles_goes_nowhere() -> None:
    assert direction([a_car_at(400.0 + n % 3, 300.0 - n % 2, 200.0 + n % 4) for n in range(10)]) is None
