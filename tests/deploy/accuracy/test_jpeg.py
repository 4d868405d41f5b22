"""Which quality of frames is the lowest that costs nothing worth mentioning."""

from __future__ import annotations

import pytest

from deploy.accuracy.jpeg import JpegFigures, smallest


def figures(quality: int | None, *, lost: int, gained: int = 0) -> JpegFigures:
    return JpegFigures(
        quality=quality, plates=1000, exact=900 - lost + gained, lost=lost, gained=gained,
        accepted_wrong=0, bits_per_pixel=1.0,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("lost", "expected"),
    [
        ({95: 0, 90: 1, 80: 1, 70: 5}, 80),
        ({95: 0, 90: 3, 80: 0, 70: 9}, 80),  # what goes up and down by chance averages out
        ({95: 0, 90: 9, 80: 0, 70: 0}, 95),  # by far too much is no chance
        ({95: 9, 90: 9}, 95),
        ({95: 0, 90: 0, 80: 0}, 80),
    ],
)
def test_the_lowest_is_chosen_that_costs_too_little_to_mention(lost: dict[int, int], expected: int) -> None:
    assert smallest([figures(None, lost=0), *(figures(q, lost=n) for q, n in lost.items())]) == expected


def test_what_is_gained_makes_up_for_what_is_lost() -> None:
    assert figures(80, lost=4, gained=3).cost == pytest.approx(0.001)
