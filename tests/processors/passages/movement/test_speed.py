"""Speed by a plate's size in the picture: plates projected by a camera whose motion is known."""

from __future__ import annotations

import math
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.messages.common import Corners, LogPosition
from processors.passages.movement.speed import speed_class, speed_mps
from processors.passages.movement.ways import Ways
from processors.passages.observations import PlateRead
from processors.readings.slots import slots_of
from tests.processors.passages.builders import NOON, a_plate

SIZE_WH = (1920, 1080)
FOCAL = 1.5
WAYS = Ways(focal=FOCAL)
ONE_LINE_M = (0.5, 0.12)


def projected(x_m: float, depth_m: float) -> Corners:
    """A car's plate 2 m below the camera's axis, seen from the front."""
    scale = FOCAL * SIZE_WH[0] / depth_m
    x, y = SIZE_WH[0] / 2 + x_m * scale, SIZE_WH[1] / 2 + 2.0 * scale
    half_w, half_h = ONE_LINE_M[0] * scale / 2, ONE_LINE_M[1] * scale / 2
    return (
        (x - half_w, y - half_h),
        (x + half_w, y - half_h),
        (x + half_w, y + half_h),
        (x - half_w, y + half_h),
    )


def reads(*, speed: float, sideways: float = 0.0, seconds: float = 1.6, rate: float = 5.0) -> list[PlateRead]:
    """A plate that comes nearer, at last 8 m away."""
    found = []
    for number in range(int(seconds * rate) + 1):
        left_sec = seconds - number / rate
        corners = projected(1.0 - sideways * left_sec, 8.0 + speed * left_sec)
        seen = a_plate((0.0, 0.0, 1.0, 1.0), "MH12AB1234")
        found.append(
            PlateRead(
                seen=type(seen)(
                    **{name: getattr(seen, name) for name in seen.__struct_fields__} | {"corners": corners}
                ),
                slots=slots_of(seen.characters),
                weight=1.0,
                vehicle=None,
                captured_at=NOON + timedelta(seconds=number / rate),
                frame=LogPosition(topic="frames", partition=0, offset=number),
                size_wh=SIZE_WH,
            )
        )
    return found


@given(speed=st.floats(0.0, 30.0), sideways=st.floats(-5.0, 5.0))
def test_the_speed_of_a_plate_is_found_from_its_size_and_place(speed: float, sideways: float) -> None:
    found = speed_mps(reads(speed=speed, sideways=sideways), kind="car", lines=1, ways=WAYS)

    assert found == pytest.approx(math.hypot(speed, sideways), rel=0.25, abs=0.3)


@pytest.mark.parametrize(
    ("kmph", "expected"), [(0, "standing"), (12, "slow"), (40, "moderate"), (90, "fast")]
)
def test_events_tell_a_class(kmph: float, expected: str) -> None:
    assert speed_class(reads(speed=kmph / 3.6), kind="car", lines=1, ways=WAYS) == expected


def test_without_a_field_of_view_or_time_enough_nothing_is_said() -> None:
    assert speed_class(reads(speed=10.0), kind="car", lines=1, ways=Ways()) is None
    assert speed_class(reads(speed=10.0)[:2], kind="car", lines=1, ways=WAYS) is None
    assert speed_class(reads(speed=10.0, seconds=0.2, rate=25.0), kind="car", lines=1, ways=WAYS) is None


def test_corners_that_tremble_more_than_the_plate_moves_tell_no_speed() -> None:
    trembling = [
        read if number % 2 else replace(read, size_wh=(SIZE_WH[0] * 2, SIZE_WH[1]))
        for number, read in enumerate(reads(speed=0.5, seconds=0.8))
    ]

    assert speed_mps(trembling, kind="car", lines=1, ways=WAYS) is None
