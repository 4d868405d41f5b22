"""What rules alone make of a reader's text."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.plate_number import STATES
from triton_models.training.evaluation.indian_rules import by_indian_rules


@pytest.mark.parametrize(
    ("read", "number"),
    [
        ("MHI2ABI234", "MH12AB1234"),  # letters where figures stand
        ("MH12DEOBSZ", "MH12DE0852"),
        ("KA0SMZ1G34", "KA05MZ1634"),
        ("MH12A81234", "MH12AB1234"),  # a figure where a letter of the series stands
        ("MH120E1234", None),  # no series has an O: it may be a D, a Q, a C or a U
        ("MH121E1234", None),  # nor an I
        ("0D02AB1234", "OD02AB1234"),  # figures in the state
        ("6J01AB1234", "GJ01AB1234"),
        ("DL3C4Y9324", "DL3CAY9324"),
        ("Z28H6517A", "22BH6517A"),  # the Bharat series
    ],
)
def test_look_alikes_are_exchanged_where_the_format_wants_the_other_kind(
    read: str, number: str | None
) -> None:
    assert by_indian_rules(read) == number


@pytest.mark.parametrize(
    "text", ["MH12AB1234", "DL1SAA1111", "MH12A8123", "KL01T001", "T0126MH0123A", "MP685177", "TN09AB07"]
)
def test_a_number_that_fits_stays_as_it_is(text: str) -> None:
    assert by_indian_rules(text) == text


def test_the_commoner_form_is_worth_an_exchange() -> None:
    """As it stands it fits with a district of one figure and a series of three letters."""
    assert by_indian_rules("MH1ZAB1234") == "MH12AB1234"


@pytest.mark.parametrize("strip", ["IND", "1ND"])
def test_the_strip_before_a_number_is_dropped_also_where_the_number_needs_repair(strip: str) -> None:
    assert by_indian_rules(f"{strip}MH12AB1Z34") == "MH12AB1234"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "IND",
        "HELLO",
        "XX12AB1234",  # no such state, and no look-alike of one
        "NH12AB1234",  # a letter is not exchanged for a letter
        "MH12AB12345",
        "MH12ABCD1234",
        "MH12AB12H4",  # an H is like no figure
        "ABC1234",  # from before there were codes of states
        "12CD1234",
        "WB06D12",  # the visible part of a longer number
    ],
)
def test_what_cannot_be_a_number_is_none(text: str) -> None:
    assert by_indian_rules(text) is None


@given(
    state=st.sampled_from(sorted(STATES)),
    district=st.integers(1, 99),
    letters=st.text("ABCDEFGHJKLMNPQRSTUVWXYZ", min_size=1, max_size=2),
    number=st.integers(1, 9999),
)
def test_no_number_of_the_usual_form_is_changed(state: str, district: int, letters: str, number: int) -> None:
    text = f"{state}{district:02d}{letters}{number:04d}"
    assert by_indian_rules(text) == text


@given(st.text("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ", max_size=14))
def test_what_was_repaired_needs_no_further_repair(text: str) -> None:
    number = by_indian_rules(text)
    assert number is None or by_indian_rules(number) == number
