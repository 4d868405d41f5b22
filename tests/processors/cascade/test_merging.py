"""Which of a picture's plates a further look shows."""

from __future__ import annotations

import pytest

from contracts.messages.common import Xyxy
from processors.cascade.merging import same_of

PLATE: Xyxy = (100, 100, 300, 160)
BADGE: Xyxy = (240, 150, 290, 165)


@pytest.mark.parametrize(
    ("view", "shown"),
    [
        ((98, 98, 303, 163), 0),
        ((90, 90, 310, 170), 0),  # the badge lies in it and is not what it shows
        ((241, 151, 289, 166), 1),
        ((400, 100, 600, 160), None),
        ((280, 140, 480, 200), None),
    ],
)
def test_a_look_shows_the_plate_that_it_covers_best_and_no_badge_upon_it(
    view: Xyxy, shown: int | None
) -> None:
    assert same_of(view, [PLATE, BADGE]) == shown
    assert same_of(view, []) is None
