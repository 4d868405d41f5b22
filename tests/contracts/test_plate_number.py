"""The grammar of Indian registration numbers, series by series."""

from __future__ import annotations

import hashlib

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.plate_number import (
    GRAMMAR_VERSION,
    STATES,
    normalise,
    prior,
    spaced,
    verdict,
    without_ind_strip,
)

SERIES_LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZ"


SAID_BY_VERSION = {2: "81a66fd8c84f5e7667f1d5f0c5c4385919285f2b14787f98405ad733b666d269"}
"""SHA-256 of what each version says of the texts below."""


def test_a_grammar_that_says_something_else_has_another_version() -> None:
    codes = ["AA", "DL", "GJ", "MH", *sorted(STATES)]
    middles = ["", "1", "12", "00", "1A", "3C", "12A", "12AB", "3CAY", "11CAA", "01I", "VAAB"]
    texts = [code + middle + number for code in codes for middle in middles for number in ("0", "7", "1234")]
    texts += ["22BH1234AB", "19BH1234A", "T0126MH0123A", "12UN1", "199CD99", "03D153874H", "ABC123", "FISH"]
    texts += ["22BH0000A", "72BH1234A", "T0119MH0123A", "MHVAAA0", "T0126MH0000A", "12UN0", "0CD99", "ABC0"]
    texts += ["IND" + text for text in texts]
    said = [[text, prior(text), without_ind_strip(text), verdict(text)] for text in texts]

    digest = hashlib.sha256(msgspec.json.encode(said)).hexdigest()

    assert SAID_BY_VERSION[GRAMMAR_VERSION] == digest


@pytest.mark.parametrize(
    ("text", "series", "state", "rto"),
    [
        ("MH12AB1234", "standard", "MH", "12"),  # two letters
        ("KA5M7", "standard", "KA", "05"),  # one letter, one figure
        ("GJ1234", "standard", "GJ", "12"),  # no letters at all
        ("TN09ABC0007", "standard", "TN", "09"),  # three letters
        ("OR02AA1111", "standard", "OR", "02"),  # a code no longer issued
        ("DL3CAY9324", "delhi", "DL", "03"),  # class letter and two letters
        ("DL1SAA1111", "delhi", "DL", "01"),  # the S of two-wheelers is no 5
        ("DL11CAA1111", "delhi", "DL", "11"),  # eleven characters
        ("22BH1234AB", "bharat", None, None),
        ("22BH0000A", "bharat", None, None),  # its numbers are drawn by lot
        ("TNVAAA1234", "vintage", "TN", None),
        ("T0126MH0123A", "temporary", "MH", None),
        ("199CD99", "diplomatic", None, None),
        ("12UN1", "diplomatic", None, None),
        ("03D153874H", "military", None, None),
        ("MMC8259", "pre-1989", None, None),
    ],
)
def test_each_series_is_recognised(text: str, series: str, state: str | None, rto: str | None) -> None:
    found = verdict(text)
    assert (found.series, found.state, found.rto, found.valid) == (series, state, rto, True)


@pytest.mark.parametrize(
    "text",
    [
        "XX12AB1234",  # no such state
        "MH12AI1234",  # I is never issued
        "MH12AO1234",  # nor O
        "MH00AB1234",  # districts begin at 1
        "MH12AB0000",  # numbers begin at 1
        "MMC0000",  # in every series
        "TNVAAA0000",
        "T0126MH0000A",
        "12UN0",
        "0CD12",  # and so do missions
        "20BH1234AB",  # before the Bharat series began
        "72BH1234AB",  # long after today
        "T0119MH0123A",  # before the standard temporary mark
        "T0176MH0123A",
        "T1326MH0123A",  # no thirteenth month
        "MH12ABCD1234",  # four letters
        "MH12AB12345",  # five figures
        "MH12",  # the first line of a plate alone
        "DL12",  # also where districts are written with one figure
        "",
        "HELLO",
    ],
)
def test_what_fits_no_series_is_unknown_but_keeps_a_prior(text: str) -> None:
    assert not verdict(text).valid
    assert 0 < prior(text) < prior("MH12AB1234")


@given(
    state=st.sampled_from(sorted(STATES)),
    rto=st.integers(1, 99),
    letters=st.text(SERIES_LETTERS, min_size=0, max_size=3),
    number=st.integers(1, 9999),
)
def test_every_number_of_the_rule_is_valid_and_weighs_more_than_an_unknown_one(
    state: str, rto: int, letters: str, number: int
) -> None:
    text = f"{state}{rto:02d}{letters}{number:04d}"
    assert verdict(text).valid
    assert 0 < prior(text) <= 1


@given(st.text(max_size=30))
def test_normalising_twice_changes_nothing(text: str) -> None:
    once = normalise(text)
    assert normalise(once) == once
    assert set(once) <= set("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ")


@given(st.text("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ", max_size=14))
def test_spacing_for_people_changes_no_character(text: str) -> None:
    assert normalise(spaced(text)) == text


@pytest.mark.parametrize(
    "written",
    [
        "MH 12 AB 1234",
        "MP 68 5177",
        "KL VA YF 8780",
        "22 BH 6517 A",
        "XYZQ123",
        "DL 3C AT 0452",  # Delhi's class stands with the district
        "DL 11S A 7",
        "DL 3 C 0452",  # class or series
        "DL 1 LAB 1234",  # no class that we know
        "HR 26 CAT 0452",  # classes are Delhi's alone
    ],
)
def test_a_number_is_spaced_as_people_write_it(written: str) -> None:
    assert spaced(normalise(written)) == written


def test_the_ind_strip_is_dropped_only_before_a_valid_number() -> None:
    assert without_ind_strip("INDMH12AB1234") == "MH12AB1234"
    assert without_ind_strip("1NDMH12AB1234") == "MH12AB1234"
    assert without_ind_strip("IND1234") == "IND1234"
    assert without_ind_strip("INDXYZ") == "INDXYZ"
