from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.messages.common import ALPHABET
from triton_models.training.evaluation.outcomes import (
    MISSED,
    Outcome,
    aligned,
    calibration_error,
    confusions,
    outcome_figures,
    reliability,
    threshold_for,
    worst,
)
from triton_models.training.evaluation.plates import FoundPlate

BOX = (0.0, 0.0, 100.0, 30.0)
texts = st.text(ALPHABET, max_size=11)


def read(text: str, confidence: float = 0.95, accepted: bool = True, truth: str = "MH12AB1234") -> Outcome:
    return Outcome("a.jpg", "here", BOX, truth, FoundPlate(BOX, text, confidence, accepted))


NOT_FOUND = Outcome("b.jpg", "here", BOX, "MH12AB1234", None)


@given(texts, texts)
def test_an_alignment_spells_both_texts(true: str, said: str) -> None:
    pairs = aligned(true, said)
    assert "".join(one for one, _ in pairs if one != MISSED) == true
    assert "".join(other for _, other in pairs if other != MISSED) == said
    assert all(pair != (MISSED, MISSED) for pair in pairs)


def test_characters_are_confused_where_they_stand() -> None:
    assert aligned("MH12", "MN12") == [("M", "M"), ("H", "N"), ("1", "1"), ("2", "2")]
    assert aligned("MH12", "M12")[1] == ("H", MISSED)
    assert aligned("M12", "MH12")[1] == (MISSED, "H")
    assert confusions([read("MH12AB1284"), NOT_FOUND])["3", "8"] == 1


def test_confidences_that_hold_what_they_say_have_no_error() -> None:
    bins = reliability([read("MH12AB1234", 0.75)] * 3 + [read("X", 0.75)])
    assert bins == [{"reads": 4, "confidence": 0.75, "right": 0.75}]
    assert calibration_error(bins) == 0.0
    assert calibration_error(reliability([read("X", 0.95)])) == pytest.approx(0.95)
    assert calibration_error(reliability([NOT_FOUND])) is None


def test_the_threshold_is_the_lowest_that_keeps_its_promise() -> None:
    right = [read("MH12AB1234", 0.9 + number / 1000) for number in range(60)]
    assert threshold_for([*right, read("X", 0.85), NOT_FOUND]) == {"confidence": 0.85, "accepts": 0.9839}
    assert threshold_for([*right, read("X", 0.8), read("Y", 0.8)]) == {"confidence": 0.9, "accepts": 0.9677}
    assert threshold_for([read("X", 0.99)]) is None


def test_what_was_accepted_and_wrong_is_the_worst() -> None:
    unsure, accepted, sure = read("X", 0.2, accepted=False), read("Y", 0.6), read("Z", 0.9, accepted=False)
    assert worst([NOT_FOUND, read("MH12AB1234"), unsure, accepted, sure], 9) == [
        accepted,
        sure,
        unsure,
        NOT_FOUND,
    ]
    assert len(worst([unsure, sure], 1)) == 1


def test_figures_name_every_failure() -> None:
    figures = outcome_figures([read("MH12AB1234"), read("MH12AB1284"), NOT_FOUND])
    assert [each["read"] for each in figures["failures"]] == ["MH12AB1284", None]
    assert figures["confusions"] == [{"true": "3", "read": "8", "times": 1}]
