"""The verdicts of the bench on passages: by counts, and only where enough vehicles passed."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest

from contracts.errors import Stop
from deploy.bench.figures import Figure
from deploy.bench.passages import figures_of
from deploy.measure.following import Following


def figures(**counts: Any) -> dict[str, Figure]:
    well = Following(
        passed=400,
        once=400,
        exact=396,
        exact_of_best_frame=392,
        exact_of_middle_frame=360,
        coloured=400,
        rare=40,
        rare_coloured=40,
    )
    return {each.name: each for each in figures_of(dataclasses.replace(well, **counts))}


def holds(**counts: int) -> dict[str, bool]:
    return {name: each.holds for name, each in figures(**counts).items() if each.holds is not None}


def test_every_goal_that_is_just_reached_is_told_to_be_reached() -> None:
    assert set(holds(once=396, double=2, mixed=2, strange=2, coloured=380, rare_coloured=38).values()) == {
        True
    }


@pytest.mark.parametrize(
    ("counts", "missed"),
    [
        ({"once": 395}, "… with exactly one final"),
        ({"double": 3}, "finals beyond the first, a vehicle"),
        ({"mixed": 3}, "finals of two vehicles, a vehicle"),
        ({"strange": 3}, "finals of no vehicle, a vehicle"),
        ({"exact": 395}, "exact plates, voted; by the best single frame"),
        ({"exact_of_middle_frame": 393}, "… by a frame of middling clarity"),
        ({"coloured": 379}, "plates told in their colour"),
        ({"rare_coloured": 37}, "… told in their colour"),
    ],
)
def test_one_too_many_is_told_to_be_missed_and_nothing_else_is(counts: dict[str, int], missed: str) -> None:
    assert [name for name, held in holds(**counts).items() if not held] == [missed]


def test_ten_points_more_are_a_gain_though_errors_are_not_halved() -> None:
    few = {"exact": 300, "exact_of_best_frame": 260, "exact_of_middle_frame": 260}
    assert holds(**few)["exact plates, voted; by the best single frame"]
    assert not holds(**few | {"exact": 299})["exact plates, voted; by the best single frame"]


def test_without_rare_colours_nothing_is_told_of_them() -> None:
    assert "… told in their colour" not in figures(rare=0, rare_coloured=0)


def test_few_vehicles_say_nothing() -> None:
    with pytest.raises(Stop, match="the films show 299 vehicles"):
        figures(passed=299)
    assert figures()["vehicles that passed"].value == 400
