"""Which characters of two reads stand against each other, and in how many they surely differ."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from processors.readings.alignment import surely_differing, surely_differing_in_part
from processors.readings.slots import BLANK, CLASSES, Slots, slots_of
from tests.processors.passages.builders import characters

letters = "ABCDEFGHJKLMNPQRSTUVWXYZ0123456789"
texts = st.text(letters, min_size=9, max_size=10)
# Of one that repeats itself nobody could say which part is hidden.
various = st.permutations(letters).map(lambda drawn: "".join(drawn[:10]))
SAME, ANOTHER = 0.3, 0.7


def slots(text: str, *, sure: float = 0.97) -> Slots:
    return slots_of(characters(text, sure=sure))


def after_nothing(read: Slots) -> Slots:
    """The same read behind a slot in which nothing was seen."""
    nothing = np.eye(CLASSES)[[BLANK]]
    return Slots(
        np.vstack([nothing, read.probabilities]), np.vstack([read.boxes[:1], read.boxes]),
        np.concatenate([read.lines[:1], read.lines]),
    )  # fmt: skip


@given(text=various, kept=st.integers(5, 8), blank=st.booleans())
def test_a_plate_whose_beginning_is_hidden_is_the_same_plate(text: str, kept: int, blank: bool) -> None:
    part = after_nothing(slots(text[-kept:])) if blank else slots(text[-kept:])

    assert surely_differing_in_part(slots(text), part) < SAME
    assert surely_differing_in_part(part, slots(text)) < SAME


def test_of_a_hidden_end_some_of_the_number_must_be_seen() -> None:
    assert surely_differing_in_part(slots("MH12AB1234"), slots("MH12AB12")) < SAME
    assert surely_differing_in_part(slots("MH12AB1234"), slots("MH12AB")) > ANOTHER


def test_four_digits_are_too_few_to_know_a_plate_by() -> None:
    assert surely_differing_in_part(slots("MH12AB1234"), slots("1234")) > ANOTHER


@pytest.mark.parametrize("other", ["MH12AB1235", "MH12AC1234", "KA12AB1234", "AB1235", "AC1234"])
def test_a_character_that_surely_differs_is_never_taken_for_a_hidden_one(other: str) -> None:
    assert surely_differing_in_part(slots("MH12AB1234"), slots(other)) > ANOTHER


@given(text=texts, other=texts)
def test_a_part_never_differs_in_more_than_the_whole(text: str, other: str) -> None:
    one, two = slots(text), slots(other, sure=0.8)

    assert 0.0 <= surely_differing_in_part(one, two) <= surely_differing(one, two)
    assert surely_differing_in_part(one, one) == 0.0


def test_one_line_taken_for_two_is_the_same_plate() -> None:
    read = slots("KA05MN7007")
    broken = dataclasses.replace(read, lines=np.array([0] * 4 + [1] * 6))

    assert surely_differing(read, broken) < SAME
