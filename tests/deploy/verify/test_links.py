"""Links of the evidence of a final: which hold, and what is said of those that do not."""

from __future__ import annotations

import hashlib
import json
import uuid
from datetime import datetime, timedelta, timezone
from typing import Any

import msgspec
import pytest

from contracts.messages.plate import PlateEvent, StoredReads
from deploy.verify.links import (
    Verdict,
    of_models,
    of_no_frame,
    of_picture,
    of_read,
    of_reads,
    of_row,
    of_settings,
    of_vote,
    unless_made_otherwise,
)
from processors.rows import plate_columns
from tests.contracts.builders import MODEL, TEXT, a_plate_event, a_stored_picture, a_vehicle


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


READ_OTHERWISE = Verdict("read", holds=False, told="the frame is read as this, not as that")


def test_what_other_models_or_settings_made_is_neither_whole_nor_broken() -> None:
    other = msgspec.structs.replace(MODEL, sha256="cd" * 32)

    for verdict in (of_models([MODEL], [other]), of_models([], [MODEL]), of_settings("ab" * 32, "cd" * 32)):
        assert not verdict.checked
        assert not verdict.holds
        assert not verdict.broken
        read = unless_made_otherwise(READ_OTHERWISE, of_models([MODEL], [MODEL]), verdict)
        assert not read.broken
        assert read.told == "the frame is read as this, not as that; other models or settings made it"


def test_what_the_same_models_and_settings_read_otherwise_is_broken() -> None:
    same = of_models([MODEL], [MODEL]), of_settings("ab" * 32, "ab" * 32)

    assert unless_made_otherwise(READ_OTHERWISE, *same) == READ_OTHERWISE
    assert READ_OTHERWISE.broken


def test_what_is_read_the_same_holds_whatever_made_it() -> None:
    read = Verdict("read", holds=True, told="the frame is read as that again")

    assert unless_made_otherwise(read, of_settings("ab" * 32, "cd" * 32)) == read


def test_a_picture_that_never_was_is_not_missing_and_one_that_the_event_names_is() -> None:
    never = of_picture("plate", None, None, frame=False)
    assert not never.holds
    assert not never.checked

    assert of_picture("plate", None, None, frame=True).broken
    assert of_picture("frame", a_stored_picture(), None, frame=True).broken
    assert of_picture("plate", a_stored_picture(), None, frame=False).broken


def test_what_has_no_frame_cannot_be_read_again_and_is_broken_only_where_it_names_one() -> None:
    assert of_no_frame(named=True).broken
    assert not of_no_frame(named=False).checked


def test_one_frame_that_is_read_otherwise_than_all_together_is_told_beside_what_they_gave() -> None:
    assert of_read(TEXT, [TEXT, "MH12AB1284"], frames=9) == Verdict(
        "read", holds=True, told=f"the frame is read as {TEXT} again"
    )
    assert of_read(TEXT, ["MH12AB1284", TEXT], frames=9) == Verdict(
        "read",
        holds=False,
        told=f"the frame alone is read as MH12AB1284, 9 frames together were read as {TEXT}",
    )
    assert of_read(TEXT, [], frames=9) == Verdict(
        "read", holds=False, told=f"the frame shows no plate where {TEXT} was read"
    )


def test_a_vote_of_other_reads_and_a_frame_that_none_of_them_is_of_are_told_apart() -> None:
    event = a_plate_event()

    assert of_vote(event, [TEXT], then=TEXT, voted="MH12AB1284") == Verdict(
        "read", holds=False, told=f"{event.reads} reads together have MH12AB1284, not {TEXT}"
    )
    assert of_vote(event, [TEXT], then=None, voted=TEXT) == Verdict(
        "read", holds=False, told="its frame is not among the reads"
    )


def test_reads_that_are_gone_or_were_changed_are_named_by_their_file() -> None:
    data = b"{}"
    reads = StoredReads(key="evidence/44/reads.json", sha256=hashlib.sha256(data).hexdigest())

    assert of_reads(reads, data).holds
    assert of_reads(reads, None).told == "evidence/44/reads.json is not in the store"
    assert of_reads(reads, data + b" ").told == "evidence/44/reads.json holds other bytes"
    assert of_reads(reads, None).broken
    assert of_reads(reads, data + b" ").broken
