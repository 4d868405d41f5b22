"""Links of the evidence of a final: which hold, and what is said of those that do not."""

from __future__ import annotations

import json
import uuid
from datetime import datetime, timedelta, timezone
from typing import Any

import msgspec
import pytest

from contracts.chain import content_sha256, first_link_sha256, link_sha256
from contracts.messages.plate import PlateEvent
from deploy.verify.links import ChainLine, of_chain, of_event, of_row, of_vote
from processors.rows import plate_columns
from tests.contracts.builders import TEXT, a_plate_event, a_vehicle


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


def as_the_database_gives_it(event: PlateEvent) -> dict[str, Any]:
    """The event's row: ids are no texts, times in the server's zone, whole `jsonb` numbers integers."""
    zone = timezone(timedelta(hours=5, minutes=30))
    row = plate_columns(event)
    given = {
        name: value.astimezone(zone)
        if isinstance(value, datetime)
        else json.loads(msgspec.json.encode(value))
        for name, value in row.items()
    }
    return {**given, "event_id": uuid.UUID(row["event_id"]), "vehicle_xyxy": [50, 60, 300, 0]}


def test_a_row_says_what_its_event_says_in_the_types_of_the_database() -> None:
    event = a_plate_event(vehicle=a_vehicle(xyxy=(50.0, 60.0, 300.0, -0.0)))

    verdict = of_row(as_the_database_gives_it(event), event, times=1)

    assert verdict.told == f"{len(plate_columns(event))} columns say what the event says"
    assert verdict.holds


@pytest.mark.parametrize("column", list(plate_columns(a_plate_event())))
def test_any_column_that_says_something_else_is_named(column: str) -> None:
    event = a_plate_event(vehicle=a_vehicle(xyxy=(50.0, 60.0, 300.0, 0.0)))

    verdict = of_row({**as_the_database_gives_it(event), column: "other"}, event, times=1)

    assert verdict.told == f"its columns differ from its event: {column}"
    assert not verdict.holds


def test_a_frame_is_read_as_before_when_that_is_its_first_text_again() -> None:
    event = a_plate_event()

    again = of_vote(event, [TEXT, "MH12AB1284"], then=TEXT, voted=TEXT)
    assert again.holds
    assert again.told == f"the frame is read as {TEXT} again, and so are all together"

    only_possible = of_vote(event, ["MH12AB1284", TEXT], then=TEXT, voted=TEXT)
    assert not only_possible.holds
    assert only_possible.told == f"the frame was read as {TEXT} and is read as MH12AB1284"

    assert (
        of_vote(event, [], then=TEXT, voted=TEXT).told
        == f"the frame was read as {TEXT} and is read as nothing"
    )


def test_an_id_that_stands_more_than_once_is_told_beside_what_differs() -> None:
    event = a_plate_event()
    row = {**as_the_database_gives_it(event), "vehicle_xyxy": list(a_vehicle().xyxy)}

    assert of_row(row, event, times=1).holds
    verdict = of_row({**row, "place": "elsewhere"}, event, times=2)
    assert not verdict.holds
    assert verdict.told == (
        "its id stands 2 times, and only the earliest is looked at; its columns differ from its event: place"
    )
