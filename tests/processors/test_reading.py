"""From character slots to a reading."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contracts.messages.common import ALPHABET
from contracts.messages.plate import Reading
from contracts.messages.sighting import CharacterSeen
from processors.reading import ReadingSettings, is_worth_showing, read
from processors.readings.beam import likely_texts
from processors.readings.slots import slots_of
from tests.processors.passages.builders import characters

SETTINGS = ReadingSettings()
SLOTS = st.lists(
    st.dictionaries(st.sampled_from(ALPHABET), st.floats(0.003, 0.2), min_size=0, max_size=4),
    min_size=0,
    max_size=12,
)


def reading_of(seen: tuple[CharacterSeen, ...]) -> Reading:
    found = read(slots_of(seen), lines=1, colour="white", settings=SETTINGS)
    assert found is not None
    return found


def test_a_clear_plate_is_read_and_accepted() -> None:
    found = reading_of(characters("MH12AB1234", sure=0.99))

    assert (found.text, found.text_read, found.accepted) == ("MH12AB1234", "MH12AB1234", True)
    assert found.format.series == "standard"
    assert "".join(each.character for each in found.characters) == found.text


@pytest.mark.parametrize(
    ("text", "place", "confused_with", "expected"),
    [
        ("MH12AB1234", 2, "I", "MH12AB1234"),  # a district is made of figures
        ("MH12AB8234", 6, "B", "MH12AB8234"),  # so is the number
        ("MH12AB1234", 4, "4", "MH12AB1234"),  # a series is made of letters
    ],
)
def test_the_grammar_decides_what_the_characters_leave_open(
    text: str, place: int, confused_with: str, expected: str
) -> None:
    found = reading_of(characters(text, mistaken={place: (confused_with, 0.6)}))

    assert found.text_read[place] == confused_with
    assert found.text == expected


def test_the_s_of_delhis_two_wheelers_is_not_forced_into_a_figure() -> None:
    assert reading_of(characters("DL1SAA1111", mistaken={3: ("5", 0.4)})).text == "DL1SAA1111"


def test_a_clear_irregular_plate_keeps_its_text() -> None:
    found = reading_of(characters("MH12AB123X", sure=0.99))

    assert found.text == "MH12AB123X"
    assert not found.format.valid


def test_a_foreign_plate_is_read_but_needs_more_to_be_accepted() -> None:
    sure = reading_of(characters("BC07NSH", sure=0.999))
    less_sure = reading_of(characters("BC07NSH", sure=0.97))

    assert (sure.text, sure.format.valid, sure.accepted) == ("BC07NSH", False, True)
    assert (less_sure.text, less_sure.accepted) == ("BC07NSH", False)


@pytest.mark.parametrize("text", ["MH12AB123", "MH12AB1", "MH121234"])
def test_a_number_that_a_character_may_be_missing_of_needs_more_to_be_accepted(text: str) -> None:
    def read_at(confidence: float, text: str) -> Reading:
        return reading_of(characters(text, sure=confidence ** (1 / len(text))))

    sure, less_sure, usual = read_at(0.98, text), read_at(0.85, text), read_at(0.85, "MH12AB1234")
    assert (sure.text, sure.format.valid, sure.accepted) == (text, True, True)
    assert (less_sure.text, less_sure.accepted) == (text, False)
    assert usual.accepted


@pytest.mark.parametrize("text", ["DL3C1234", "TS09A1234", "TS09ABC1234", "24BH1234AA"])
def test_a_number_that_is_whole_is_accepted_like_any_other(text: str) -> None:
    assert reading_of(characters(text, sure=0.985)).accepted


@pytest.mark.parametrize("text", ["MH02K", "FAG", "MH12", "KA051", "KA5M7", "FAG1"])
def test_the_visible_part_of_a_plate_is_read_and_not_accepted(text: str) -> None:
    found = reading_of(characters(text, sure=0.9999))

    assert (found.text, found.accepted) == (text, False)


def test_a_diplomatic_number_may_be_short() -> None:
    assert reading_of(characters("7CD1", sure=0.99)).accepted


def test_the_ind_strip_is_dropped_with_its_boxes_before_a_valid_number() -> None:
    found = reading_of(characters("INDKA05MN7007", sure=0.99))

    assert found.text == "KA05MN7007"
    assert found.text_read == "INDKA05MN7007"
    assert found.characters[0].xyxy == characters("INDKA05MN7007")[3].xyxy


def test_a_blur_is_not_confident() -> None:
    blur = tuple(
        CharacterSeen(xyxy=(0.0, 0.0, 1.0, 1.0), line=0, probabilities=dict.fromkeys("0DOQ8B", 0.15))
        for _ in range(9)
    )

    found = reading_of(blur)

    assert found.confidence < 0.1
    assert not found.accepted


@pytest.mark.parametrize("count", [1, 3])
def test_what_is_hardly_a_character_is_not_read_for_certain(count: int) -> None:
    found = reading_of(characters("1" * count, sure=0.06))

    assert found.text_read == ""
    assert found.confidence < 0.2


def test_what_is_neither_read_nor_surely_a_plate_is_not_shown() -> None:
    clear, blur = (reading_of(characters("KA01AB1234", sure=sure)) for sure in (0.99, 0.6))
    assert blur.confidence < 0.08
    assert is_worth_showing(clear, plate_confidence=0.35)
    assert not is_worth_showing(blur, plate_confidence=0.7)
    assert is_worth_showing(blur, plate_confidence=0.9)
    assert not is_worth_showing(None, plate_confidence=0.7)
    assert is_worth_showing(None, plate_confidence=0.9)


def test_no_characters_are_no_reading() -> None:
    assert read(slots_of(()), lines=1, colour="white", settings=SETTINGS) is None


def test_several_ways_to_leave_slots_blank_are_one_text() -> None:
    doubled = characters("11", sure=0.5)

    texts = {found.text: found.mass for found in likely_texts(slots_of(doubled), beam=10, least=1e-2)}

    assert texts["1"] == pytest.approx(0.5, abs=0.02)


@given(SLOTS)
def test_candidates_are_distinct_in_order_and_at_most_certain_together(
    probabilities: list[dict[str, float]],
) -> None:
    seen = tuple(
        CharacterSeen(xyxy=(0.0, 0.0, 1.0, 1.0), line=0, probabilities=each) for each in probabilities
    )

    found = read(slots_of(seen), lines=1, colour="white", settings=SETTINGS)

    if found is None:
        return
    each = [candidate.probability for candidate in found.candidates]
    assert each == sorted(each, reverse=True)
    assert sum(each) <= 1 + 1e-9
    assert len({candidate.text for candidate in found.candidates}) == len(each)
    assert found.candidates[0].text == found.text
    assert found.candidates[0].probability == found.confidence
    assert "".join(character.character for character in found.characters) == found.text


@settings(max_examples=20, deadline=None)
@given(SLOTS)
def test_without_the_grammar_the_chosen_text_is_the_most_probable_one(
    probabilities: list[dict[str, float]],
) -> None:
    seen = tuple(
        CharacterSeen(xyxy=(0.0, 0.0, 1.0, 1.0), line=0, probabilities=each) for each in probabilities
    )
    plain = ReadingSettings(grammar=0.0, temperature=1.0, beam=100, least=1e-4)
    slots = slots_of(seen)

    found = read(slots, lines=1, colour="white", settings=plain)

    texts = [each for each in likely_texts(slots, beam=100, least=1e-4) if each.text]
    if found is not None:
        best = max(each.mass for each in texts)
        assert any(each.text == found.text and each.mass == pytest.approx(best) for each in texts)
