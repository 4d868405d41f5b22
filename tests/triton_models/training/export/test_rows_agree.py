"""Rows of two outputs held against each other: the same ones in whatever order, all but a few."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from triton_models.tensors import MOST_VEHICLES
from triton_models.training.export.rows_agree import Agreement, all_values, vehicle_rows

TOLERANCE = 0.1
Row = tuple[float, float, float, float, float, float]


def output(*rows: Row) -> NDArray[np.float32]:
    """One picture's rows, unused ones all 0."""
    filled = np.zeros((1, MOST_VEHICLES, 6), np.float32)
    filled[0, : len(rows)] = np.array(rows, np.float32).reshape(-1, 6)
    return filled


def in_a_row(count: int) -> list[Row]:
    """Cars side by side, the surest first."""
    return [(12.0 * n, 50.0, 12.0 * n + 10, 60.0, 0.9 - 0.02 * n, 0.0) for n in range(count)]


def as_row(x: float, y: float, across: float, down: float, score: float, kind: float) -> Row:
    return x, y, x + across, y + down, score, kind


places, lengths = st.floats(0, 448, width=32), st.floats(0, 90, width=32)
a_row = st.builds(
    as_row,
    places,
    places,
    lengths,
    lengths,
    st.floats(0.03125, 1, width=32),
    st.sampled_from([0.0, 1.0, 5.0]),
)
some_rows = st.lists(a_row, max_size=MOST_VEHICLES)


@given(rows=some_rows, seed=st.integers(0, 1000))
def test_the_same_rows_agree_in_whatever_order(rows: list[Row], seed: int) -> None:
    order = np.random.default_rng(seed).permutation(len(rows))
    found = vehicle_rows(output(*rows), output(*[rows[place] for place in order]))
    assert found == Agreement(0.0, rows=2 * len(rows), alone=0)
    assert found.broken(TOLERANCE) == ""


@given(rows=some_rows, others=some_rows)
def test_every_row_has_one_partner_or_is_alone(rows: list[Row], others: list[Row]) -> None:
    found = vehicle_rows(output(*rows), output(*others))
    assert found.rows == len(rows) + len(others)
    assert abs(len(rows) - len(others)) <= found.alone <= found.rows
    assert (found.rows - found.alone) % 2 == 0


def test_a_row_that_a_last_digit_dropped_and_all_behind_it_are_no_difference() -> None:
    rows = in_a_row(10)
    found = vehicle_rows(output(*rows), output(*rows[:3], *rows[4:]))
    assert found == Agreement(0.0, rows=19, alone=1)
    assert found.broken(TOLERANCE) == ""


def test_the_box_that_stands_for_another_is_none_that_moved() -> None:
    rows = in_a_row(10)
    instead: Row = (2.0, 50.0, 12.0, 60.0, 0.9, 0.0)
    found = vehicle_rows(output(*rows), output(instead, *rows[1:]))
    assert found == Agreement(0.0, rows=20, alone=2)


@pytest.mark.parametrize(("place", "astray"), [(0, 0.3), (3, -0.5), (4, 0.2)])
def test_one_row_of_many_that_says_something_else_is_told(place: int, astray: float) -> None:
    rows = in_a_row(20)
    other = list(rows[7])
    other[place] += astray
    found = vehicle_rows(output(*rows), output(*rows[:7], (*other,), *rows[8:]))  # type: ignore[arg-type]
    assert found.difference == pytest.approx(abs(astray), abs=1e-4)
    assert "differs from the trained network by" in found.broken(TOLERANCE)


@pytest.mark.parametrize("dropped", [3, 10])
def test_many_rows_that_are_in_one_output_alone_are_told(dropped: int) -> None:
    rows = in_a_row(10)
    found = vehicle_rows(output(*rows), output(*rows[dropped:]))
    assert f"{dropped} of {20 - dropped} are only in one of them" in found.broken(TOLERANCE)


def test_a_row_of_another_class_is_no_partner() -> None:
    rows = in_a_row(2)
    assert vehicle_rows(output(*rows), output(rows[0], (*rows[1][:5], 3.0))).alone == 2


@pytest.mark.parametrize("side", [0, 1])
def test_what_is_no_number_agrees_with_nothing(side: int) -> None:
    outputs = [output(*in_a_row(3)), output(*in_a_row(3))]
    outputs[side][0, 1, 4] = np.nan
    for found in (vehicle_rows(*outputs), all_values(*outputs)):
        assert "by nan" in found.broken(TOLERANCE)


def test_values_that_stand_for_themselves_are_compared_one_by_one() -> None:
    said = np.zeros((2, 3, 4), np.float32)
    served = said.copy()
    served[1, 2, 3] = 0.25
    assert all_values(said, served) == Agreement(0.25)
    assert all_values(said, served).broken(0.25) == ""
