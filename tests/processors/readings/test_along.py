"""Places along a line of writing -> its characters."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.messages.common import ALPHABET
from processors.readings.along import characters_along
from triton_models.training.lines.judging import written_in

BLANK = len(ALPHABET)


def line(places: str, *, certainty: float = 0.9) -> np.ndarray[tuple[int, ...], np.dtype[np.float64]]:
    """`-` is a place that holds nothing."""
    rows = np.full((len(places), BLANK + 1), (1 - certainty) / BLANK)
    for row, sign in zip(rows, places, strict=True):
        row[BLANK if sign == "-" else ALPHABET.index(sign)] = certainty
    return rows


def text(places: str) -> str:
    return "".join(ALPHABET[row.argmax()] for row in characters_along(line(places)).probabilities)


@pytest.mark.parametrize(
    ("places", "read"),
    [("--M-H--1", "MH1"), ("MMM-HH-", "MH"), ("1-1", "11"), ("11", "1"), ("-----", ""), ("", "")],
)
def test_a_character_that_several_places_hold_in_a_row_is_one(places: str, read: str) -> None:
    assert text(places) == read


def test_the_place_that_is_surest_to_hold_a_character_speaks_for_its_run() -> None:
    rows = line("-AAA-")
    rows[2] = np.eye(BLANK + 1)[ALPHABET.index("A")]
    along = characters_along(rows)
    assert along.places.tolist() == [2]
    assert along.probabilities[0, ALPHABET.index("A")] == 1.0


def test_a_place_that_may_hold_a_character_is_kept_with_its_doubt() -> None:
    rows = line("-----")
    rows[2] = 0.0
    rows[2, [ALPHABET.index("7"), BLANK]] = (0.3, 0.7)
    along = characters_along(rows)
    assert along.probabilities.argmax(1).tolist() == [BLANK]
    assert along.probabilities[0, ALPHABET.index("7")] == pytest.approx(0.3)


def test_a_blank_that_is_only_likely_parts_doubled_characters() -> None:
    rows = line("-1-1-")
    rows[2] = 0.0
    rows[2, [ALPHABET.index("1"), BLANK]] = (0.15, 0.85)
    assert characters_along(rows).places.tolist() == [1, 3]


@given(st.integers(0, 100_000))
def test_what_is_surely_read_is_the_best_path(seed: int) -> None:
    rows = np.zeros((16, BLANK + 1), np.float32)
    rows[:, [0, 1, BLANK]] = np.random.default_rng(seed).dirichlet((0.5, 0.5, 1.0), len(rows))
    seen = characters_along(rows).probabilities.argmax(1)
    assert "".join(ALPHABET[each] for each in seen if each != BLANK) == written_in(rows)


@given(st.text(alphabet="-AB1", max_size=32))
def test_what_is_read_is_what_is_left_without_repeats_and_gaps(places: str) -> None:
    runs = "".join(sign for before, sign in zip("-" + places, places, strict=False) if sign != before)
    assert text(places) == runs.replace("-", "")
