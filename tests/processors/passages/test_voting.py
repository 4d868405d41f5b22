"""Votes over frames: characters vote, strings do not."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.messages.common import ALPHABET
from contracts.messages.sighting import PlateSeen
from processors.passages.observations import PlateRead, observations, reading_weight
from processors.passages.voting import vote, with_look
from processors.readings.alignment import aligned, surely_differing
from processors.readings.slots import slots_of
from tests.processors.passages.builders import FRAME_WH, a_plate, a_sighting, characters

BOX = (100.0, 200.0, 200.0, 224.0)
TEXTS = st.text(ALPHABET, min_size=3, max_size=12)


def reads(plates: Sequence[PlateSeen]) -> list[PlateRead]:
    found = []
    for number, plate in enumerate(plates):
        read = observations(a_sighting(number, [plate]))[0].read
        assert read is not None
        found.append(read)
    return found


def test_three_frames_each_wrong_elsewhere_give_the_right_text() -> None:
    wrong = [{place: ("X", 0.8)} for place in (0, 4, 9)]

    voted = vote(reads([a_plate(BOX, "MH12AB1234", mistaken=each) for each in wrong]))

    assert voted.slots.text == "MH12AB1234"


def test_a_sharp_frame_outvotes_two_blurred_ones() -> None:
    sharp = a_plate(BOX, "MH12AB1234", sharpness=900)
    blurred = [a_plate(BOX, "NH12AB1234", sharpness=5, sure=0.6, confidence=0.4) for _ in range(2)]

    assert vote(reads([*blurred, sharp])).slots.text == "MH12AB1234"


def test_a_character_that_one_frame_lost_does_not_shift_the_rest() -> None:
    texts = ["MH12AB1234", "MH12AB234", "H12AB1234", "MH12AB1234"]

    assert vote(reads([a_plate(BOX, text) for text in texts])).slots.text == "MH12AB1234"


def test_a_character_that_one_frame_made_up_is_outvoted() -> None:
    texts = ["MH112AB1234", "MH12AB1234", "MH12AB1234"]

    assert vote(reads([a_plate(BOX, text) for text in texts])).slots.text == "MH12AB1234"


def test_more_frames_that_agree_make_it_surer() -> None:
    once = vote(reads([a_plate(BOX, "MH12AB1234", sure=0.7)]))
    often = vote(reads([a_plate(BOX, "MH12AB1234", sure=0.7)] * 6))

    assert often.slots.certainty.min() > once.slots.certainty.min()


def test_the_best_read_gives_the_boxes() -> None:
    far = a_plate((100.0, 200.0, 150.0, 212.0), "MH12AB1234")
    near = a_plate((300.0, 300.0, 460.0, 340.0), "MH12AB1234")

    voted = vote(reads([far, near]))

    assert voted.best.seen is near
    assert voted.slots.boxes[0].tolist() == list(near.characters[0].xyxy)


def test_small_slanted_and_cut_off_plates_weigh_less() -> None:
    usual = a_plate((100.0, 100.0, 200.0, 124.0), "MH12AB1234")
    small = a_plate((100.0, 100.0, 125.0, 106.0), "MH12AB1234")
    cut_off = a_plate((0.0, 100.0, 100.0, 124.0), "MH12AB1234")

    weight = reading_weight(usual, FRAME_WH)

    assert reading_weight(small, FRAME_WH) < weight
    assert reading_weight(cut_off, FRAME_WH) < 0.3 * weight


@given(left=TEXTS, right=TEXTS)
def test_an_alignment_holds_every_slot_once_and_in_order(left: str, right: str) -> None:
    pairs, cost = aligned(slots_of(characters(left)), slots_of(characters(right)))

    assert [one for one, _ in pairs if one is not None] == list(range(len(left)))
    assert [other for _, other in pairs if other is not None] == list(range(len(right)))
    assert cost >= 0


@given(left=TEXTS, right=TEXTS, sure=st.floats(0.3, 0.99))
def test_a_plate_does_not_differ_from_itself_and_from_others_the_same_both_ways(
    left: str, right: str, sure: float
) -> None:
    one, other = slots_of(characters(left, sure=sure)), slots_of(characters(right, sure=sure))

    assert surely_differing(one, one) < 1e-6
    assert abs(surely_differing(one, other) - surely_differing(other, one)) < 1e-9


@pytest.mark.parametrize(
    ("other", "least", "most"),
    [
        ("MH12AB1234", 0.0, 0.0),
        ("MH12AB1235", 0.8, 1.0),  # look-alike neighbours
        ("MH12AB1", 2.5, 3.1),  # three characters missing
        ("KA05MN7007", 6.0, 10.0),
    ],
)
def test_each_sure_difference_counts_as_one(other: str, least: float, most: float) -> None:
    differing = surely_differing(slots_of(characters("MH12AB1234")), slots_of(characters(other)))

    assert least <= round(differing, 6) <= most


@given(text=TEXTS, count=st.integers(1, 5))
def test_frames_that_agree_vote_for_what_they_say(text: str, count: int) -> None:
    assert vote(reads([a_plate(BOX, text)] * count)).slots.text == text


def test_a_look_at_all_frames_together_decides_what_they_leave_open() -> None:
    doubt = {0: ("G", 0.45)}
    voted = vote(reads([a_plate(BOX, "Q90043", mistaken=doubt) for _ in range(6)]))
    look = slots_of(a_plate(BOX, "Q90043", sure=0.9).characters)

    seen = with_look(voted, look)

    assert seen.slots.text == "Q90043"
    assert seen.slots.certainty[0] > voted.slots.certainty[0]
    assert seen.best is voted.best
    assert (seen.slots.boxes == voted.slots.boxes).all()
