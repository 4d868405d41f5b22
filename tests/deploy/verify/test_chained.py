"""The chain of a camera: which event is in it, what hangs together, and what only a noted link tells."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from contracts.chain import WITH_ID, WITHOUT_ID, content_sha256, first_link_sha256, link_sha256
from contracts.errors import Stop
from deploy.verify.chained import ChainLine, Head, of_chain, of_event
from deploy.verify.links import Verdict

MINE, OTHER = "5b3f7d0c-8f2e-5a51-9d8e-0c6a1a2b3c4d", "0d9b3f1e-2c64-5f0a-8a37-4be1f7c2a915"


def an_event(revision: int, text: str, event_id: str = MINE) -> dict[str, Any]:
    return {"event_id": event_id, "revision": revision, "text": text}


def a_chain(*events: dict[str, Any], earlier: int = 0) -> list[ChainLine]:
    """Finals as they were stored one after the other, so many of them by an `earlier` release."""
    lines: list[ChainLine] = []
    before = first_link_sha256("gate")
    for number, event in enumerate(events, start=1):
        content, event_id = content_sha256(event), event["event_id"]
        form = WITHOUT_ID if number <= earlier else WITH_ID
        link = link_sha256(before, content, event_id=event_id, form=form)
        lines.append(ChainLine(number, event_id, content, before, link, form))
        before = link
    return lines


def test_an_event_is_the_one_that_the_chain_vouched_for_last() -> None:
    first, second = an_event(1, "MH12AB1284"), an_event(2, "MH12AB1234")
    lines = a_chain(first, second)

    assert of_chain("gate", lines).holds
    assert of_event(second, lines, MINE).holds
    put_back = of_event(first, lines, MINE)
    assert not put_back.holds
    assert put_back.told == "it is number 1 again, after it had become number 2"


def test_an_event_that_truly_came_to_be_as_before_holds() -> None:
    first, second = an_event(1, "MH12AB1284"), an_event(1, "MH12AB1234")

    verdict = of_event(first, a_chain(first, second, first), MINE)

    assert verdict.holds
    assert verdict.told == "number 3 of its camera's chain, given before as 1, 2"


def test_what_was_given_once_was_not_given_before() -> None:
    lines = a_chain(an_event(1, "KA05MN7007", OTHER), an_event(1, "MH12AB1234"))

    assert of_event(an_event(1, "MH12AB1234"), lines, MINE).told == "number 2 of its camera's chain"


def test_of_what_was_given_often_the_first_numbers_are_told() -> None:
    given = [an_event(revision, "MH12AB1234") for revision in range(1, 9)]

    verdict = of_event(given[-1], a_chain(*given), MINE)

    assert verdict.told == "number 8 of its camera's chain, given before as 1, 2, 3 and 4 more"


def test_an_event_of_which_the_chain_knows_nothing_is_told_apart_from_a_changed_one() -> None:
    lines = a_chain(an_event(1, "MH12AB1234"))

    assert of_event(an_event(1, "KA05MN7007"), lines, MINE).told == "it was changed after it became number 1"
    assert (
        of_event(an_event(1, "MH12AB1234"), lines, OTHER).told == "the chain of its camera does not know it"
    )


FIRST, SECOND, THIRD = (an_event(revision, "MH12AB1234") for revision in (1, 2, 3))


def test_a_chain_that_hangs_together_tells_its_last_link() -> None:
    lines = a_chain(FIRST, SECOND)

    verdict = of_chain("gate", lines)

    assert verdict.holds
    assert verdict.told == f"2 events of gate hang together, the last link is {lines[1].link.hex()[:12]}…"


@pytest.mark.parametrize("earlier", [0, 1, 2])
def test_an_event_that_was_put_back_shows_also_when_its_last_line_names_another_event(earlier: int) -> None:
    first, second = an_event(1, "MH12AB1284"), an_event(2, "MH12AB1234")
    lines = a_chain(first, an_event(1, "KA05MN7007", OTHER), second, earlier=earlier)
    lines[2] = replace(lines[2], event_id=OTHER)

    assert of_event(first, lines, MINE).holds
    verdict = of_chain("gate", lines)
    assert not verdict.holds
    assert verdict.told == "number 3 was changed"


def test_lines_of_earlier_releases_hang_together_and_vouch_for_no_event_id() -> None:
    lines = a_chain(FIRST, SECOND, THIRD, earlier=2)

    assert of_chain("gate", lines).holds
    assert of_chain("gate", [lines[0], replace(lines[1], event_id=OTHER), lines[2]]).holds


@pytest.mark.parametrize(("number", "form"), [(2, WITH_ID), (3, WITHOUT_ID), (3, 3)])
def test_a_line_that_is_said_to_be_of_another_form_was_changed(number: int, form: int) -> None:
    lines = a_chain(FIRST, SECOND, THIRD, earlier=2)
    lines[number - 1] = replace(lines[number - 1], form=form)

    assert of_chain("gate", lines).told == f"number {number} was changed"


def test_lines_that_were_cut_off_are_missed_against_a_noted_link_alone() -> None:
    lines = a_chain(FIRST, SECOND, THIRD)
    noted = Head.of(f"3:{lines[2].link.hex()[:12]}")

    assert of_chain("gate", lines, noted).holds
    assert of_chain("gate", lines, noted).told.endswith("; number 3 has the link that was noted")
    assert of_chain("gate", lines[:2]).holds
    for left in (lines[:2], []):
        verdict = of_chain("gate", left, noted)
        assert not verdict.holds
        assert verdict.told.startswith("number 3 is gone; ")


def test_a_chain_that_grew_still_has_the_noted_link() -> None:
    noted = Head.of(f"2:{a_chain(FIRST, SECOND)[1].link.hex()}")

    assert of_chain("gate", a_chain(FIRST, SECOND, THIRD), noted).holds


def test_a_chain_that_was_computed_anew_has_another_link() -> None:
    noted = Head.of(f"2:{a_chain(FIRST, SECOND)[1].link.hex()[:12]}")
    anew = a_chain(an_event(1, "KA05MN7007"), SECOND, THIRD)

    assert of_chain("gate", anew).holds
    verdict = of_chain("gate", anew, noted)
    assert not verdict.holds
    assert verdict.told.startswith(f"number 2 has another link, {anew[1].link.hex()[:12]}…; 3 events of gate")


def test_a_noted_link_may_be_copied_as_it_is_told() -> None:
    assert Head.of(" 12:3FA9C07D51E2… ") == Head(12, "3fa9c07d51e2")


@pytest.mark.parametrize(
    "noted", ["", "12", "12:", "12:3fa9", "0:3fa9c07d51e2", "-1:3fa9c07d51e2", "12:xfa9c07d51e2"]
)
def test_what_is_no_noted_link_is_refused(noted: str) -> None:
    with pytest.raises(Stop, match="as in 12:3fa9c07d51e2"):
        Head.of(noted)


def test_a_chain_whose_later_part_was_made_anew_by_itself_does_not_hang_on_what_was_before_it() -> None:
    lines = a_chain(FIRST, SECOND, THIRD)
    elsewhere = first_link_sha256("yard")
    link = link_sha256(elsewhere, lines[1].content, event_id=MINE, form=WITH_ID)
    lines[1] = replace(lines[1], previous=elsewhere, link=link)
    assert lines[1].hangs_together

    assert of_chain("gate", lines) == Verdict("chain", holds=False, told="number 2 does not hang on 1")
    assert of_chain("yard", a_chain(FIRST)).told == "number 1 does not hang on 0"


def test_lines_that_are_missing_or_stand_twice_are_named() -> None:
    first, second, third = a_chain(FIRST, SECOND, THIRD)

    for lines, told in (
        ([second, third], "number 1 is missing"),
        ([first, third], "number 2 is missing"),
        ([first, second, second, third], "2 stands twice"),
    ):
        assert of_chain("gate", lines) == Verdict("chain", holds=False, told=told)


def test_of_a_camera_without_events_a_noted_link_is_missed() -> None:
    assert of_chain("gate", []) == Verdict("chain", holds=True, told="no event of gate is in it")
    gone = of_chain("gate", [], Head(1, "ab" * 6))
    assert gone == Verdict("chain", holds=False, told="number 1 is gone; no event of gate is in it")
