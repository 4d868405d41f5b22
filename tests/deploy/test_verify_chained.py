"""The chain of a camera: which event is in it, what hangs together, and what only a noted link tells."""

from __future__ import annotations

from typing import Any

import pytest

from contracts.chain import content_sha256, first_link_sha256, link_sha256
from contracts.errors import Rejected
from deploy.verify.chained import ChainLine, Head, of_chain, of_event


def an_event(revision: int, text: str) -> dict[str, Any]:
    return {"event_id": "e", "revision": revision, "text": text}


def a_chain(*events: dict[str, Any]) -> list[ChainLine]:
    """Finals as they were stored one after the other."""
    lines: list[ChainLine] = []
    before = first_link_sha256("gate")
    for number, event in enumerate(events, start=1):
        content = content_sha256(event)
        lines.append(ChainLine(number, event["event_id"], content, before, link_sha256(before, content)))
        before = lines[-1].link
    return lines


def test_an_event_is_the_one_that_the_chain_vouched_for_last() -> None:
    first, second = an_event(1, "MH12AB1284"), an_event(2, "MH12AB1234")
    lines = a_chain(first, second)

    assert of_chain("gate", lines).holds
    assert of_event(second, lines, "e").holds
    put_back = of_event(first, lines, "e")
    assert not put_back.holds
    assert put_back.told == "it is number 1 again, after it had become number 2"


def test_an_event_that_truly_came_to_be_as_before_holds() -> None:
    first, second = an_event(1, "MH12AB1284"), an_event(1, "MH12AB1234")

    verdict = of_event(first, a_chain(first, second, first), "e")

    assert verdict.holds
    assert verdict.told == "number 3 of its camera's chain, given before as 1, 2"


def test_what_was_given_once_was_not_given_before() -> None:
    lines = a_chain({**an_event(1, "KA05MN7007"), "event_id": "other"}, an_event(1, "MH12AB1234"))

    assert of_event(an_event(1, "MH12AB1234"), lines, "e").told == "number 2 of its camera's chain"


def test_of_what_was_given_often_the_first_numbers_are_told() -> None:
    given = [an_event(revision, "MH12AB1234") for revision in range(1, 9)]

    verdict = of_event(given[-1], a_chain(*given), "e")

    assert verdict.told == "number 8 of its camera's chain, given before as 1, 2, 3 and 4 more"


def test_an_event_of_which_the_chain_knows_nothing_is_told_apart_from_a_changed_one() -> None:
    lines = a_chain(an_event(1, "MH12AB1234"))

    assert of_event(an_event(1, "KA05MN7007"), lines, "e").told == "it was changed after it became number 1"
    assert (
        of_event(an_event(1, "MH12AB1234"), lines, "other").told == "the chain of its camera does not know it"
    )


FIRST, SECOND, THIRD = (an_event(revision, "MH12AB1234") for revision in (1, 2, 3))


def test_a_chain_that_hangs_together_tells_its_last_link() -> None:
    lines = a_chain(FIRST, SECOND)

    verdict = of_chain("gate", lines)

    assert verdict.holds
    assert verdict.told == f"2 events of gate hang together, the last link is {lines[1].link.hex()[:12]}…"


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
def test_what_is_no_noted_link_is_rejected(noted: str) -> None:
    with pytest.raises(Rejected, match="as in 12:3fa9c07d51e2"):
        Head.of(noted)
