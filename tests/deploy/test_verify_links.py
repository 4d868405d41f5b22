"""Links of the evidence of a final: which hold, and what is said of those that do not."""

from __future__ import annotations

from typing import Any

from contracts.chain import content_sha256, first_link_sha256, link_sha256
from deploy.verify.links import ChainLine, of_chain, of_event


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

    assert of_event(first, a_chain(first, second, first), "e").told == "number 3 of its camera's chain"


def test_an_event_of_which_the_chain_knows_nothing_is_told_apart_from_a_changed_one() -> None:
    lines = a_chain(an_event(1, "MH12AB1234"))

    assert of_event(an_event(1, "KA05MN7007"), lines, "e").told == "it was changed after it became number 1"
    assert (
        of_event(an_event(1, "MH12AB1234"), lines, "other").told == "the chain of its camera does not know it"
    )
