"""The path of a vehicle that was seen in parts."""

from __future__ import annotations

from datetime import timedelta

from contracts.messages.common import Xyxy
from processors.passages.movement.path import Path
from tests.processors.passages.builders import NOON


def a_path(first_sec: float, last_sec: float, *, whole: bool = True) -> Path:
    """To the right, ten pixels a second."""
    first, last = (
        Path.at(box_at(seconds), NOON + timedelta(seconds=seconds), whole=whole)
        for seconds in (first_sec, last_sec)
    )
    return first.joined(last)


def box_at(seconds: float) -> Xyxy:
    return (10 * seconds, 100.0, 10 * seconds + 50, 150.0)


def test_it_goes_from_the_first_box_to_the_last_whichever_part_is_known_first() -> None:
    for one, other in (((0, 4), (6, 9)), ((0, 9), (4, 6)), ((0, 6), (4, 9))):
        for path in (a_path(*one).joined(a_path(*other)), a_path(*other).joined(a_path(*one))):
            assert (path.first, path.last) == (box_at(0), box_at(9))
            assert path.whole == (box_at(0), box_at(9))


def test_how_large_it_was_is_told_by_the_part_that_shows_it_whole() -> None:
    path = a_path(0, 4, whole=False).joined(a_path(6, 9))

    assert (path.first, path.whole) == (box_at(0), (box_at(6), box_at(9)))
