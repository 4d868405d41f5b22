"""Where something stands, by what was seen of it in the last seconds."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

import pytest

from contracts.messages.common import Xyxy
from processors.passages.movement.place import Place
from tests.processors.passages.builders import NOON

HERE: Xyxy = (300.0, 200.0, 500.0, 360.0)
THERE: Xyxy = (700.0, 200.0, 900.0, 360.0)
HALF: Xyxy = (420.0, 200.0, 500.0, 360.0)


def seen(boxes: Sequence[Xyxy], *, place: Place | None = None, from_sec: float = 0.0) -> Place:
    """One box every quarter of a second."""
    place = place or Place()
    for number, box in enumerate(boxes):
        place.add(box, NOON + timedelta(seconds=from_sec + number / 4))
    return place


def test_what_was_never_seen_has_no_place() -> None:
    assert Place().box is None
    assert Place.known(None, NOON).box is None


def test_a_moments_mistake_or_a_part_of_it_does_not_move_it() -> None:
    assert seen([*[HERE] * 40, *[HALF] * 8]).box == HERE
    assert seen([*[HERE] * 40, THERE]).box == HERE


def test_it_is_somewhere_else_after_it_was_seen_there_for_some_seconds() -> None:
    assert seen([*[HERE] * 400, *[THERE] * 40]).box == THERE
    known = Place.known(HERE, NOON)
    assert seen([THERE] * 8, place=known, from_sec=1.0).box == HERE
    assert seen([THERE] * 4, place=known, from_sec=3.0).box == THERE


def test_what_hides_it_for_a_moment_now_and_then_does_not_move_it() -> None:
    assert seen([*[HERE] * 40, *([HALF] * 4 + [HERE] * 8) * 5]).box == HERE


def test_a_part_of_it_is_the_same_place_and_the_whole_of_what_was_half_hidden_is_a_better_one() -> None:
    assert seen([*[HERE] * 40, *[HALF] * 24]).box == HERE
    assert seen([*[HALF] * 40, *[HERE] * 12]).box == HERE


def test_it_is_known_until_when_it_was_there_whole_half_hidden_or_together_with_another() -> None:
    both = (300.0, 200.0, 900.0, 360.0)
    for box in (HERE, HALF, both):
        assert seen([*[HERE] * 40, *[box] * 4]).until == NOON + timedelta(seconds=10.75)
    assert seen([*[HERE] * 40, *[THERE] * 4]).until == NOON + timedelta(seconds=9.75)


def test_it_is_known_since_when_it_has_been_there() -> None:
    assert Place().since is None
    assert seen([HERE] * 40).since == NOON
    assert seen([*[HERE] * 40, *[THERE] * 40]).since == NOON + timedelta(seconds=10)


def test_what_is_read_again_changes_nothing() -> None:
    known = Place.known(HERE, NOON + timedelta(seconds=100))
    assert seen([THERE] * 200, place=known).box == HERE
    known.absorb(seen([THERE] * 200))
    assert known.box == HERE


def test_a_later_part_goes_on_with_it() -> None:
    earlier = seen([HERE] * 40)
    earlier.absorb(seen([THERE] * 40, from_sec=60.0))
    assert earlier.box == THERE


def test_who_stands_is_firmly_there_after_ten_seconds_though_half_hidden_now_and_then() -> None:
    assert not Place().is_firm
    assert not seen([HERE] * 36).is_firm
    assert seen([HERE] * 40).is_firm
    assert seen([*[HERE] * 24, *[HALF] * 12, *[HERE] * 24]).is_firm


def test_who_creeps_along_is_not_firmly_anywhere() -> None:
    creeping = [(300.0 + 4 * n, 200.0, 500.0 + 4 * n, 360.0) for n in range(60)]

    assert not seen(creeping).is_firm


@pytest.mark.parametrize(("trembles_px", "firm"), [(4.0, True), (18.0, False)])
def test_who_stood_firmly_or_not_before_a_restart_does_so_after_it(trembles_px: float, firm: bool) -> None:
    left = [300.0 + trembles_px * (n // 4 % 2) for n in range(80)]
    before = seen([(x, 200.0, x + 200.0, 360.0) for x in left])

    after = Place.known(before.box, NOON + timedelta(seconds=20), seen=before.seen)

    assert (after.box, after.is_firm) == (before.box, firm)
    assert before.is_firm is firm


def test_a_place_of_which_only_the_middle_was_kept_is_a_firm_one() -> None:
    assert Place.known(HERE, NOON).is_firm
